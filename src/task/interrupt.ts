/** Interrupts the fiber that runs it. */
import { make, Op, type Task } from '../core/node.js'
import { interruptSelf } from '../runtime/interruption.js'

/** Interrupts the fiber that runs it. It does not return, also not within an uninterruptible region. */
export const interrupt: Task<never, never> = /* @__PURE__ */ make(Op.Park, interruptSelf)
