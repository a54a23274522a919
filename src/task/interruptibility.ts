/**
 * Masks: regions of a program within which interruption is delivered, or is not.
 *
 * Interruption is delivered only at checkpoints: where the fiber waits, where its budget is used up,
 * and where an uninterruptible region ends. The steps between two checkpoints are not interrupted.
 */
import { refuseFunction } from '../core/construct.js'
import { type FailedNode, type Frames, make, type Node, Op, type Task } from '../core/node.js'
import { left } from '../data/either.js'
import * as Reasons from '../data/reasons.js'
import { continuation, isPassedThrough, Passes, type StartOp } from '../runtime/continuation.js'
import { causeOf, deliver, failCauseNode, selfOf, taskFrom } from '../runtime/failure-nodes.js'
import { type FiberState, Flag, isOwnInterruption } from '../runtime/fiber-state.js'
import { countStep, countStepWithin, push } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { withLateResult } from '../runtime/late-result.js'

const enterMask: StartOp<Task<unknown, unknown>, boolean> = (fiber, node, frames, depth) => {
  const self = selfOf(node.b, 'Task.uninterruptible or interruptible')
  if (((fiber.flags & Flag.Masked) !== 0) === node.c) return countStep(self)
  pushMask(fiber, frames, depth)
  return fiber.isInterruptionDue ? deliver : countStep(self)
}

/** Toggles whether the fiber is masked, until the frame is left. */
function pushMask(fiber: FiberState, frames: Frames, depth: number): void {
  push(frames, depth, fiber.flags, leaveMask)
  fiber.flags ^= Flag.Masked
}

const leaveMask = /* @__PURE__ */ continuation(Passes.All, (fiber, frames, depth, flags: number, failure) => {
  giveBack(fiber, flags, Flag.Region)
  return leaveRegion(fiber, failure, frames, depth)
})

/**
 * Runs `self` so that no interruption is delivered within it. An interruption
 * that arrived in the meantime is delivered immediately after it.
 */
export const uninterruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Region, enterMask, self, true)

/** Runs `self` so that interruption is delivered within it, even inside an uninterruptible region. */
export const interruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Region, enterMask, self, false)

const enterMaskWith: StartOp<(restore: typeof interruptible) => unknown> = (fiber, node, frames, depth) => {
  const isMasked = (fiber.flags & Flag.Masked) !== 0
  if (!isMasked) pushMask(fiber, frames, depth)
  const region = node.b(isMasked ? uninterruptible : interruptible)
  // A function of the user has run. It counts against the
  // budget, because otherwise a loop of masks might never yield.
  return countStepWithin(taskFrom(region, 'Task.uninterruptibleMask'))
}

/**
 * Runs an uninterruptible region. Within it, `restore` restores
 * the interruptibility of the place where the mask is used.
 */
export const uninterruptibleMask = <E, A>(
  f: (restore: <E2, B>(task: Task<E2, B>) => Task<E2, B>) => Task<E, A>
): Task<E, A> =>
  typeof f === 'function' ? make(Op.Region, enterMaskWith, f) : refuseFunction('uninterruptibleMask', f)

/**
 * Called when a region has just been left, with `failure` or with success: a pending interruption
 * is delivered immediately after it. If only continuations follow that pass the result through
 * unchanged, the interruption is too late, and the fiber ends with that result. Returns the node
 * with which the fiber continues, or undefined if it continues with its success.
 */
export function leaveRegion(
  fiber: FiberState,
  failure: FailedNode | undefined,
  frames: Frames,
  depth: number
): Node | undefined {
  if (!fiber.isInterruptionDue) return failure
  if (failure === undefined) {
    if (isPassedThrough(Passes.Values, frames, depth)) return undefined
    fiber.markDelivered()
    return failCauseNode(fiber.interruption())
  }
  const cause = causeOf(failure)
  // This may be the interruption itself, which was delivered within the region and passed on.
  const isOwn = isOwnInterruption(fiber, cause)
  if (!isOwn && isPassedThrough(Passes.Failures, frames, depth)) return failure
  fiber.markDelivered()
  if (isOwn) return failure
  const rest = Reasons.apart(cause).filter(({ reasons: [reason] }) => reason._tag !== 'Fail')
  if (rest.length === cause.reasons.length) return failCauseNode(Reasons.combine(cause, fiber.interruption()))
  // From here on handlers of typed failures are skipped, and their types say that no
  // typed failure passes them. So the interruption contains the failure as a late result.
  const interruption = withLateResult(fiber, left(cause), frames, depth)
  return failCauseNode(Reasons.combineAll([...rest, interruption]) ?? interruption)
}
