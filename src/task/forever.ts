/** Runs one task in an endless loop. */
import { make, type Node, nodeOf, Op, type Task } from '../core/node.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { selfOf } from '../runtime/failure-nodes.js'
import { push } from '../runtime/frames.js'

const enterForever: StartOp<Task<unknown, unknown>> = (_fiber, node, frames, depth) => {
  push(frames, depth, nodeOf(node), leaveForever)
  return selfOf(node.b, 'Task.forever')
}

/**
 * Returns the node of `forever` itself and not the task that it repeats, because
 * that task may begin with an operation that does not count against the budget.
 */
const leaveForever = /* @__PURE__ */ continuation(
  Passes.Nothing,
  (_fiber, _frames, _depth, node: Node, failure) => failure ?? node
)

/** Runs `self` again and again, until it fails or is interrupted. Uses constant memory. */
export const forever = <E, A>(self: Task<E, A>): Task<E, never> => make(Op.Enter, enterForever, self)
