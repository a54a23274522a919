/**
 * Every tagged error of the library. Each states its fact and what to do, extends Error, and has its class name as `_tag`, so that
 * `Task.catchTag` picks it out of a union.
 */
import { type Cause, pretty } from './reasons.js'

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

/** The task was not done within `ms` milliseconds and has been stopped. */
export class TimeoutError extends Error {
  readonly _tag = 'TimeoutError' as const
  override readonly name = 'TimeoutError'
  constructor(readonly ms: number) {
    super(`not done within ${ms} ms`)
  }
}

/** What `runTask` rejects with where the task was interrupted. `cause` has who asked, and what was still given. */
export class InterruptedError extends Error {
  readonly _tag = 'InterruptedError' as const
  override readonly name = 'InterruptedError'
  override readonly cause: Cause<never>
  constructor(cause: Cause<never>) {
    super(`the task ${pretty(cause)}`)
    this.cause = cause
  }
}
