/**
 * Runs one time slice of a fiber and emits `fiberResumed` and `fiberSuspended`, so that the
 * run loop knows nothing of hooks.
 */
import { slice } from '../core/slice.js'
import type { LateBound } from '../data/late-bound.js'
import type { FiberState } from './fiber-state.js'
import { hookDispatcher } from './hooks.js'
import { runFiber } from './run-loop.js'

/**
 * Gives `fiber` its turn in its async context: runs it until it waits, yields or ends. Returns
 * whether it has used up its budget.
 */
export const runSlice = (fiber: FiberState): boolean =>
  fiber.context ? fiber.context.run(runObservedSlice, fiber) : runObservedSlice(fiber)

/**
 * Continues a turn after the run loop has returned in the middle of it. The code that changes the async
 * context of a fiber in the middle of a turn installs it (task/host-context).
 */
export const contextSwitch: LateBound<
  (fiber: FiberState, hasUsedUp: boolean, run: typeof runFiber) => boolean
> = { bound: undefined }

/**
 * Gives `fiber` its turn like `runSlice`, in an async context that has already been entered. Returns
 * whether it has used up its budget.
 */
export function runObservedSlice(fiber: FiberState): boolean {
  if (hookDispatcher.bound?.hasSliceHooks) hookDispatcher.bound.fiberResumed.emit(fiber.runtime, fiber)
  const { isOnStack } = slice
  slice.isOnStack = true
  try {
    const hasUsedUp = runFiber(fiber, fiber.runtime.yieldEvery)
    return contextSwitch.bound ? contextSwitch.bound(fiber, hasUsedUp, runFiber) : hasUsedUp
  } finally {
    slice.isOnStack = isOnStack
    // This also runs if a scheduler of the user has thrown, or if hooks were added in the middle of the turn.
    if (hookDispatcher.bound?.hasSliceHooks && !fiber.isDone)
      hookDispatcher.bound.fiberSuspended.emit(fiber.runtime, fiber)
  }
}
