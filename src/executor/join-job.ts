/**
 * How a call waits for its job: the job is a fiber of the executor's group, so that closing waits for it or interrupts it, and the
 * caller's interruption goes through to it and waits for its end.
 */
import { some } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { Fiber, Group } from '../index.js'
import * as Task from '../Task.js'

type AnyExit = Exit<unknown, unknown>

/** How the job ended, told by the fiber that ran it; its own failure is that it was interrupted. */
type Running = Task.Task<never, AnyExit>

export const closedError = (): ExecutorError =>
  new ExecutorError('Closed', 'the executor is closing or closed: it takes no new job')

export const stoppedError = (): ExecutorError =>
  new ExecutorError('Closed', 'the executor was closed, which interrupted the job')

/**
 * Runs `running` in `group` and ends as it says. Where the caller is interrupted, the job is, and its end is waited for; the
 * interruption then wins, and carries what the job still gave. Where the group was closed, that is an ExecutorError.
 */
export const joinJob = (group: Group<never>, running: Running, name: string): Task.Task<unknown, unknown> =>
  Task.uninterruptibleMask((restore) =>
    Task.flatMap((fiber: Fiber<never, AnyExit>) => {
      // Nothing but the caller's interruption ends this wait early.
      const stop = (interruption: Cause<unknown>): Task.Task<unknown, never> =>
        Task.flatMap((exit: FiberExit) => Task.failCause(carrying(interruption, exit)))(fiber.interrupt())
      return Task.flatMap(endOfJob)(Task.catchCause(stop)(restore(fiber.wait())))
    })(Task.mapError(closedError)(group.spawn(running, { name })))
  )

/** How a fiber ended that tells how a job did. */
export type FiberExit = Exit<never, AnyExit>

function endOfJob(exit: FiberExit): Task.Task<unknown, unknown> {
  if (exit._tag === 'Right') return Task.fromExit(exit.right)
  return Reasons.isInterruptedOnly(exit.left) ? Task.fail(stoppedError()) : Task.failCause(exit.left)
}

/** The caller's own interruption, with what the job still gave. */
export function carrying(interruption: Cause<unknown>, exit: FiberExit): Cause<unknown> {
  if (exit._tag === 'Left') {
    return Reasons.isInterruptedOnly(exit.left) ? interruption : Reasons.combine(interruption, exit.left)
  }
  const carry = (reason: Reason<unknown>): Reason<unknown> =>
    reason._tag === 'Interrupt' ? { ...reason, result: some(exit.right) } : reason
  const [first, ...others] = interruption.reasons
  return { reasons: [carry(first), ...others], trace: interruption.trace }
}
