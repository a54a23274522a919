/**
 * Runs one time slice of a fiber and emits fiberResumed and fiberSuspended; the run loop itself knows no
 * hooks.
 */
import type { FiberState } from './fiber-state.js'
import { hookDispatcher } from './hooks.js'
import { runFiber } from './run-loop.js'

/**
 * Gives `fiber` its turn, in its async context: runs it until it waits, gives way or ends. Whether it has
 * used up its budget.
 */
export const runSlice = (fiber: FiberState): boolean =>
  fiber.context ? fiber.context.run(runObservedSlice, fiber) : runObservedSlice(fiber)

/**
 * What follows a run of the loop that is not the end of the turn. It is set by what changes the async context
 * of a fiber in the middle of a turn, so that no other program holds its code.
 */
let goOnSwitching: ((fiber: FiberState, hasUsedUp: boolean, run: typeof runFiber) => boolean) | undefined

export const setGoOn = (next: typeof goOnSwitching): void => {
  goOnSwitching = next
}

/** Runs one time slice of `fiber`, whose async context has been entered. */
export function runObservedSlice(fiber: FiberState): boolean {
  if (hookDispatcher?.isToldOfTurns) hookDispatcher.fiberResumed.emit(fiber.runtime, fiber)
  try {
    const hasUsedUp = runFiber(fiber, fiber.runtime.yieldEvery)
    return goOnSwitching ? goOnSwitching(fiber, hasUsedUp, runFiber) : hasUsedUp
  } finally {
    // Also if a scheduler of the user threw, and if the hooks were added in the middle of the slice.
    if (hookDispatcher?.isToldOfTurns && !fiber.isDone)
      hookDispatcher.fiberSuspended.emit(fiber.runtime, fiber)
  }
}
