/**
 * Failure nodes, handler selection and the "expected a Task" errors of the run
 * loop, kept out of the loop itself.
 */

import { type FailedNode, Node, Op } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { diagnostics } from '../data/diagnostics.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { type FiberState, Flag } from './fiber-state.js'

export const failCauseNode = (cause: Cause<unknown>): FailedNode =>
  new Node(Op.FailCause, cause, undefined, undefined)

export const dieNode = (defect: unknown): FailedNode => failCauseNode(Reasons.die(defect))

/**
 * Succeeds with undefined and does not count against the budget. Used where an operation has
 * ended, or only waits for its turn.
 */
export const nothing: Node = /* @__PURE__ */ new Node(Op.Succeed, undefined, undefined, undefined)

/** Delivers the pending interruption. */
export const deliver: Node = /* @__PURE__ */ new Node(Op.Deliver, undefined, undefined, undefined)

/** Returns the cause of a failing node. */
export const causeOf = (failure: FailedNode): Cause<unknown> =>
  failure.taskOp === Op.Fail ? Reasons.fail(failure.a) : failure.a

/** Returns `value`, the result of a user's function, as a node. Throws if it is not a Task. */
export function taskFrom(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw expected(where, 'a Task', value)
}

/** Returns `value`, the Task that an operation applies to, as a node. Throws if it is not a Task. */
export function selfOf(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw expected(where, 'to stand behind a Task', value)
}

/** Whether every reason is a typed failure, and the fiber's own interruption is not part of it. */
export const isTyped = (fiber: FiberState, cause: Cause<unknown>): boolean =>
  (fiber.flags & (Flag.Delivered | Flag.Masked)) !== Flag.Delivered && Reasons.isFailureOnly(cause)

/** Reports all reasons but the first of a failure that is handled, because no type contains them any more. */
export function reportOthers(fiber: FiberState, cause: Cause<unknown>): void {
  const others = diagnostics.bound?.others(cause)
  if (others !== undefined) fiber.runtime.report(others, fiber)
}

/**
 * Returns the error that a handler receives. Safe because a handler handles only causes in which
 * every reason is a typed failure.
 */
export const firstError = (failure: FailedNode): unknown =>
  failure.taskOp === Op.Fail ? failure.a : (causeOf(failure).reasons[0] as Reasons.Fail<unknown>).error
