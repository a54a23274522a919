/**
 * Every tagged error of the library. Each states its fact and what to do, extends Error, and has its class
 * name as `_tag`, so that `Task.catchTag` picks it out of a union.
 */

import { diagnostics } from './diagnostics.js'
import type { Cause } from './reasons.js'

/** The queue is closed: nothing goes in any more, and what was in it has been taken. */
export class QueueClosedError extends Error {
  readonly _tag = 'QueueClosedError' as const
  override readonly name = 'QueueClosedError'
  constructor(message = 'the queue is closed') {
    super(message)
  }
}

/** Nothing is in the queue now; `get` would wait for an item. */
export class QueueEmptyError extends Error {
  readonly _tag = 'QueueEmptyError' as const
  override readonly name = 'QueueEmptyError'
  constructor(message = 'the queue is empty: `get` waits for an item') {
    super(message)
  }
}

/** The queue has no room now; `put` would wait for some. */
export class QueueFullError extends Error {
  readonly _tag = 'QueueFullError' as const
  override readonly name = 'QueueFullError'
  constructor(message = 'the queue is full: `put` waits for room') {
    super(message)
  }
}

/** The group is closing or closed and takes nothing new. */
export class GroupClosedError extends Error {
  readonly _tag = 'GroupClosedError' as const
  override readonly name = 'GroupClosedError'
  constructor(message = 'the group is closing or closed and takes nothing new') {
    super(message)
  }
}

/** The task was timed out after `ms` milliseconds and has been stopped. */
export class TimeoutError extends Error {
  readonly _tag = 'TimeoutError' as const
  override readonly name = 'TimeoutError'
  constructor(readonly ms: number) {
    super(`timed out after ${ms} ms`)
  }
}

/**
 * `runTask` rejects with it if the task was interrupted. Its `cause` says which fiber interrupted it and
 * contains the late result.
 */
export class InterruptedError extends Error {
  readonly _tag = 'InterruptedError' as const
  override readonly name = 'InterruptedError'
  override readonly cause: Cause<never>
  constructor(cause: Cause<never>) {
    super(`the task ${diagnostics.pretty(cause)}`)
    this.cause = cause
  }
}

/** Why an executor could not bring a job to its end. */
export type ExecutorProblem =
  /** The package that it is built on is not installed. */
  | 'NotInstalled'
  /** The module of the jobs cannot be loaded, or the text of a function cannot be read. */
  | 'NotLoaded'
  /** There is no such job. */
  | 'NotExported'
  /** An argument, a result or an error is of a kind that cannot cross. */
  | 'NotCloneable'
  /** The thread, or the worker's process, ended in the middle of the job. */
  | 'Crashed'
  /** The thread ran out of memory in the middle of the job. */
  | 'OutOfMemory'
  /** The job did not end within its hard limit (`maxMs`). */
  | 'TimedOut'
  /** The executor is closing or closed, or closed before the job was over. */
  | 'Closed'
  /** As many jobs wait already as may, or the server of the queue has no memory left for another. */
  | 'Full'
  /** The payload is larger than may be sent. */
  | 'TooLarge'
  /** The server of the queue does not answer. */
  | 'Unreachable'
  /** The worker refused the job: it declares none of that name, or cannot read the payload. */
  | 'Refused'
  /** The queue does not know the job any more. */
  | 'Lost'

/**
 * A job did not come to an end of its own. `problem` says why, `cause` has what stood behind that, where
 * something did.
 */
export class ExecutorError extends Error {
  readonly _tag = 'ExecutorError' as const
  override readonly name = 'ExecutorError'
  constructor(
    readonly problem: ExecutorProblem,
    message: string,
    cause?: unknown
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}
