/** Turns, and who is told of them: the run loop itself knows nothing of listeners. */
import type { FiberState } from './fiber-state.js'
import { teller } from './hooks.js'
import { runFiber } from './run-loop.js'

/** Gives `fiber` its turn, in its async context: runs it until it waits, gives way or ends. Whether it has used up its budget. */
export const giveTurn = (fiber: FiberState): boolean =>
  fiber.context ? fiber.context.run(takeTurn, fiber) : takeTurn(fiber)

/**
 * What follows a run of the loop that is not the end of the turn. It is set by what changes the async context of a fiber in the middle
 * of a turn, so that no other program holds its code.
 */
let goOn: ((fiber: FiberState, hasUsedUp: boolean, run: typeof runFiber) => boolean) | undefined

export const setGoOn = (next: typeof goOn): void => {
  goOn = next
}

/** The same where its async context has been entered. */
export function takeTurn(fiber: FiberState): boolean {
  if (teller?.isToldOfTurns) teller.fiberResumed.tell(fiber.runtime, fiber)
  try {
    const hasUsedUp = runFiber(fiber, fiber.runtime.yieldEvery)
    return goOn ? goOn(fiber, hasUsedUp, runFiber) : hasUsedUp
  } finally {
    // Also where a scheduler of the user's has thrown, and where who listens came in the middle of the turn.
    if (teller?.isToldOfTurns && !fiber.isDone) teller.fiberSuspended.tell(fiber.runtime, fiber)
  }
}
