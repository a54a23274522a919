/**
 * Results that an interruption carries: what the interrupted wait had still given, and whether the fiber would itself have ended with
 * that.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { FiberState } from './fiber-state.js'
import type { Frames } from './frames.js'
import { isHandedOn } from './steps.js'

/** Results that interruptions carry, with the fiber that was interrupted and that would itself have ended with them. */
const wholes: WeakMap<Exit<unknown, unknown>, FiberState> = /* @__PURE__ */ new WeakMap()

/** Results with which more would have been done in the fiber that gave them. */
const parts: WeakSet<Exit<unknown, unknown>> = /* @__PURE__ */ new WeakSet()

/** The fiber's own interruption will carry `result`, which it had still been given when `depth` places of `frames` were to come. */
export function noteCarried(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): void {
  const kind = result._tag === 'Right' ? 'values' : 'failures'
  if (!parts.has(result) && isHandedOn(kind, frames, depth)) wholes.set(result, fiber)
  else parts.add(result)
}

/** The fiber's own interruption, with what it had still been given when `depth` places of `frames` were to come. */
export function carrying(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): Cause<never> {
  noteCarried(fiber, result, frames, depth)
  return fiber.interruption(some(result))
}

/** Whether `fiber`, which ended with an interruption that carries `result`, would itself have ended with that. */
export const isWhole = (fiber: FiberState, result: Exit<unknown, unknown>): boolean =>
  wholes.get(result) === fiber && !parts.has(result)

/**
 * What `fiber`, which ended as `exit` says, gave: that, or where it is nothing but an interruption what this carries. What it carries
 * for another fiber, whose interruption it has only seen, is no result of this one, and goes on as a part.
 */
export function givenBy(fiber: FiberState, exit: Exit<unknown, unknown>): Option<Exit<unknown, unknown>> {
  const given = Reasons.carriedResult(exit)
  if (given._tag === 'None' || given.value === exit || isWhole(fiber, given.value)) return given
  const part = { ...given.value }
  parts.add(part)
  return some(part)
}
