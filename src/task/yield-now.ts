/** Lets other fibers run first. */
import { make, Op, type Task } from '../core/node.js'

/** Yields: lets every other ready fiber, and the I/O of the event loop, run first. */
export const yieldNow: Task<never, void> = /* @__PURE__ */ make(Op.YieldNow)
