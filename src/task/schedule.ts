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
  /** Returns a number from 0 (included) to 1. */
  readonly random: () => number
}

/** The next try. */
export interface Next {
  /** Milliseconds to wait before it. */
  readonly pause: number
  /**
   * The greatest `elapsed` at which the next try may begin. The code that
   * runs the schedule checks it: only there is the whole pause known, because
   * other schedules may make it longer than the one that sets the limit.
   */
  readonly latest: number
}

/** Decides about the next try; undefined if there is none. */
type Decide<I> = (input: I, moment: Moment) => Next | undefined

const afterSchedule = (pause: number, latest = Number.POSITIVE_INFINITY): Next => ({ pause, latest })

/** When to try again: how many times at most, and after how long, given the result of the last try. */
export interface Schedule<in I> {
  /** Exists only in the type: there is no such property. */
  readonly _I: (i: I) => void
}

class ScheduleData<I> {
  constructor(readonly begin: () => Decide<I>) {}
}

/** Safe because only this function creates Schedules. */
const makeSchedule = <I>(begin: () => Decide<I>): Schedule<I> =>
  new ScheduleData(begin) as unknown as Schedule<I>

/** Returns undefined if `schedule` is a Schedule, or else the error. */
export const checkSchedule = (where: string, schedule: unknown): TypeError | undefined =>
  schedule instanceof ScheduleData ? undefined : expected(where, 'a Schedule', schedule)

/**
 * Starts the schedule with fresh state. Safe because every
 * function that takes a Schedule has checked that it is one.
 */
export const begin = <I>(schedule: Schedule<I>): Decide<I> => (schedule as unknown as ScheduleData<I>).begin()

const demand = (wrong: Error | undefined): void => {
  if (wrong !== undefined) throw wrong
}

/**
 * Allows `times` more tries after the first, without a pause.
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

/** Tries forever, with `ms` milliseconds between the end of one try and the start of the next. */
export function spaced(ms: number): Schedule<unknown> {
  demand(checkTime('Schedule.spaced', ms))
  const next = afterSchedule(ms)
  return makeSchedule(() => () => next)
}

/**
 * Tries forever. The pause before the second try is `baseMs` milliseconds; each later
 * pause is `factor` (2 if left out) times the previous one, at most `maxMs` milliseconds.
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
      // Capped, so that a program that retries for years does not reach infinity.
      next = Math.min(next * factor, Number.MAX_SAFE_INTEGER)
      return afterSchedule(pause)
    }
  })
}

/** Applies `change` to a Schedule. Throws if the argument is not one. */
const changing =
  (where: string, change: <I>(self: Schedule<I>) => Schedule<I>) =>
  <I>(self: Schedule<I>): Schedule<I> => {
    demand(checkSchedule(where, self))
    return change(self)
  }

/**
 * Makes each pause randomly longer or shorter by up to the fraction `fraction` (0.2
 * if left out), so that many clients that failed together do not retry together.
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
 * Starts no try later than `ms` milliseconds after the first one began. If the pause before the
 * next try would end later, there is no further try, and this is decided at once and not after
 * the pause. A try that began in time runs to its end. The limit applies to the whole pause, even
 * if `intersect` and `jittered` make it longer, before or after this function in the `pipe`.
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

/** Continues as long as both schedules do, and waits for the longer of the two pauses. */
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

/** Continues as long as `predicate` accepts the result of the last try. */
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
