/** A task that never ends. */
import { make, Op, type Task } from '../core/node.js'
import { SuspendedWait } from '../runtime/cancellation.js'
import type { FiberState } from '../runtime/fiber-state.js'

class ForEver extends SuspendedWait {
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

/** Never ends; can be interrupted. Keeps no timer and no handle of the host. */
export const never: Task<never, never> = /* @__PURE__ */ make(Op.Park, (fiber: FiberState) => {
  fiber.waiting = forEver
})
