/** A gate: shut, everybody waits; open, everybody passes. */

import { sync, unit } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { summary, waitingCount, withInspect } from '../data/to-string.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { OwnedWaitQueue, park, waitersIn, wakeAll } from '../runtime/wait-queue.js'

/**
 * Open or shut; `wait` passes while it is open. Who waited when it opened passes, also if it is shut again
 * before its turn.
 */
export class Latch {
  /** Nobody waits while it is true. */
  private passable: boolean
  private readonly waiters = new OwnedWaitQueue<undefined>('Latch.wait')

  static make(open = false): Task<never, Latch> {
    return sync(() => new Latch(open))
  }

  constructor(open = false) {
    this.passable = open
  }

  get isOpen(): boolean {
    return this.passable
  }

  /** Wakes all waiters, in order of arrival; later waits pass at once. */
  open(): void {
    this.passable = true
    wakeAll(this.waiters, unit)
  }

  /** Who comes from now on waits. */
  shut(): void {
    this.passable = false
  }

  /** Waits until the latch is open. Interrupting one waiter does not affect the others. */
  wait(): Task<never, void> {
    return make(Op.Park, Latch.look, this)
  }

  toJSON(): unknown {
    return { _tag: 'Latch', isOpen: this.passable, waiting: waitersIn(this.waiters).length }
  }

  toString(): string {
    const state = this.passable ? 'open' : 'shut'
    return latchText('Latch', undefined, state, waitingCount(waitersIn(this.waiters).length))
  }

  private static look(fiber: FiberState, latch: Latch): Task<unknown, unknown> | undefined {
    return latch.passable ? unit : park(latch.waiters, fiber, undefined)
  }
}

const latchText = /* @__PURE__ */ withInspect(Latch, summary)
