/**
 * The hard time limit of a job that runs in this thread.
 *
 * A job that reacts to interruption ends at its limit by `Task.timeout`. One that does not (a promise, an uninterruptible Task) would keep
 * its caller, its slot and the closing of its executor waiting, so it runs in a group of its own that can be left behind: after a grace
 * period the call ends without it.
 */
import { ExecutorError, type TimeoutError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Exits from '../data/exit.js'
import { nameOf } from '../data/quote.js'
import type { Cause } from '../data/reasons.js'
import { checkTime } from '../data/show.js'
import { type Fiber, Group, type GroupClosedError } from '../index.js'
import * as Task from '../Task.js'

type AnyExit = Exit<unknown, unknown>

/** The limits of a job, in ms. */
export interface Limits {
  /** How long the job may run. */
  readonly maxMs: number
  /** How long it may take to end once it has been interrupted. */
  readonly graceMs: number
}

/** How long an interrupted job may take to end where nothing is said about it, in ms. */
export const defaultGraceMs = 1000

/** The smaller of two limits, each of which may be missing. */
export const smallerLimit = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)

/** Undefined where both are missing or make sense, else the error that says so. */
export const checkLimits = (
  where: string,
  { maxMs, graceMs }: { readonly maxMs?: number; readonly graceMs?: number }
): RangeError | undefined =>
  (maxMs === undefined ? undefined : checkTime(`${where}, maxMs`, maxMs)) ??
  (graceMs === undefined ? undefined : checkTime(`${where}, graceMs`, graceMs))

/** The error of a job that was interrupted at its limit. `graceMs` where it did not end in its grace period either. */
export const timedOut = (name: string, maxMs: number, graceMs?: number): ExecutorError =>
  new ExecutorError(
    'TimedOut',
    graceMs === undefined
      ? `the job ${nameOf(name)} did not end within its limit of ${maxMs} ms, and was interrupted`
      : `the job ${nameOf(name)} did not end within its limit of ${maxMs} ms, nor within ${graceMs} ms of being interrupted: it was left behind and may still run`
  )

/** A failure of the job itself, which may be a TimeoutError as well. */
class JobFailure {
  constructor(readonly error: unknown) {}
}

/**
 * Interrupts `job` after `maxMs`. A value or an error that it still gives is its result, otherwise it fails with an ExecutorError
 * 'TimedOut', with what failed during cleanup behind it.
 */
export const interruptedAfter =
  (name: string, maxMs: number) =>
  (job: Task.Task<unknown, unknown>): Task.Task<unknown, unknown> =>
    Task.mapError((error: JobFailure | TimeoutError) =>
      error instanceof JobFailure ? error.error : timedOut(name, maxMs)
    )(Task.timeout(maxMs)(Task.mapError((error) => new JobFailure(error))(job)))

/** What is reported of a job for which nothing waits any more. */
const failedSince = (name: string, { reasons: [first] }: Cause<unknown>): Error =>
  new Error(`the job ${nameOf(name)}, which was left behind at its limit, has failed since`, {
    cause: first._tag === 'Fail' ? first.error : first._tag === 'Die' ? first.defect : undefined
  })

/**
 * Ends as `running` does, but no later than the limits allow: a job that has not ended then is left behind, and its exit is an
 * ExecutorError 'TimedOut'. An interruption is passed on to the job, and its end awaited. To be the last thing that a fiber does.
 */
export const leftBehindAfter = (
  name: string,
  limits: Limits,
  running: Task.Task<never, AnyExit>
): Task.Task<never, AnyExit> =>
  Task.uninterruptibleMask((restore) =>
    Task.flatMap(({ job, watch }: Watched) => {
      // Nothing but an interruption ends this wait early.
      const stop = Task.flatMap(() => watch.wait())(Task.sync(() => job.interruptNowait()))
      return Task.flatten(Task.map(endOf)(Task.catchCause(() => stop)(restore(watch.wait()))))
    })(watched(name, limits, running))
  )

interface Watched {
  readonly job: Fiber<never, AnyExit>
  /** Ends with the exit of the job, or leaves it behind. */
  readonly watch: Fiber<never, Exit<never, AnyExit>>
}

const endOf = (exit: Exit<never, Exit<never, AnyExit>>): Task.Task<never, AnyExit> =>
  exit._tag === 'Right' ? Task.fromExit(exit.right) : Task.failCause(exit.left)

const watched = (
  name: string,
  { maxMs, graceMs }: Limits,
  running: Task.Task<never, AnyExit>
): Task.Task<never, Watched> => {
  let isLeftBehind = false
  const leaveBehind = (_: TimeoutError): Task.Task<never, Exit<never, AnyExit>> =>
    Task.sync(() => {
      isLeftBehind = true
      return Exits.succeed(Exits.fail(timedOut(name, maxMs, graceMs)))
    })
  const whenOver = (exit: AnyExit): AnyExit => {
    if (isLeftBehind && exit._tag === 'Left' && !isTimeOut(exit.left)) throw failedSince(name, exit.left)
    return exit
  }
  const start = (group: Group<never>): Task.Task<GroupClosedError, Watched> =>
    Task.flatMap((job: Fiber<never, AnyExit>) =>
      Task.map((watch: Watched['watch']) => {
        // Closed once the job has ended, also if that is after it was left behind.
        group.close({ interrupt: false })
        return { job, watch }
      })(group.spawn(Task.orElse(leaveBehind)(Task.timeout(maxMs + graceMs)(job.wait())), { name: 'limit' }))
    )(group.spawn(Task.map(whenOver)(running), { name: nameOf(name) }))
  return Task.orDie(Task.flatMap(start)(Group.make({ name: `${nameOf(name)} (at most ${maxMs} ms)` })))
}

/** Whether there is no more in it than that the job was interrupted at its limit. */
const isTimeOut = ({ reasons }: Cause<unknown>): boolean =>
  reasons.every(
    (reason) =>
      reason._tag === 'Interrupt' ||
      (reason._tag === 'Fail' && reason.error instanceof ExecutorError && reason.error.problem === 'TimedOut')
  )
