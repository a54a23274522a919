/**
 * Every tagged error of the library. Each states its fact and what to do, extends Error, and has its class
 * name as `_tag`, so that `Task.catchTag` can select it from a union.
 */

import { prettyCause } from './diagnostics.js'
import type { Cause } from './reasons.js'

/** The queue is closed: it accepts no more items, and every item that was in it has been taken. */
export class QueueClosedError extends Error {
  readonly _tag = 'QueueClosedError' as const
  override readonly name = 'QueueClosedError'
  constructor(message = 'the queue is closed') {
    super(message)
  }
}

/** The queue is empty now; `get` would wait for an item. */
export class QueueEmptyError extends Error {
  readonly _tag = 'QueueEmptyError' as const
  override readonly name = 'QueueEmptyError'
  constructor(message = 'the queue is empty: `get` waits for an item') {
    super(message)
  }
}

/** The queue is full now; `put` would wait for room. */
export class QueueFullError extends Error {
  readonly _tag = 'QueueFullError' as const
  override readonly name = 'QueueFullError'
  constructor(message = 'the queue is full: `put` waits for room') {
    super(message)
  }
}

/** The group is closing or closed and accepts nothing new. */
export class GroupClosedError extends Error {
  readonly _tag = 'GroupClosedError' as const
  override readonly name = 'GroupClosedError'
  constructor(message = 'the group is closing or closed and takes nothing new') {
    super(message)
  }
}

/** The task timed out after `ms` milliseconds and has been stopped. */
export class TimeoutError extends Error {
  readonly _tag = 'TimeoutError' as const
  override readonly name = 'TimeoutError'
  constructor(readonly ms: number) {
    super(`timed out after ${ms} ms`)
  }
}

/**
 * The error that `runTask` rejects with if the task was interrupted. `cause` says which fiber requested the
 * interruption, and contains the late result if there is one.
 */
export class InterruptedError extends Error {
  readonly _tag = 'InterruptedError' as const
  override readonly name = 'InterruptedError'
  override readonly cause: Cause<never>
  constructor(cause: Cause<never>) {
    super(`the task ${prettyCause(cause)}`)
    this.cause = cause
  }
}

/** Why an executor could not finish a job. */
export type ExecutorProblem =
  /** The package that the executor is built on is not installed. */
  | 'NotInstalled'
  /** The module with the jobs cannot be loaded, or the source text of a function cannot be read. */
  | 'NotLoaded'
  /** The job does not exist. */
  | 'NotExported'
  /** An argument, a result or an error is of a kind that cannot be sent to or from the worker. */
  | 'NotCloneable'
  /** The thread, or the process of the worker, ended in the middle of the job. */
  | 'Crashed'
  /** The thread ran out of memory in the middle of the job. */
  | 'OutOfMemory'
  /** The job did not end within its hard limit (`maxMs`). */
  | 'TimedOut'
  /** The executor is closing or closed, or closed before the job was over. */
  | 'Closed'
  /**
   * The maximum number of jobs is already waiting, or the server of the queue has no memory for another one.
   */
  | 'Full'
  /** The payload exceeds the size limit. */
  | 'TooLarge'
  /** The server of the queue does not respond. */
  | 'Unreachable'
  /** The worker rejected the job: it declares no job of that name, or it cannot read the payload. */
  | 'Refused'
  /** The queue no longer knows the job. */
  | 'Lost'

/**
 * A job did not end by itself. `problem` says why; `cause` contains the underlying error, if there is one.
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
