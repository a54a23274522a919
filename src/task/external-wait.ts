/**
 * Waiting for what is not a fiber: a callback, a promise, a timer. Each may answer twice, at once, late or
 * never; each counts once.
 */

import { type Node, nodeOf, type Task } from '../core/node.js'
import { SuspendedWait } from '../runtime/cancellation.js'
import type { FiberState } from '../runtime/fiber-state.js'

export abstract class ExternalWait extends SuspendedWait {
  /** Whether it has been answered, or nobody wants an answer any more. */
  protected settled = false
  /** The answer, where it came while the work was being started. */
  protected early: Node | undefined = undefined

  constructor(protected readonly fiber: FiberState) {
    super()
  }

  /** The first answer counts. With `isAlone` nobody's code is on the stack but ours. */
  protected settle(answer: Task<unknown, unknown>, isAlone = false): void {
    this.settled = true
    const { fiber } = this
    if (fiber.waiting !== this) this.early = nodeOf(answer)
    else fiber.wake(answer, isAlone)
  }

  /** The work is under way: the answer that it gave already, or undefined, from where on the fiber waits. */
  protected begin(): Node | undefined {
    if (!this.settled) this.fiber.waiting = this
    return this.early
  }
}
