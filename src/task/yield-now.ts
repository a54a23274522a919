/** Lets other fibers go first. */
import { make, Op, type Task } from '../core/node.js'

/** Lets every other ready fiber, and the event loop's I/O, go first. */
export const yieldNow: Task<never, void> = /* @__PURE__ */ make(Op.YieldNow)
