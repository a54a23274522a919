/**
 * Runs a part of a program in an async context of its own, for code of the host
 * that reads that context: an AsyncLocalStorage has one value per context.
 *
 * A context is entered by a call, but the fiber's turn already runs within
 * another context. So the run loop returns, and continues in the other
 * context with the rest of its budget: for the program it is still one turn.
 */

import { make, Node, Op, type Task } from '../core/node.js'
import { slice } from '../core/slice.js'
import { captureContext, type HostContext } from '../data/host-context.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { selfOf } from '../runtime/failure-nodes.js'
import { Flag, hostContextOf } from '../runtime/fiber-state.js'
import { push } from '../runtime/frames.js'
import { contextSwitch } from '../runtime/time-slice.js'

/** Calls `capture` in the desired context, or does not call it if that context is not available. */
type AroundCapture = (capture: () => void) => void

const enterWithin: StartOp<Task<unknown, unknown>, AroundCapture> = (fiber, node, frames, depth) => {
  const before = hostContextOf(fiber)
  let context: HostContext | undefined
  node.c(() => {
    context = captureContext()
  })
  const self = selfOf(node.b, 'a task in an async context')
  if (context === undefined) return self
  push(frames, depth, before, leaveWithin)
  return switching(context, self)
}

const leaveWithin = /* @__PURE__ */ continuation(
  Passes.All,
  (_fiber, _frames, _depth, before: HostContext | undefined, failure, value) =>
    switching(before, failure ?? new Node(Op.Succeed, value, undefined, undefined))
)

/** Returns a node after which the fiber continues with `next` in `context`. */
const switching = (context: HostContext | undefined, next: Node): Node =>
  new Node(Op.Region, enterSwitch, undefined, { context, next })

interface Switch {
  readonly context: HostContext | undefined
  readonly next: Node
}

const enterSwitch: StartOp<undefined, Switch> = (fiber, node) => {
  const { context, next } = node.c
  fiber.context = context
  fiber.current = next
  fiber.flags |= Flag.Switching
  return undefined
}

/** Runs the loop again each time the context has changed. */
const goOnInContext: NonNullable<typeof contextSwitch.bound> = (fiber, hasUsedUp, run) => {
  let isUsedUp = hasUsedUp
  while ((fiber.flags & Flag.Switching) !== 0) {
    fiber.flags &= ~Flag.Switching
    // SAFETY: the fiber has switched to a context.
    isUsedUp = (fiber.context as HostContext).run(run, fiber, slice.budget)
  }
  return isUsedUp
}

/**
 * Runs `self` in the async context in which `around` calls its
 * argument; if `around` does not call it, in the context of the fiber.
 */
export const inHostContext = <E, A>(around: AroundCapture, self: Task<E, A>): Task<E, A> => {
  contextSwitch.bound = goOnInContext
  return make(Op.Region, enterWithin, self, around)
}
