/**
 * Resets a fiber's interruption, and the signal that reports it, where a cleanup begins or where
 * the interruption is forgotten.
 */

import { make, Op, type Task } from '../core/node.js'
import { none, some } from '../data/either.js'
import { type AbortSignal, host } from '../data/host.js'
import { interruptWith } from '../data/reasons.js'
import { extraOf, type FiberState, Flag } from './fiber-state.js'

/** Returns the signal of `fiber`, which aborts when the fiber is interrupted. */
export function abortSignal(fiber: FiberState): AbortSignal {
  const extra = extraOf(fiber)
  if (extra.controller === undefined) {
    extra.controller = new host.AbortController()
    if ((fiber.flags & Flag.Delivery) === (Flag.Requested | Flag.Delivered)) fiber.abort()
  }
  return extra.controller.signal
}

/** Discards the fiber's signal: later calls of `abortSignal` return another one. */
export function renewSignal({ extra }: FiberState): void {
  if (extra !== undefined) extra.controller = undefined
}

/** Forgets an interruption that has had its effect: the fiber continues, and can be interrupted again. */
export function forgetInterruption(fiber: FiberState): void {
  fiber.flags &= ~(Flag.Requested | Flag.Delivered)
  renewSignal(fiber)
}

/**
 * Starts a masked cleanup. If the fiber is failing with its own interruption, records that the
 * cleanup belongs to that interruption.
 */
export function beginCleaningUp(fiber: FiberState): void {
  if ((fiber.flags & Flag.Delivered) !== 0) {
    fiber.flags = (fiber.flags & ~Flag.Delivered) | Flag.CleaningUp
    // The cleanup is not aborted: it gets a signal of its own.
    renewSignal(fiber)
  }
  fiber.flags |= Flag.Masked
}

/** Restores, from the saved `flags`, those flags that a cleanup or a region has changed. */
export const giveBack = (fiber: FiberState, flags: number, which: Flag.Saved | Flag.Region): void => {
  fiber.flags = (fiber.flags & ~which) | (flags & which)
}

/**
 * Interrupts `fiber`, which calls this function. The Task that it returns never succeeds, not even
 * within an uninterruptible region.
 */
export const interruptSelf = (fiber: FiberState): Task<unknown, never> => {
  fiber.requestInterruption(fiber.id)
  return fiber.isInterruptionDue ? make(Op.Deliver) : make(Op.FailCause, interruptWith(some(fiber.id), none))
}
