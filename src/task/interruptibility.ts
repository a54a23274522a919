/**
 * Masks: regions of a program within which interruption is delivered, or is not.
 *
 * Interruption is delivered at checkpoints only: where the fiber waits, where its budget is used up, and
 * where an uninterruptible region ends. The steps between run on.
 */
import { refuseFunction } from '../core/construct.js'
import { make, type Node, Op, type Task } from '../core/node.js'
import { left } from '../data/either.js'
import * as Reasons from '../data/reasons.js'
import { type Continuation, isPassedThrough, passingThrough, type StartOp } from '../runtime/continuation.js'
import { causeOf, deliver, failCauseNode, selfOf, taskFrom } from '../runtime/failure-nodes.js'
import { type FiberState, Flag, isOwnInterruption } from '../runtime/fiber-state.js'
import { countStep, countStepWithin, type Frames, push } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { withLateResult } from '../runtime/late-result.js'

const enterMask: StartOp = (fiber, node, frames, depth) => {
  const self = selfOf(node.b, 'Task.uninterruptible or interruptible')
  if (((fiber.flags & Flag.Masked) !== 0) === node.c) return countStep(self)
  pushMask(fiber, frames, depth)
  return fiber.isInterruptionDue ? deliver : countStep(self)
}

/** Changes whether the fiber is masked, until the frame is left. */
function pushMask(fiber: FiberState, frames: Frames, depth: number): void {
  push(frames, depth, fiber.flags, leaveMask)
  fiber.flags ^= Flag.Masked
}

const leaveMask: Continuation = /* @__PURE__ */ passingThrough((fiber, frames, depth, flags, failure) => {
  giveBack(fiber, flags as number, Flag.Region)
  return leaveRegion(fiber, failure, frames, depth)
})

/** Masks the task: no interruption is delivered within it; a pending one is delivered right after it. */
export const uninterruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Region, enterMask, self, true)

/** Unmasks the task: interruption is delivered within it, also inside an uninterruptible region. */
export const interruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Region, enterMask, self, false)

const enterMaskWith: StartOp = (fiber, node, frames, depth) => {
  const isMasked = (fiber.flags & Flag.Masked) !== 0
  if (!isMasked) pushMask(fiber, frames, depth)
  const region = (node.b as (restore: unknown) => unknown)(isMasked ? uninterruptible : interruptible)
  // A function of the user's has run: that counts, else a loop of masks might never give way.
  return countStepWithin(taskFrom(region, 'Task.uninterruptibleMask'))
}

/**
 * Masks the task of `f`. `restore` gives a part of it the interruptibility of the place where the mask was
 * entered.
 */
export const uninterruptibleMask = <E, A>(
  f: (restore: <E2, B>(task: Task<E2, B>) => Task<E2, B>) => Task<E, A>
): Task<E, A> =>
  typeof f === 'function' ? make(Op.Region, enterMaskWith, f) : refuseFunction('uninterruptibleMask', f)

/**
 * A region has just been left, with `failure` or with success: a pending interruption is delivered as the
 * first thing after it. Where only continuations follow that pass the end through as it is, the interruption
 * came too late, and the fiber ends with it. Gives how it goes on, if not as it came.
 */
export function leaveRegion(
  fiber: FiberState,
  failure: Node | undefined,
  frames: Frames,
  depth: number
): Node | undefined {
  if (!fiber.isInterruptionDue) return failure
  if (failure === undefined) {
    if (isPassedThrough('values', frames, depth)) return undefined
    fiber.markDelivered()
    return failCauseNode(fiber.interruption())
  }
  const cause = causeOf(failure)
  // It may be the very interruption, seen within the region and passed on.
  const isOwn = isOwnInterruption(fiber, cause)
  if (!isOwn && isPassedThrough('failures', frames, depth)) return failure
  fiber.markDelivered()
  if (isOwn) return failure
  const rest = Reasons.apart(cause).filter(({ reasons: [reason] }) => reason._tag !== 'Fail')
  if (rest.length === cause.reasons.length) return failCauseNode(Reasons.combine(cause, fiber.interruption()))
  // Handlers of typed failures are passed from here on, and their types say that none comes through: the
  // interruption carries it.
  const interruption = withLateResult(fiber, left(cause), frames, depth)
  return failCauseNode(Reasons.combineAll([...rest, interruption]) ?? interruption)
}
