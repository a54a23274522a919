/** Failure nodes, handler selection and the "expected a Task" errors of the run loop. */

import { keepsErrors, Node, Op } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { diagnostics } from '../data/diagnostics.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { type FiberState, Flag } from './fiber-state.js'

export const failCauseNode = (cause: Cause<unknown>): Node =>
  new Node(Op.FailCause, cause, undefined, undefined)

export const dieNode = (defect: unknown): Node => failCauseNode(Reasons.die(defect))

/**
 * Gives nothing, and is no operation that counts: where something has come to its end, or only waits for its
 * turn.
 */
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

/** The node of `value`, to which an operation was applied; a failing node if it is not a Task. */
export function selfOf(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw expected(where, 'to stand behind a Task', value)
}

/** Whether every reason is a typed failure, and the fiber's own interruption has no part in it. */
export const isTyped = (fiber: FiberState, cause: Cause<unknown>): boolean =>
  (fiber.flags & (Flag.Delivered | Flag.Masked)) !== Flag.Delivered && Reasons.isFailureOnly(cause)

/**
 * Reports all reasons but the first of a failure that is handled, since the handler receives only the first.
 */
export function reportOthers(fiber: FiberState, cause: Cause<unknown>): void {
  const others = diagnostics.others(cause)
  if (others !== undefined) fiber.runtime.report(others, fiber)
}

/**
 * The failure that passes a handler of typed failures; undefined if the handler applies, which it does only
 * if every reason is a typed failure. Of several the first is handled, and the others are reported.
 *
 * The cause that passes stays whole. But the type of the handler says that the errors it handles are gone, so
 * typed failures that pass it are marked, and no `onFailure` of a group receives them.
 */
export function unhandled(fiber: FiberState, failure: Node, handler: Node): Node | undefined {
  if (failure.taskOp === Op.Fail) return undefined
  const cause = causeOf(failure)
  if (isTyped(fiber, cause)) {
    reportOthers(fiber, cause)
    return undefined
  }
  if (handler.c !== keepsErrors) diagnostics.pastHandler(cause, handler.c)
  return failure
}

/**
 * The error that a handler is given. Safe because a handler answers only for causes of which every reason is
 * a typed failure.
 */
export const firstError = (failure: Node): unknown =>
  failure.taskOp === Op.Fail ? failure.a : (causeOf(failure).reasons[0] as Reasons.Fail<unknown>).error
