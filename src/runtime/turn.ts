/** Turns, and who is told of them: the run loop itself knows nothing of listeners. */
import type { FiberState } from './fiber-state.js'
import { teller } from './hooks.js'
import { runFiber } from './run-loop.js'

/** Gives `fiber` its turn: runs it until it waits, gives way or ends. Whether it has used up its budget. */
export function giveTurn(fiber: FiberState): boolean {
  if (teller?.isToldOfTurns) teller.fiberResumed.tell(fiber.runtime, fiber)
  try {
    return runFiber(fiber)
  } finally {
    // Also where a scheduler of the user's has thrown, and where who listens came in the middle of the turn.
    if (teller?.isToldOfTurns && !fiber.isDone) teller.fiberSuspended.tell(fiber.runtime, fiber)
  }
}
