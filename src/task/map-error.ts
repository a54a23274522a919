/** Replaces typed errors, each by itself: what else a cause holds stays as it is. */
import { fail } from '../core/construct.js'
import { make, type Node, nodeOf, Op, type Task } from '../core/node.js'
import { insight } from '../data/describe.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { type Continuation, passingThrough, type StartOp } from '../runtime/continuation.js'
import { causeOf, failCauseNode, selfOf } from '../runtime/failure-nodes.js'
import { push } from '../runtime/frames.js'
import { fits, refuseArguments } from './checked.js'

const enterMapFailure: StartOp = (_fiber, node, frames, depth) => {
  push(frames, depth, node.c, leaveMapFailure)
  return selfOf(node.b, 'Task.mapError or orDie')
}

const leaveMapFailure: Continuation = /* @__PURE__ */ passingThrough(
  (_fiber, _frames, _depth, f, failure) => failure && mapFailures(failure, f as (error: unknown) => Node),
  'values'
)

/** What `f` throws takes the place of that one failure; its neighbours stay. */
function mapped(part: Cause<unknown>, f: (error: unknown) => Node): Cause<unknown> {
  const [reason] = part.reasons
  if (reason._tag !== 'Fail' || Reasons.isUntyped(reason)) return part
  let cause: Cause<unknown>
  try {
    cause = causeOf(f(reason.error))
  } catch (thrown) {
    cause = Reasons.die(thrown)
  }
  Reasons.takeMarks(reason, cause.reasons[0])
  insight.replaced?.(reason, cause.reasons[0])
  return { reasons: cause.reasons, trace: part.trace }
}

/** Each typed failure replaced by the reasons of the failing node that `f` makes of it. */
export function mapFailures(failure: Node, f: (error: unknown) => Node): Node {
  if (failure.taskOp === Op.Fail) return f(failure.a)
  const cause = causeOf(failure)
  if (Reasons.failures(cause).length === 0) return failure
  return failCauseNode(Reasons.combineAll(Reasons.apart(cause).map((part) => mapped(part, f))) ?? cause)
}

/** Transforms each typed failure with `f`. Defects and interruptions stay as they are. */
export const mapError =
  <E, E2>(f: (e: E) => E2) =>
  <A>(self: Task<E, A>): Task<E2, A> =>
    fits(self, f)
      ? make(Op.Enter, enterMapFailure, self, (e: E) => nodeOf(fail(f(e))))
      : refuseArguments('mapError', self, f)

/** Transforms typed failures with `f` and the value with `g`. */
export const mapBoth =
  <E, E2, A, B>(f: (e: E) => E2, g: (a: A) => B) =>
  (self: Task<E, A>): Task<E2, B> =>
    fits(self, f) && typeof g === 'function'
      ? make(Op.Map, mapError(f)(self), g)
      : refuseArguments('mapBoth', self, f, g)
