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

/** There is no answer and nothing to undo, so one instance serves all fibers. */
const forEver = /* @__PURE__ */ new ForEver()

/** Waits forever. It can be interrupted. */
export const never: Task<never, never> = /* @__PURE__ */ make(Op.Park, (fiber: FiberState): undefined => {
  fiber.waiting = forEver
})
