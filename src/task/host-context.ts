/**
 * A part of a program in an async context of its own, for what the host's code finds there: an
 * AsyncLocalStorage has one value per context.
 *
 * A context is entered by a call, and the fiber's turn is within one already. So the run loop is left, and
 * goes on in the other context with what remains of its budget: to the program it is one turn.
 */

import { make, Node, Op, type Task } from '../core/node.js'
import { captureContext, type HostContext } from '../data/host-context.js'
import { type Continuation, passingThrough, type StartOp } from '../runtime/continuation.js'
import { selfOf } from '../runtime/failure-nodes.js'
import { Flag, hostContextOf } from '../runtime/fiber-state.js'
import { push, slice } from '../runtime/frames.js'
import { setGoOn } from '../runtime/time-slice.js'

/** Calls `capture` in the context that is wanted, or not at all where it can be had nowhere. */
type AroundCapture = (capture: () => void) => void

const enterWithin: StartOp = (fiber, node, frames, depth) => {
  const before = hostContextOf(fiber)
  let context: HostContext | undefined
  ;(node.c as AroundCapture)(() => {
    context = captureContext()
  })
  const self = selfOf(node.b, 'a task in an async context')
  if (context === undefined) return self
  push(frames, depth, before, leaveWithin)
  return switching(context, self)
}

const leaveWithin: Continuation = /* @__PURE__ */ passingThrough(
  (_fiber, _frames, _depth, before, failure, value) =>
    switching(before as HostContext, failure ?? new Node(Op.Succeed, value, undefined, undefined))
)

/** The fiber goes on with `next` in `context`. */
const switching = (context: HostContext, next: Node): Node =>
  new Node(Op.Region, enterSwitch, undefined, { context, next })

const enterSwitch: StartOp = (fiber, node) => {
  const { context, next } = node.c as { readonly context: HostContext; readonly next: Node }
  fiber.context = context
  fiber.current = next
  fiber.flags |= Flag.Switching
  return undefined
}

/** Runs the loop again, as many times as the context has changed. */
const goOnInContext: Parameters<typeof setGoOn>[0] = (fiber, hasUsedUp, run) => {
  let isUsedUp = hasUsedUp
  while ((fiber.flags & Flag.Switching) !== 0) {
    fiber.flags &= ~Flag.Switching
    // SAFETY: it has switched to one.
    isUsedUp = (fiber.context as HostContext).run(run, fiber, slice.budget)
  }
  return isUsedUp
}

const bindSwitching = (): (<E, A>(around: AroundCapture, self: Task<E, A>) => Task<E, A>) => {
  setGoOn(goOnInContext)
  return (around, self) => make(Op.Region, enterWithin, self, around)
}

/**
 * Runs `self` in the async context in which `around` calls its argument; in that of the fiber where it does
 * not call it.
 */
export const inHostContext: <E, A>(around: AroundCapture, self: Task<E, A>) => Task<E, A> =
  /* @__PURE__ */ bindSwitching()
