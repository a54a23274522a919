/**
 * What a test that ran a task fails with: the error itself where it is one, so that the runner shows its
 * diff, and how to see it again.
 */

import { describeError } from '../data/describe.js'
import { InterruptedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'

/** The task of a test failed with something that is no Error. `cause` is what it failed with. */
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
 * A defect before a failure: an assertion that does not hold is a defect, and it is what the test is about.
 */
function testErrorOf(cause: Reasons.Cause<unknown>): Error {
  const defects = Reasons.defects(cause)
  const failures = Reasons.failures(cause)
  if (defects.length > 0) return thrown(defects[0])
  return failures.length > 0 ? failedWith(failures[0]) : new InterruptedError(Reasons.interrupt())
}

/** Errors that say how to see them again, as they were before: one error may fail several tests. */
const before = new WeakMap<Error, string>()

/**
 * The error, whose message says how to see it again; one whose message cannot be changed becomes the cause of
 * one that says so.
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
    // Frozen, or a getter.
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

/** What the test fails with; undefined where the task succeeded. */
export function testFailureOf(exit: Exit<unknown, unknown>, note: string): Error | undefined {
  if (exit._tag === 'Right') return undefined
  const reasons = exit.left.reasons.map(describeTestReason)
  const all = reasons.length > 1 ? `${reasons.join('\nthen, while cleaning up, ')}\n\n` : ''
  return withNote(testErrorOf(exit.left), `${all}${note}`)
}
