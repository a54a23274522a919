/**
 * Late-bound observation of acquisitions: the kit of tests looks whether groups have released in the end what
 * its program has acquired. No other program has an observer.
 */

import type { Task } from '../core/node.js'
import type { FiberState } from '../runtime/fiber-state.js'
import type { Scope } from './scope.js'

/** A resource that a group releases when it closes. */
export interface Acquired {
  readonly scope: Scope
  readonly resource: unknown
  readonly fiber: FiberState
  /** The task that gave it. */
  readonly acquire: Task<unknown, unknown>
  /** The names of the tasks in which it was acquired, innermost first. */
  readonly path: ReadonlyArray<string>
}

export let observer: ((acquired: Acquired) => void) | undefined

/**
 * `next` is called with each resource that a group acquires from now on, in the turn of the fiber that gets
 * it.
 */
export const observeAcquisitions = (next: (acquired: Acquired) => void): void => {
  observer = next
}
