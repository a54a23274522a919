/** A gate for fibers: they wait while it is shut, and pass while it is open. */

import { sync, unit } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { showAsText, summary, waitingCount } from '../data/to-string.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { OwnedWaitQueue, park, waitersIn, wakeAll } from '../runtime/wait-queue.js'

/**
 * A gate that is open or shut; `wait` passes while it is open. A fiber that waits when
 * the latch opens passes, even if the latch is shut again before the fiber has its turn.
 */
export class Latch {
  /** No fiber waits while it is true. */
  private passable: boolean
  private readonly waiters = new OwnedWaitQueue<undefined>('Latch.wait')

  static make(open = false): Task<never, Latch> {
    return sync(() => new Latch(open))
  }

  constructor(open = false) {
    this.passable = open
    showAsText(Latch.prototype)
  }

  get isOpen(): boolean {
    return this.passable
  }

  /**
   * Opens the latch: lets all waiting fibers pass, in order
   * of arrival, and all fibers that call `wait` from now on.
   */
  open(): void {
    this.passable = true
    wakeAll(this.waiters, unit)
  }

  /** Shuts the latch: fibers that call `wait` from now on have to wait. */
  shut(): void {
    this.passable = false
  }

  /** Waits until the latch is open. Interrupting a waiter does not affect the other waiters. */
  wait(): Task<never, void> {
    return make(Op.Park, Latch.look, this)
  }

  toJSON(): unknown {
    return { _tag: 'Latch', isOpen: this.passable, waiting: waitersIn(this.waiters).length }
  }

  toString(): string {
    const state = this.passable ? 'open' : 'shut'
    return summary('Latch', undefined, state, waitingCount(waitersIn(this.waiters).length))
  }

  private static look(fiber: FiberState, latch: Latch): Task<unknown, unknown> | undefined {
    return latch.passable ? unit : park(latch.waiters, fiber, undefined)
  }
}
