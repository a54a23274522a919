/**
 * Waits for something other than a fiber: a callback, a promise, a timer. Each of
 * these may answer twice, immediately, late or never; only the first answer counts.
 */

import { type Node, nodeOf, type Task } from '../core/node.js'
import { SuspendedWait } from '../runtime/cancellation.js'
import type { FiberState } from '../runtime/fiber-state.js'

export abstract class ExternalWait extends SuspendedWait {
  /** Whether there is an answer already, or an answer is no longer needed. */
  protected settled = false
  /** The answer, if it arrived while the work was being started. */
  protected early: Node | undefined = undefined

  constructor(protected fiber: FiberState) {
    super()
  }

  /**
   * Accepts the first answer. With `isAlone`, no code of the user
   * is on the stack, so that the fiber's turn may start at once.
   */
  protected settle(answer: Task<unknown, unknown>, isAlone = false): void {
    this.settled = true
    const { fiber } = this
    if (fiber.waiting !== this) this.early = nodeOf(answer)
    else fiber.wake(answer, isAlone)
  }

  /**
   * Called when the work has started. Returns the answer if there is
   * one already; otherwise suspends the fiber and returns undefined.
   */
  protected begin(): Node | undefined {
    if (!this.settled) this.fiber.waiting = this
    return this.early
  }
}
