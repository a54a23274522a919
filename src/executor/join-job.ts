/**
 * How a call waits for its job: the job is a fiber of the executor's group, so that closing waits for it or
 * interrupts it, and the caller's interruption goes through to it and waits for its end.
 */
import { pipe } from 'fp-ts/lib/function.js'
import { some } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { quoteName } from '../data/quote.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { Group } from '../index.js'
import * as Task from '../Task.js'
import { failWithLateResult } from '../task/fail-with-late-result.js'
import type { AnyExit } from './any-exit.js'

export const closedError = (): ExecutorError =>
  new ExecutorError('Closed', 'the executor is closing or closed: it takes no new job')

export const stoppedError = (): ExecutorError =>
  new ExecutorError('Closed', 'the executor was closed, which interrupted the job')

/**
 * Runs `running` in `group` and ends with the exit that it gives; it ends without one only where it is
 * interrupted. Where the caller is interrupted, the job is, and its end is waited for; the interruption then
 * wins, and carries what the job still gave. Where the group was closed, that is an ExecutorError.
 */
export const joinJob = (
  group: Group<never>,
  running: Task.Task<never, AnyExit>,
  name: string
): Task.Task<unknown, unknown> =>
  Task.uninterruptibleMask((restore) =>
    pipe(
      group.spawn(running, { name: quoteName(name) }),
      Task.mapError(closedError),
      Task.flatMap((fiber) => {
        const stop = (interruption: Cause<unknown>): Task.Task<never, Task.Task<unknown, never>> =>
          pipe(
            fiber.interrupt(),
            Task.map((exit) => interruptedWith(interruption, exit))
          )
        return pipe(
          restore(fiber.wait()),
          Task.map(continueWith(group)),
          // Nothing but the caller's interruption ends this wait early.
          Task.catchCause(stop),
          Task.flatten
        )
      })
    )
  )

/** Ends as the job did, of which a fiber of `group` gave the exit. */
const continueWith =
  (group: Group<never>) =>
  (exit: Exit<never, AnyExit>): Task.Task<unknown, unknown> => {
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
export function interruptedWith(
  interruption: Cause<unknown>,
  exit: Exit<never, AnyExit>
): Task.Task<unknown, never> {
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
