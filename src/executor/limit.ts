/**
 * The hard time limit of a job that runs in this thread, and how a job is left behind.
 *
 * A job that reacts to interruption ends at its limit by `Task.timeout`. One that does not (a promise, an
 * uninterruptible Task) would keep its caller, its slot and the closing of its executor waiting. So it runs
 * in a group of its own, and after a grace period they go on without it.
 */

import { pipe } from 'fp-ts/lib/function.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Exits from '../data/exit.js'
import { quoteName } from '../data/quote.js'
import type { Cause } from '../data/reasons.js'
import { Deferred, type Fiber, Group, type GroupClosedError } from '../index.js'
import * as Task from '../Task.js'
import type { AnyExit } from './any-exit.js'

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

/**
 * The error of a job that was interrupted at its limit. `graceMs` where it did not end in its grace period
 * either.
 */
const timedOut = (name: string, maxMs: number, graceMs?: number): ExecutorError =>
  new ExecutorError(
    'TimedOut',
    graceMs === undefined
      ? `the job ${quoteName(name)} did not end within its limit of ${maxMs} ms, and was interrupted`
      : `the job ${quoteName(name)} did not end within its limit of ${maxMs} ms, nor within ${graceMs} ms of being interrupted: it was left behind and may still run`
  )

/** A failure of the job itself, which may be a TimeoutError as well. */
class JobFailure {
  constructor(readonly error: unknown) {}
}

/**
 * Interrupts `job` after `maxMs`. A value or an error that it still gives is its result, otherwise it fails
 * with an ExecutorError 'TimedOut', with what failed during cleanup behind it.
 */
export const interruptedAfter =
  (name: string, maxMs: number) =>
  (job: Task.Task<unknown, unknown>): Task.Task<unknown, unknown> =>
    pipe(
      job,
      Task.mapError((error) => new JobFailure(error)),
      Task.timeout(maxMs),
      Task.mapError((error) => (error instanceof JobFailure ? error.error : timedOut(name, maxMs)))
    )

/**
 * One run of a job that can be left behind: whatever waits for it goes on, and it runs to its end in a group
 * of its own, for which nothing waits. What it fails with then is reported.
 */
export class LeavableJob {
  /** How the fiber of the job ended: with the exit of the job, or without one, by an interruption. */
  private readonly end = new Deferred<never, Exit<never, AnyExit>>()
  private isLeft = false

  constructor(private readonly name: string) {}

  /** Unless the job has ended, the wait for it ends with `exit` now. */
  leave(exit: Exit<never, AnyExit>): void {
    if (this.end.succeed(exit)) this.isLeft = true
  }

  /**
   * Ends as `running` does; with limits no later than they allow, with an ExecutorError 'TimedOut'. An
   * interruption is passed on to the job, and its end awaited. To be run once, as the last thing that a fiber
   * does.
   */
  run(running: Task.Task<never, AnyExit>, limits?: Limits): Task.Task<never, AnyExit> {
    return Task.uninterruptibleMask((restore) =>
      pipe(
        this.start(running, limits),
        Task.flatMap((job) => {
          const stop = pipe(
            Task.sync(() => job.interruptNowait()),
            Task.flatMap(() => this.end.wait())
          )
          return pipe(
            restore(this.end.wait()),
            // Nothing but an interruption ends this wait early.
            Task.catchCause(() => stop),
            Task.flatMap((exit) => Task.fromExit(exit))
          )
        })
      )
    )
  }

  private start(
    running: Task.Task<never, AnyExit>,
    limits: Limits | undefined
  ): Task.Task<never, Fiber<never, AnyExit>> {
    const name = quoteName(this.name)
    // Where the job was not left, its end is that of the call. What a handler throws is reported.
    const onFailure = ({ reasons: [first] }: Cause<never>): void => {
      if (this.isLeft && first._tag === 'Die') throw first.defect
    }
    return pipe(
      Group.make({ name: `${name} (on its own)`, onFailure }),
      Task.flatMap((group) =>
        pipe(
          this.startLimit(group, limits),
          Task.flatMap((timer) => group.spawn(this.watched(running, timer), { name })),
          Task.map((job) => {
            // The group closes once the job has ended, also if that is after it was left behind.
            group.close({ interrupt: false })
            return job
          })
        )
      ),
      Task.orDie
    )
  }

  /** Starts the fiber that leaves the job behind at its limit; none where it has no limit. */
  private startLimit(
    group: Group<never>,
    limits: Limits | undefined
  ): Task.Task<GroupClosedError, Fiber<never, void> | undefined> {
    if (limits === undefined) return Task.succeed(undefined)
    const { maxMs, graceMs } = limits
    const leaving = pipe(
      Task.sleep(maxMs + graceMs),
      Task.map(() => this.leave(Exits.succeed(Exits.fail(timedOut(this.name, maxMs, graceMs)))))
    )
    return group.spawn(leaving, { name: 'limit' })
  }

  private watched(
    running: Task.Task<never, AnyExit>,
    timer: Fiber<never, void> | undefined
  ): Task.Task<never, AnyExit> {
    const whenOver = (exit: Exit<never, AnyExit>): void => {
      timer?.interruptNowait()
      this.end.succeed(exit)
      if (!this.isLeft || exit._tag === 'Left' || exit.right._tag === 'Right') return
      if (!isTimeOut(exit.right.left)) throw lateFailure(this.name, exit.right.left)
    }
    return pipe(
      running,
      Task.onExit((exit) => Task.sync(() => whenOver(exit)))
    )
  }
}

/** What is reported of a job for which nothing waits any more. */
const lateFailure = (name: string, { reasons: [first] }: Cause<unknown>): Error =>
  new Error(`the job ${quoteName(name)}, which was left behind, has failed since`, {
    cause: first._tag === 'Fail' ? first.error : first._tag === 'Die' ? first.defect : undefined
  })

/** Whether there is no more in it than that the job was interrupted at its limit. */
const isTimeOut = ({ reasons }: Cause<unknown>): boolean =>
  reasons.every(
    (reason) =>
      reason._tag === 'Interrupt' ||
      (reason._tag === 'Fail' && reason.error instanceof ExecutorError && reason.error.problem === 'TimedOut')
  )
