/** Turns typed failures into defects. */
import { die } from '../core/construct.js'
import { type FailedNode, failedNodeOf, make, Op, type Task } from '../core/node.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { selfOf } from '../runtime/failure-nodes.js'
import { push } from '../runtime/frames.js'
import { mapFailures } from './map-error.js'

const enterOrDie: StartOp<Task<unknown, unknown>> = (_fiber, node, frames, depth) => {
  push(frames, depth, undefined, leaveOrDie)
  return selfOf(node.b, 'Task.mapError or orDie')
}

/**
 * Turns a typed failure into a defect, which no handler of typed failures in the fiber handles from here on.
 */
const leaveOrDie = /* @__PURE__ */ continuation(
  Passes.All,
  (_fiber, _frames, _depth, _kept, failure) => failure && mapFailures(failure, toDefect)
)

const toDefect = (error: unknown): FailedNode => failedNodeOf(die(error))

/** Turns each typed failure of `self` into a defect. */
export const orDie = <E, A>(self: Task<E, A>): Task<never, A> => make(Op.Enter, enterOrDie, self)
