/**
 * Cancels a suspended wait: removes it from its queue, runs its cleanup masked, then delivers the
 * interruption with the late result if there is one. Every operation that can wait needs this module.
 */

import { Node, nodeOf, Op, type Task } from '../core/node.js'
import { none } from '../data/either.js'
import * as Reasons from '../data/reasons.js'
import { type Continuation, continuation, Passes, type StartOp } from './continuation.js'
import { causeOf, deliver, failCauseNode } from './failure-nodes.js'
import { asFiber, type FiberState, Flag } from './fiber-state.js'
import { push } from './frames.js'
import { giveBack, renewSignal } from './interruption.js'
import { withLateResult } from './late-result.js'
import type { Branch, Parkable, Stopped, Wait } from './wait.js'

/** What a parked fiber waits for. */
export abstract class SuspendedWait implements Wait {
  abstract get on(): string

  abstract cancel(): Task<unknown, unknown> | undefined

  interrupt(fiber: Parkable): void {
    toStop.push(asFiber(fiber))
    if (toStop.length === 1) cancelWaits()
  }

  abandon(fiber: Parkable): Node {
    fiber.waiting = undefined
    const cleanup = this.cancel()
    return cleanup === undefined ? deliver : new Node(Op.Region, enterDelivery, nodeOf(cleanup), this)
  }
}

/**
 * Fibers whose waits are canceled in this step. A list instead of recursion: a fiber that waits for its own
 * fibers interrupts those, and so on, to any depth of the tree.
 */
const toStop: Array<FiberState> = []

/** Callbacks to run once every fiber that is interrupted in this step has left its wait. */
const afterwards: Array<() => void> = []

/**
 * Calls `signal`, which runs user code, once every fiber that is interrupted in this step has left its wait.
 * So an interruption that this code requests takes effect at once, and not after it.
 */
export function afterStopping(signal: () => void): void {
  if (toStop.length === 0) signal()
  else afterwards.push(signal)
}

function cancelWaits(): void {
  // The list grows while it is processed from the front.
  let wrong: { readonly thrown: unknown } | undefined
  for (let index = 0; index < toStop.length; index++) {
    const fiber = toStop[index]
    if (fiber?.waiting === undefined) continue
    try {
      fiber.current = fiber.waiting.abandon(fiber)
      fiber.runtime.ready(fiber)
    } catch (thrown) {
      // A clock or a scheduler of the user threw. The other fibers must be interrupted all the same.
      wrong ??= { thrown }
    }
  }
  toStop.length = 0
  for (const signal of afterwards.splice(0)) {
    try {
      signal()
    } catch (thrown) {
      wrong ??= { thrown }
    }
  }
  if (wrong !== undefined) throw wrong.thrown
}

/** The state that the frame of a cleanup before an interruption keeps. */
interface Delivery {
  readonly flags: number
  /** Whether the value of the cleanup is a `Stopped`. */
  readonly returnsStopped: boolean
}

/** Starts the cleanup of an interrupted wait, masked. */
const enterDelivery: StartOp<Node, Wait> = (fiber, node, frames, depth) => {
  const delivery: Delivery = { flags: fiber.flags, returnsStopped: node.c.returnsStopped === true }
  push(frames, depth, delivery, leaveDelivery)
  fiber.abort()
  fiber.flags |= Flag.Masked | Flag.CleaningUp
  renewSignal(fiber)
  return node.b
}

/**
 * Ends the cleanup of an interrupted wait and delivers the interruption, with the late result and with
 * what failed during the cleanup.
 */
export const leaveDelivery: Continuation<Delivery> = /* @__PURE__ */ continuation(
  Passes.Nothing,
  (fiber, frames, depth, { flags, returnsStopped }: Delivery, failure, value) => {
    giveBack(fiber, flags, Flag.Saved)
    fiber.flags |= Flag.Delivered
    const stopped = failure === undefined && returnsStopped ? (value as Stopped) : undefined
    const late = stopped?.lateResult ?? none
    const interruption =
      late._tag === 'None' ? fiber.interruption() : withLateResult(fiber, late.value, frames, depth)
    const failedCleanup = failure === undefined ? stopped?.failedCleanups : causeOf(failure)
    return failCauseNode(
      failedCleanup === undefined ? interruption : Reasons.combine(interruption, failedCleanup)
    )
  }
)

/** Returns the fiber's own fibers that it waits for, or waited for until it was interrupted. */
export function branchOf(fiber: FiberState): Branch | undefined {
  if (fiber.waiting !== undefined) return fiber.waiting.branch
  return fiber.current?.a === enterDelivery ? (fiber.current.c as Wait).branch : undefined
}
