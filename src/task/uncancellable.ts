/**
 * Work that always runs to its end, even if an interruption is
 * requested in the meantime: the counterpart of hat.aio.uncancellable.
 */

import { make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import { type Continuation, continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { causeOf, failCauseNode, selfOf } from '../runtime/failure-nodes.js'
import { Flag } from '../runtime/fiber-state.js'
import { countStep, push } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { withLateResult } from '../runtime/late-result.js'

const enterUncancellable: StartOp<Task<unknown, unknown>, Continuation<number>> = (
  fiber,
  node,
  frames,
  depth
) => {
  push(frames, depth, fiber.flags, node.c)
  fiber.flags |= Flag.Uncancellable
  return countStep(selfOf(node.b, 'Task.uncancellable'))
}

/**
 * Forgets an interruption that was requested in the meantime. One
 * that was pending in a surrounding region belongs to that region.
 */
const leaveForgetting = /* @__PURE__ */ continuation(
  Passes.All,
  (fiber, _frames, _depth, before: number, failure) => {
    giveBack(fiber, before, Flag.Region)
    const isOwed = (before & Flag.Requested) !== 0 && (before & (Flag.Region | Flag.CleaningUp)) !== 0
    if (!isOwed) fiber.flags &= ~Flag.Requested
    return failure
  }
)

/** Delivers an interruption that was requested in the meantime, which takes precedence over the result. */
const leaveRaising = /* @__PURE__ */ continuation(
  Passes.Raised,
  (fiber, frames, depth, flags: number, failure, value) => {
    giveBack(fiber, flags, Flag.Region)
    if (!fiber.isInterruptionDue) return failure
    fiber.markDelivered()
    const result = failure === undefined ? right(value) : left(causeOf(failure))
    return failCauseNode(withLateResult(fiber, result, frames, depth))
  }
)

/**
 * Runs `self` to its end, even if an interruption is requested in the meantime
 * (hat.aio.uncancellable). With `raiseCancel` (the default) the interruption takes effect
 * right after it, even if nothing follows, and its `Interrupt` contains the result. With
 * `raiseCancel: false` the interruption is forgotten and the fiber continues with the result.
 */
export const uncancellable =
  (options?: { readonly raiseCancel?: boolean }) =>
  <E, A>(self: Task<E, A>): Task<E, A> =>
    make(Op.Region, enterUncancellable, self, options?.raiseCancel === false ? leaveForgetting : leaveRaising)
