/** Lets other fibers go first. */
import { make, Op, type Task } from '../core/node.js'

/**
 * Suspends the fiber until every other ready fiber and the pending I/O of the event loop have had their turn.
 */
export const yieldNow: Task<never, void> = /* @__PURE__ */ make(Op.YieldNow)
