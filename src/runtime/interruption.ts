/**
 * The state of a fiber's interruption, and of its AbortSignal, while finalizers run and after the
 * interruption was absorbed.
 */

import { make, Op, type Task } from '../core/node.js'
import { none, some } from '../data/either.js'
import { type AbortSignal, host } from '../data/host.js'
import { interruptWith } from '../data/reasons.js'
import { extraOf, type FiberState, Flag } from './fiber-state.js'

/** Aborts when `fiber` is interrupted. */
export function abortSignal(fiber: FiberState): AbortSignal {
  const extra = extraOf(fiber)
  if (extra.controller === undefined) {
    extra.controller = new host.AbortController()
    if ((fiber.flags & Flag.Delivery) === (Flag.Requested | Flag.Delivered)) fiber.abort()
  }
  return extra.controller.signal
}

/** Who asks for its signal from now on gets another. */
export function renewSignal({ extra }: FiberState): void {
  if (extra !== undefined) extra.controller = undefined
}

/** The interruption that was asked for has had its effect: the fiber goes on, and may be asked again. */
export function forgetInterruption(fiber: FiberState): void {
  fiber.flags &= ~(Flag.Requested | Flag.Delivered)
  renewSignal(fiber)
}

/**
 * Enters a masked finalizer; if the fiber is being interrupted, records that this finalizer belongs to that
 * interruption.
 */
export function beginCleaningUp(fiber: FiberState): void {
  if ((fiber.flags & Flag.Delivered) !== 0) {
    fiber.flags = (fiber.flags & ~Flag.Delivered) | Flag.CleaningUp
    // What the clean-up does is not aborted: it gets a signal of its own.
    renewSignal(fiber)
  }
  fiber.flags |= Flag.Masked
}

/** Gives back those of its flags of before that a clean-up or a region has changed. */
export const giveBack = (fiber: FiberState, flags: number, which: Flag.Saved | Flag.Region): void => {
  fiber.flags = (fiber.flags & ~which) | (flags & which)
}

/**
 * Interrupts the fiber that runs it, which does not come back from it, also not within an uninterruptible
 * region.
 */
export const interruptSelf = (fiber: FiberState): Task<unknown, never> => {
  fiber.requestInterruption(fiber.id)
  return fiber.isInterruptionDue ? make(Op.Deliver) : make(Op.FailCause, interruptWith(some(fiber.id), none))
}
