/** Sets values that belong to a fiber: the implementation of FiberLocal. */
import { make, Op, type Task } from '../core/node.js'
import { type Continuation, passingThrough, type StartOp } from '../runtime/continuation.js'
import { selfOf } from '../runtime/failure-nodes.js'
import { extraOf, type Locals } from '../runtime/fiber-state.js'
import { countStep, push } from '../runtime/frames.js'

const enterLocals: StartOp = (fiber, node, frames, depth) => {
  const { key, value } = node.c as { readonly key: object; readonly value: unknown }
  push(frames, depth, fiber.extra?.locals, leaveLocals)
  extraOf(fiber).locals = new Map(fiber.extra?.locals).set(key, { value })
  return countStep(selfOf(node.b, 'FiberLocal.locally'))
}

const leaveLocals: Continuation = /* @__PURE__ */ passingThrough((fiber, _frames, _depth, locals) => {
  extraOf(fiber).locals = locals as Locals | undefined
  return undefined
})

/** Runs `self` with `key` set to `value`. */
export const withLocal = <E, A>(self: Task<E, A>, key: object, value: unknown): Task<E, A> =>
  make(Op.Region, enterLocals, self, { key, value })
