/**
 * Converts the exit of a tested Task into the error that fails the vitest test. An Error is thrown as it is,
 * so that the runner shows its diff, and its message explains how to reproduce the run.
 */

import { describeError } from '../data/describe.js'
import { InterruptedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'

/**
 * The Task of a test failed or died with a value that is not an Error, or with an Error whose message cannot
 * be changed. `cause` is that value.
 */
export class TaskFailedError extends Error {
  readonly _tag = 'TaskFailedError' as const
  override readonly name = 'TaskFailedError'
}

const failedWith = (error: unknown): Error =>
  error instanceof Error
    ? error
    : new TaskFailedError(`the task failed with ${describeError(error)}`, { cause: error })

const thrown = (defect: unknown): Error =>
  defect instanceof Error
    ? defect
    : new TaskFailedError(`the task died of ${describeError(defect)}`, { cause: defect })

/**
 * A defect takes precedence over a failure: a failed assertion is a defect, and it is what the test is about.
 */
function testErrorOf(cause: Reasons.Cause<unknown>): Error {
  const defects = Reasons.defects(cause)
  const failures = Reasons.failures(cause)
  if (defects.length > 0) return thrown(defects[0])
  return failures.length > 0 ? failedWith(failures[0]) : new InterruptedError(Reasons.interrupt())
}

/** The original messages of errors to which a note was added: one error may fail several tests. */
const before = new WeakMap<Error, string>()

/**
 * Appends `note` to the message of `error`. If the message cannot be changed, returns a TaskFailedError with
 * the note and `error` as its cause.
 */
function withNote(error: Error, note: string): Error {
  const message = before.get(error) ?? error.message
  const noted = `${message}\n\n${note}`
  try {
    error.message = noted
    if (error.message === noted) {
      before.set(error, message)
      return error
    }
  } catch {
    // The error is frozen, or its message is a getter.
  }
  return new TaskFailedError(`${error.name}: ${noted}`, { cause: error })
}

const failureSummary = (value: unknown): string =>
  value instanceof Error ? `${value.name}: ${value.message}` : describeError(value)

function describeTestReason(reason: Reasons.Reason<unknown>): string {
  switch (reason._tag) {
    case 'Fail':
      return `it failed: ${failureSummary(reason.error)}`
    case 'Die':
      return `it died of a defect: ${failureSummary(reason.defect)}`
    case 'Interrupt':
      return 'it was interrupted'
  }
}

/** Returns the error that fails the test, or undefined if the Task succeeded. */
export function testFailureOf(exit: Exit<unknown, unknown>, note: string): Error | undefined {
  if (exit._tag === 'Right') return undefined
  const reasons = exit.left.reasons.map(describeTestReason)
  const all = reasons.length > 1 ? `${reasons.join('\nthen, while cleaning up, ')}\n\n` : ''
  return withNote(testErrorOf(exit.left), `${all}${note}`)
}
