/**
 * Late-bound observation of acquisitions: the test kit checks whether groups have in the
 * end released everything that a program has acquired. No other program has an observer.
 */

import type { Task } from '../core/node.js'
import type { LateBound } from '../data/late-bound.js'
import type { FiberState } from '../runtime/fiber-state.js'
import type { Scope } from './scope.js'

/** A resource that a group releases when it closes. */
export interface Acquired {
  readonly scope: Scope
  readonly resource: unknown
  readonly fiber: FiberState
  /** The task that returned the resource. */
  readonly acquire: Task<unknown, unknown>
  /** The names of the tasks in which the resource was acquired, innermost first. */
  readonly path: ReadonlyArray<string>
}

/** Called with each resource that a group acquires, in the turn of the fiber that receives it. */
export const acquisitionObserver: LateBound<(acquired: Acquired) => void> = { bound: undefined }
