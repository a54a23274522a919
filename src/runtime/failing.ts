/**
 * What the run loop does when things go wrong, kept out of its sight: which handler answers for which cause, and words for who gave
 * no Task where one had to stand.
 */
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { expected } from '../data/show.js'
import { trouble } from '../data/trouble.js'
import { Node, Op } from '../task/task.js'
import { type FiberState, Flag } from './fiber-state.js'

export const failCauseNode = (cause: Cause<unknown>): Node =>
  new Node(Op.FailCause, cause, undefined, undefined)

export const dieNode = (defect: unknown): Node => failCauseNode(Reasons.die(defect))

/** Gives nothing, and is no operation that counts: where something has come to its end, or only waits for its turn. */
export const nothing: Node = /* @__PURE__ */ new Node(Op.Succeed, undefined, undefined, undefined)

/** The interruption that is due takes effect. */
export const deliver: Node = /* @__PURE__ */ new Node(Op.Deliver, undefined, undefined, undefined)

/** The cause of a failing node. */
export const causeOf = (failure: Node): Cause<unknown> =>
  failure.taskOp === Op.Fail ? Reasons.fail(failure.a) : (failure.a as Cause<unknown>)

/** `value`, which a user's function gave where it had to give a Task. */
export function taskFrom(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw expected(where, 'a Task', value)
}

/** What `value`, behind which an operation stands, is about. */
export function selfOf(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw expected(where, 'to stand behind a Task', value)
}

/**
 * Whether a handler of typed failures answers for `failure`: only where every reason is one. Of several the first is handled, and
 * the reporter hears of the others, since no type tells of them any more.
 */
export function isHandled(fiber: FiberState, failure: Node): boolean {
  if (failure.taskOp === Op.Fail) return true
  const cause = causeOf(failure)
  if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered || !Reasons.isFailureOnly(cause))
    return false
  const unseen = trouble.others(cause)
  if (unseen !== undefined) fiber.runtime.report(unseen, fiber)
  return true
}
