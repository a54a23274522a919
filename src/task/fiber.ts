/** What a task may do with the fiber that runs it. */

import { succeed } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import { make, Op, type Task } from '../core/node.js'
import type { AbortSignal } from '../data/host.js'
import { abortSignal, interruptSelf } from '../runtime/delivery.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { handOut } from '../runtime/live-fiber.js'
import { Waiting } from '../runtime/stopping.js'

/** Builds the task from the fiber that runs it. */
export const withFiber = <E, A>(f: (fiber: FiberState) => Task<E, A>): Task<E, A> => make(Op.Park, f)

class ForEver extends Waiting {
  get on(): string {
    return 'never'
  }

  get isEndless(): boolean {
    return true
  }

  cancel(): undefined {}
}

/** Nobody answers, and there is nothing to undo, so that one serves all. */
const forEver = /* @__PURE__ */ new ForEver()

/** Never ends; can be interrupted. */
export const never: Task<never, never> = /* @__PURE__ */ make(Op.Park, (fiber: FiberState) => {
  fiber.waiting = forEver
})

/** Interrupts the fiber that runs it, which does not come back from it, also not within an uninterruptible region. */
export const interrupt: Task<never, never> = /* @__PURE__ */ make(Op.Park, interruptSelf)

/** Lets every other ready fiber, and the event loop's I/O, go first. */
export const yieldNow: Task<never, void> = /* @__PURE__ */ make(Op.YieldNow)

/** The fiber that runs it. */
export const currentFiber: Task<never, Fiber<unknown, unknown>> = /* @__PURE__ */ withFiber((fiber) =>
  succeed(handOut(fiber))
)

/** Aborts when the running fiber is interrupted: for what takes an `AbortSignal` and is used over several steps. */
export const signal: Task<never, AbortSignal> = /* @__PURE__ */ withFiber((fiber) =>
  succeed(abortSignal(fiber))
)
