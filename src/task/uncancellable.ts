/** hat.aio.uncancellable: work that runs to its end in spite of interruptions. */

import { make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import { type Continuation, passingThrough, raising, type StartOp } from '../runtime/continuation.js'
import { causeOf, failCauseNode, selfOf } from '../runtime/failure-nodes.js'
import { Flag } from '../runtime/fiber-state.js'
import { countStep, push } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { withLateResult } from '../runtime/late-result.js'

const enterUncancellable: StartOp = (fiber, node, frames, depth) => {
  push(frames, depth, fiber.flags, node.c)
  fiber.flags |= Flag.Uncancellable
  return countStep(selfOf(node.b, 'Task.uncancellable'))
}

/**
 * The interruption that came meanwhile is forgotten. One that was pending in a region around it belongs to
 * that region.
 */
const leaveForgetting: Continuation = /* @__PURE__ */ passingThrough(
  (fiber, _frames, _depth, flags, failure) => {
    const before = flags as number
    giveBack(fiber, before, Flag.Region)
    const isOwed = (before & Flag.Requested) !== 0 && (before & (Flag.Region | Flag.CleaningUp)) !== 0
    if (!isOwed) fiber.flags &= ~Flag.Requested
    return failure
  }
)

/** The interruption that came meanwhile wins over what it gave. */
const leaveRaising: Continuation = /* @__PURE__ */ raising((fiber, frames, depth, flags, failure, value) => {
  giveBack(fiber, flags as number, Flag.Region)
  if (!fiber.isInterruptionDue) return failure
  fiber.markDelivered()
  const result = failure === undefined ? right(value) : left(causeOf(failure))
  return failCauseNode(withLateResult(fiber, result, frames, depth))
})

/**
 * hat.aio.uncancellable: runs `self` to its end through any number of interruptions. With `raiseCancel` (the
 * default) the interruption takes effect right after it, also if nothing follows, and its `Interrupt` carries
 * the result; without, the interruption is absorbed and the fiber continues with the result.
 */
export const uncancellable =
  (options?: { readonly raiseCancel?: boolean }) =>
  <E, A>(self: Task<E, A>): Task<E, A> =>
    make(Op.Region, enterUncancellable, self, options?.raiseCancel === false ? leaveForgetting : leaveRaising)
