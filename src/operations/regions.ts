/**
 * Where interruption may reach: regions of a program whose bounds change what is delivered within, and put it back.
 *
 * Interruption is delivered at checkpoints only: where the fiber waits, where its budget is out, and where an uninterruptible
 * region is left. Plain steps in between run on.
 */
import { left } from '../data/either.js'
import type { Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { carrying } from '../runtime/carried.js'
import { giveBack } from '../runtime/delivery.js'
import { causeOf, deliver, failCauseNode, selfOf, taskFrom } from '../runtime/failing.js'
import { extraOf, type FiberState, Flag, type Locals } from '../runtime/fiber-state.js'
import { counted, type Frames, push } from '../runtime/frames.js'
import { type Enter, handingOn, type Leave } from '../runtime/steps.js'
import { make, type Node, Op, type Task } from '../task/task.js'

const enterMask: Enter = (fiber, node, frames, depth) => {
  const self = selfOf(node.b, 'Task.uninterruptible or interruptible')
  if (((fiber.flags & Flag.Masked) !== 0) === node.c) return self
  pushMask(fiber, frames, depth)
  return fiber.isInterruptionDue ? deliver : self
}

/** Changes whether the fiber is masked, until the frame is left. */
function pushMask(fiber: FiberState, frames: Frames, depth: number): void {
  push(frames, depth, fiber.flags, leaveMask)
  fiber.flags ^= Flag.Masked
}

const leaveMask: Leave = /* @__PURE__ */ handingOn((fiber, frames, depth, flags, failure) => {
  giveBack(fiber, flags as number, Flag.Region)
  return leaveRegion(fiber, failure, frames, depth)
})

/** No interruption is delivered within; one that came meanwhile is delivered as the first thing after it. */
export const uninterruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Region, enterMask, self, true)

/** Interruption is delivered within, also where this stands in an uninterruptible region. */
export const interruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Region, enterMask, self, false)

const enterMaskWith: Enter = (fiber, node, frames, depth) => {
  const isMasked = (fiber.flags & Flag.Masked) !== 0
  if (!isMasked) pushMask(fiber, frames, depth)
  const region = (node.b as (restore: unknown) => unknown)(isMasked ? uninterruptible : interruptible)
  // A function of the user's has run: that counts, else a loop of masks might never give way.
  return counted(taskFrom(region, 'Task.uninterruptibleMask'))
}

/** An uninterruptible region whose `restore` gives back the interruptibility of the place where the mask stands. */
export const uninterruptibleMask = <E, A>(
  f: (restore: <E2, B>(task: Task<E2, B>) => Task<E2, B>) => Task<E, A>
): Task<E, A> => make(Op.Region, enterMaskWith, f)

const enterLocals: Enter = (fiber, node, frames, depth) => {
  const { key, value } = node.c as { readonly key: object; readonly value: unknown }
  push(frames, depth, fiber.extra?.locals, leaveLocals)
  extraOf(fiber).locals = new Map(fiber.extra?.locals).set(key, { value })
  return selfOf(node.b, 'FiberLocal.locally')
}

const leaveLocals: Leave = /* @__PURE__ */ handingOn((fiber, _frames, _depth, locals) => {
  extraOf(fiber).locals = locals as Locals | undefined
  return undefined
})

/** `key` has `value` within `self`. */
export const withLocal = <E, A>(self: Task<E, A>, key: object, value: unknown): Task<E, A> =>
  make(Op.Region, enterLocals, self, { key, value })

/** Whether nothing of the program comes after what has just ended: the frames below only put something back. */
function isLast(frames: Frames, depth: number): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    const code = frames[index]
    if (code !== leaveMask && code !== Op.Named && code !== leaveLocals) return false
  }
  return true
}

/**
 * A region has just been left, with `failure` or with success: a pending interruption is delivered as the first thing after it.
 * Where nothing comes after it in the fiber, the interruption came too late. Gives how it goes on, if not as it came.
 */
export function leaveRegion(
  fiber: FiberState,
  failure: Node | undefined,
  frames: Frames,
  depth: number
): Node | undefined {
  if (!fiber.isInterruptionDue || isLast(frames, depth)) return failure
  fiber.markDelivered()
  if (failure === undefined) return failCauseNode(fiber.interruption())
  const cause = causeOf(failure)
  // It may be the very interruption, seen within the region and passed on.
  if (cause.reasons.some((reason) => isOwn(fiber, reason))) return failure
  const rest = Reasons.apart(cause).filter(({ reasons: [reason] }) => reason._tag !== 'Fail')
  if (rest.length === cause.reasons.length) return failCauseNode(Reasons.combine(cause, fiber.interruption()))
  // Handlers of typed failures are passed from here on, and their types say that none comes through: the interruption carries it.
  const interruption = carrying(fiber, left(cause), frames, depth)
  return failCauseNode(Reasons.combineAll([...rest, interruption]) ?? interruption)
}

const isOwn = (fiber: FiberState, reason: Reason<unknown>): boolean =>
  reason._tag === 'Interrupt' && (reason.by._tag === 'Some' ? reason.by.value : 0) === fiber.interruptedBy
