/**
 * Cancels a suspended wait: removes it from its queue, runs its cleanup masked, then delivers the
 * interruption, with the late result if there is one. Every operation that can suspend imports this module.
 */

import { Node, Op, type Task } from '../core/node.js'
import { none } from '../data/either.js'
import * as Reasons from '../data/reasons.js'
import type { Continuation, StartOp } from './continuation.js'
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
    return cleanup === undefined ? deliver : new Node(Op.Region, enterDelivery, cleanup, this)
  }
}

/**
 * Fibers whose waits are being cancelled. A list in place of a recursion: a fiber that waits for children
 * cancels those, and so on down a tree of any depth.
 */
const toStop: Array<FiberState> = []

/** What is called once every fiber that is stopped in this step has left what it waited for. */
const afterwards: Array<() => void> = []

/**
 * Calls `signal`, which runs code of the user's, once every fiber that is stopped in this step has left what
 * it waited for: an interruption that this code asks for takes effect at once, and not after it.
 */
export function afterStopping(signal: () => void): void {
  if (toStop.length === 0) signal()
  else afterwards.push(signal)
}

function cancelWaits(): void {
  // The list is worked off from its front while it grows.
  let wrong: { readonly thrown: unknown } | undefined
  for (let index = 0; index < toStop.length; index++) {
    const fiber = toStop[index]
    if (fiber?.waiting === undefined) continue
    try {
      fiber.current = fiber.waiting.abandon(fiber)
      fiber.runtime.ready(fiber)
    } catch (thrown) {
      // A clock or a scheduler of the user's: the others are to be stopped all the same.
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

/** What its frame keeps of a clean-up that comes before an interruption. */
interface Delivery {
  readonly flags: number
  /** Whether the value of the clean-up is a `Stopped`. */
  readonly carries: boolean
}

/** The clean-up of an interrupted wait begins, out of reach of interruption. */
const enterDelivery: StartOp = (fiber, node, frames, depth) => {
  const delivery: Delivery = { flags: fiber.flags, carries: (node.c as Wait).carries === true }
  push(frames, depth, delivery, leaveDelivery)
  fiber.abort()
  fiber.flags |= Flag.Masked | Flag.CleaningUp
  renewSignal(fiber)
  return node.b as Node
}

/**
 * The clean-up has ended: now the interruption goes on, with what it carries and with what went wrong
 * meanwhile.
 */
export const leaveDelivery: Continuation = (fiber, frames, depth, kept, failure, value) => {
  const { flags, carries } = kept as Delivery
  giveBack(fiber, flags, Flag.Saved)
  fiber.flags |= Flag.Delivered
  const stopped = failure === undefined && carries ? (value as Stopped) : undefined
  const carried = stopped?.carried ?? none
  const interruption =
    carried._tag === 'None' ? fiber.interruption() : withLateResult(fiber, carried.value, frames, depth)
  const failedCleanup = failure === undefined ? stopped?.failedCleanups : causeOf(failure)
  return failCauseNode(
    failedCleanup === undefined ? interruption : Reasons.combine(interruption, failedCleanup)
  )
}

/** The fibers of its own for which it waits, or did until it was interrupted. */
export function branchOf(fiber: FiberState): Branch | undefined {
  if (fiber.waiting !== undefined) return fiber.waiting.branch
  return fiber.current?.a === enterDelivery ? (fiber.current.c as Wait).branch : undefined
}
