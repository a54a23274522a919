/**
 * How a call waits for its job: the job is a fiber of the executor's group, so that closing waits for it or
 * interrupts it, and the caller's interruption goes through to it and waits for its end.
 */
import { some } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { quoteName } from '../data/quote.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { Fiber, Group } from '../index.js'
import * as Task from '../Task.js'
import { failWithLateResult } from '../task/fail-with-late-result.js'
import type { AnyExit } from './any-exit.js'

/** What a call goes on with. */
export type JobFiberEnd = Task.Task<unknown, unknown>

/** How the job ended, told by the fiber that ran it; its own failure is that it was interrupted. */
type Running = Task.Task<never, AnyExit>

export const closedError = (): ExecutorError =>
  new ExecutorError('Closed', 'the executor is closing or closed: it takes no new job')

export const stoppedError = (): ExecutorError =>
  new ExecutorError('Closed', 'the executor was closed, which interrupted the job')

/**
 * Runs `running` in `group` and ends as it says. Where the caller is interrupted, the job is, and its end is
 * waited for; the interruption then wins, and carries what the job still gave. Where the group was closed,
 * that is an ExecutorError.
 */
export const joinJob = (group: Group<never>, running: Running, name: string): Task.Task<unknown, unknown> =>
  Task.uninterruptibleMask((restore) =>
    Task.flatMap((fiber: Fiber<never, AnyExit>) => {
      // Nothing but the caller's interruption ends this wait early.
      const stop = (interruption: Cause<unknown>): Task.Task<never, JobFiberEnd> =>
        Task.map((exit: FiberExit) => interruptedWith(interruption, exit))(fiber.interrupt())
      return Task.flatten(Task.catchCause(stop)(Task.map(endOfJob(group))(restore(fiber.wait()))))
    })(Task.mapError(closedError)(group.spawn(running, { name: quoteName(name) })))
  )

/** How a fiber ended that tells how a job did. */
export type FiberExit = Exit<never, AnyExit>

const endOfJob =
  (group: Group<never>) =>
  (exit: FiberExit): Task.Task<unknown, unknown> => {
    if (exit._tag === 'Right') return Task.fromExit(exit.right)
    // In an open group a job has interrupted itself.
    return Reasons.isInterruptedOnly(exit.left) && !group.isOpen
      ? Task.fail(stoppedError())
      : Task.failCause(exit.left)
  }

/**
 * Fails with the caller's own interruption, with what the job still gave. To be run where the call has
 * nothing more to do with that.
 */
export function interruptedWith(interruption: Cause<unknown>, exit: FiberExit): Task.Task<unknown, never> {
  if (exit._tag === 'Right') return failWithLateResult(withResult(interruption, exit.right), exit.right)
  return Task.failCause(
    Reasons.isInterruptedOnly(exit.left) ? interruption : Reasons.combine(interruption, exit.left)
  )
}

function withResult(interruption: Cause<unknown>, result: AnyExit): Cause<unknown> {
  const carry = (reason: Reason<unknown>): Reason<unknown> =>
    reason._tag === 'Interrupt' ? { ...reason, result: some(result) } : reason
  const [first, ...others] = interruption.reasons
  return { reasons: [carry(first), ...others], trace: interruption.trace }
}
