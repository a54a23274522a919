/** Interrupts the fiber that runs the task. */
import { make, Op, type Task } from '../core/node.js'
import { interruptSelf } from '../runtime/interruption.js'

/**
 * Interrupts the fiber that runs this Task. The Task never
 * succeeds, not even within an uninterruptible region.
 */
export const interrupt: Task<never, never> = /* @__PURE__ */ make(Op.Park, interruptSelf)
