/** Sets values that belong to a fiber: the implementation of FiberLocal. */
import { make, Op, type Task } from '../core/node.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { selfOf } from '../runtime/failure-nodes.js'
import { extraOf, type Locals } from '../runtime/fiber-state.js'
import { countStep, push } from '../runtime/frames.js'

interface Local {
  readonly key: object
  readonly value: unknown
}

const enterLocals: StartOp<Task<unknown, unknown>, Local> = (fiber, node, frames, depth) => {
  const { key, value } = node.c
  push(frames, depth, fiber.extra?.locals, leaveLocals)
  extraOf(fiber).locals = new Map(fiber.extra?.locals).set(key, { value })
  return countStep(selfOf(node.b, 'FiberLocal.locally'))
}

const leaveLocals = /* @__PURE__ */ continuation(
  Passes.All,
  (fiber, _frames, _depth, locals: Locals | undefined) => {
    extraOf(fiber).locals = locals
    return undefined
  }
)

/** Runs `self` with `key` set to `value`. */
export const withLocal = <E, A>(self: Task<E, A>, key: object, value: unknown): Task<E, A> =>
  make(Op.Region, enterLocals, self, { key, value })
