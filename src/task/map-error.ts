/** Replaces typed errors, each one separately: the other reasons of a cause remain unchanged. */
import { fail } from '../core/construct.js'
import { type FailedNode, failedNodeOf, make, Op, type Task } from '../core/node.js'
import { failureDetails } from '../data/describe.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { causeOf, failCauseNode, selfOf } from '../runtime/failure-nodes.js'
import { push } from '../runtime/frames.js'
import { fits, refuseArguments } from './checked.js'

type MapFailure = (error: unknown) => FailedNode

const enterMapFailure: StartOp<Task<unknown, unknown>, MapFailure> = (_fiber, node, frames, depth) => {
  push(frames, depth, node.c, leaveMapFailure)
  return selfOf(node.b, 'Task.mapError or orDie')
}

const leaveMapFailure = /* @__PURE__ */ continuation(
  Passes.Values,
  (_fiber, _frames, _depth, f: MapFailure, failure) => failure && mapFailures(failure, f)
)

/** Replaces one typed failure by the result of `f`, or by a defect if `f` throws; its neighbors remain. */
function mapped(part: Cause<unknown>, f: MapFailure): Cause<unknown> {
  const [reason] = part.reasons
  if (reason._tag !== 'Fail' || Reasons.isUntyped(reason)) return part
  let cause: Cause<unknown>
  try {
    cause = causeOf(f(reason.error))
  } catch (thrown) {
    cause = Reasons.die(thrown)
  }
  Reasons.takeMarks(reason, cause.reasons[0])
  failureDetails.bound?.replaced?.(reason, cause.reasons[0])
  return { reasons: cause.reasons, trace: part.trace }
}

/** Replaces each typed failure by the reasons of the failing node that `f` returns for it. */
export function mapFailures(failure: FailedNode, f: MapFailure): FailedNode {
  if (failure.taskOp === Op.Fail) return f(failure.a)
  const cause = causeOf(failure)
  if (Reasons.failures(cause).length === 0) return failure
  return failCauseNode(Reasons.combineAll(Reasons.apart(cause).map((part) => mapped(part, f))) ?? cause)
}

/** Replaces each typed failure by the error that `f` returns for it. An exception in `f` is a defect. */
export const mapError =
  <E, E2>(f: (e: E) => E2) =>
  <A>(self: Task<E, A>): Task<E2, A> =>
    fits(self, f)
      ? make(Op.Enter, enterMapFailure, self, (e: E) => failedNodeOf(fail(f(e))))
      : refuseArguments('mapError', self, f)

/**
 * Replaces each typed failure by the result of `f`, and the value by
 * the result of `g`. An exception in either function is a defect.
 */
export const mapBoth =
  <E, E2, A, B>(f: (e: E) => E2, g: (a: A) => B) =>
  (self: Task<E, A>): Task<E2, B> =>
    fits(self, f) && typeof g === 'function'
      ? make(Op.Map, mapError(f)(self), g)
      : refuseArguments('mapBoth', self, f, g)
