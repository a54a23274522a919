/**
 * Schedules: when to run a task again. A schedule is data: `begin` makes a fresh counter, which says for each
 * result how long to pause before the next run, or that there is none. It uses no clock and no random numbers
 * of its own: both are passed in, so that tests control them.
 */
import { checkCount, checkFunction, checkTime, describeValue, expected } from '../data/check-input.js'

/** What a schedule may look at when it decides. */
interface Moment {
  /** Milliseconds since the first try began. */
  readonly elapsed: number
  /** From 0 (included) to 1. */
  readonly random: () => number
}

/** The next try. */
export interface Next {
  /** Milliseconds to wait before it. */
  readonly pause: number
  /**
   * The latest `elapsed` at which the next run may begin. The code that runs the schedule checks it, since
   * only that knows the whole pause, which other schedules may lengthen.
   */
  readonly latest: number
}

/** Undefined where there is no further try. */
type Decide<I> = (input: I, moment: Moment) => Next | undefined

const afterSchedule = (pause: number, latest = Number.POSITIVE_INFINITY): Next => ({ pause, latest })

/** When to try again: at most how often, and after how long, given what came out last. */
export interface Schedule<in I> {
  /** Only a type: there is no such property. */
  readonly _I: (i: I) => void
}

class ScheduleData<I> {
  constructor(readonly begin: () => Decide<I>) {}
}

/** Safe because every Schedule is made by this function alone. */
const makeSchedule = <I>(begin: () => Decide<I>): Schedule<I> =>
  new ScheduleData(begin) as unknown as Schedule<I>

/** Undefined where it is a Schedule, else the error that says so. */
export const checkSchedule = (where: string, schedule: unknown): TypeError | undefined =>
  schedule instanceof ScheduleData ? undefined : expected(where, 'a Schedule', schedule)

/** A fresh run of the schedule. Safe because whatever takes a Schedule has checked that it is one. */
export const begin = <I>(schedule: Schedule<I>): Decide<I> => (schedule as unknown as ScheduleData<I>).begin()

const demand = (wrong: Error | undefined): void => {
  if (wrong !== undefined) throw wrong
}

/**
 * `times` more tries after the first, without a pause.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Schedule, Task } from 'aio-ts'
 *
 * let tries = 0
 * const flaky = Task.suspend(() => (++tries < 3 ? Task.fail('busy') : Task.succeed(tries)))
 * console.log(await runTask(pipe(flaky, Task.retry(Schedule.recurs(5))))) // => { _tag: 'Right', right: 3 }
 * ```
 */
export function recurs(times: number): Schedule<unknown> {
  demand(checkCount('Schedule.recurs', 'a number of times', 0, times))
  return makeSchedule(() => {
    let done = 0
    const next = afterSchedule(0)
    return () => (done++ < times ? next : undefined)
  })
}

/** For ever, `ms` milliseconds between the end of one try and the next. */
export function spaced(ms: number): Schedule<unknown> {
  demand(checkTime('Schedule.spaced', ms))
  const next = afterSchedule(ms)
  return makeSchedule(() => () => next)
}

/**
 * For ever, `baseMs` milliseconds before the second try, then each pause `factor` (2) times the last, at most
 * `maxMs`.
 */
export function exponential(
  baseMs: number,
  options?: { readonly factor?: number; readonly maxMs?: number }
): Schedule<unknown> {
  const { factor = 2, maxMs = Number.MAX_SAFE_INTEGER } = options ?? {}
  demand(checkTime('Schedule.exponential', baseMs))
  demand(checkTime('Schedule.exponential maxMs', maxMs))
  if (typeof factor !== 'number' || !(factor > 0 && factor < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `Schedule.exponential: expected a finite factor above 0, got ${describeValue(factor)}`
    )
  }
  return makeSchedule(() => {
    let next = baseMs
    return () => {
      const pause = Math.min(next, maxMs)
      // Capped, so that a program that retries for years never gets to infinity.
      next = Math.min(next * factor, Number.MAX_SAFE_INTEGER)
      return afterSchedule(pause)
    }
  })
}

/** Applies `change` to a Schedule; throws a TypeError if it is not one. */
const changing =
  (where: string, change: <I>(self: Schedule<I>) => Schedule<I>) =>
  <I>(self: Schedule<I>): Schedule<I> => {
    demand(checkSchedule(where, self))
    return change(self)
  }

/**
 * Makes each pause up to `fraction` (default 0.2) longer or shorter at random, so that many tasks that failed
 * together do not retry together.
 */
export function jittered(fraction = 0.2): <I>(self: Schedule<I>) => Schedule<I> {
  if (typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1)) {
    throw new RangeError(`Schedule.jittered: expected a fraction from 0 to 1, got ${describeValue(fraction)}`)
  }
  return changing('Schedule.jittered', <I>(self: Schedule<I>) =>
    makeSchedule<I>(() => {
      const decide = begin(self)
      return (input, moment) => {
        const next = decide(input, moment)
        if (next === undefined) return undefined
        const factor = 1 + fraction * (2 * moment.random() - 1)
        return afterSchedule(Math.min(next.pause * factor, Number.MAX_SAFE_INTEGER), next.latest)
      }
    })
  )
}

/**
 * No try begins later than `ms` milliseconds after the first one began: where the pause before the next one
 * would end later, there is no further try, and that is so at once and not after the pause. A try that began
 * in time runs to its end. Holds for the whole pause, however `intersect` and `jittered` make it longer,
 * before or after this in the `pipe`.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { Schedule, Task } from 'aio-ts'
 * import { runTest } from 'aio-ts/testing'
 *
 * const tries = pipe(Task.fail('busy'), Task.retry(pipe(Schedule.spaced(600), Schedule.upTo(1000))), Task.either)
 * // Tries begin at 0 and 600; the next one would begin at 1,200.
 * console.log((await runTest(tries)).elapsed) // => 600
 * ```
 */
export function upTo(ms: number): <I>(self: Schedule<I>) => Schedule<I> {
  demand(checkTime('Schedule.upTo', ms))
  return changing('Schedule.upTo', <I>(self: Schedule<I>) =>
    makeSchedule<I>(() => {
      const decide = begin(self)
      return (input, moment) => {
        const next = moment.elapsed < ms ? decide(input, moment) : undefined
        return next && afterSchedule(next.pause, Math.min(next.latest, ms))
      }
    })
  )
}

/** Goes on while both do; waits for the longer. */
export const intersect =
  <J>(that: Schedule<J>) =>
  <I>(self: Schedule<I>): Schedule<I & J> => {
    for (const schedule of [that, self]) demand(checkSchedule('Schedule.intersect', schedule))
    return makeSchedule<I & J>(() => {
      const one = begin(self)
      const other = begin(that)
      return (input, moment) => {
        const first = one(input, moment)
        const second = other(input, moment)
        if (first === undefined || second === undefined) return undefined
        return afterSchedule(Math.max(first.pause, second.pause), Math.min(first.latest, second.latest))
      }
    })
  }

/** Goes on while `predicate` holds of what came out. */
export function whileInput<I>(predicate: (i: I) => boolean): (self: Schedule<I>) => Schedule<I> {
  demand(checkFunction('Schedule.whileInput', 'a predicate', predicate))
  return (self) => {
    demand(checkSchedule('Schedule.whileInput', self))
    return makeSchedule<I>(() => {
      const decide = begin(self)
      return (input, moment) => (predicate(input) ? decide(input, moment) : undefined)
    })
  }
}
