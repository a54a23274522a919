/**
 * Results that an interruption carries: what the interrupted wait had still given, and whether the fiber would itself have ended with
 * that.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { trouble } from '../data/diagnostics.js'
import { left, none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { isHandedOn } from './continuation.js'
import { type FiberState, isOwn, isOwnInterruption } from './fiber-state.js'
import type { Frames } from './frames.js'

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

/** What a fiber gave that was asked to stop. */
export interface Late {
  /** Its value or its error; none where it was just interrupted. */
  readonly given: Option<Exit<unknown, unknown>>
  /** Whether it ended with that, so that no more would have been done with it in that fiber. */
  readonly isWhole: boolean
  /** What went wrong while it cleaned up after its interruption, and is no part of what it gave. */
  readonly rest: Cause<unknown> | undefined
}

/** Nothing, and nothing went wrong. */
export const nothingLate: Late = { given: none, isWhole: false, rest: undefined }

/** A late result in place of one with which more would have been done. */
function asPart(result: Exit<unknown, unknown>): Exit<unknown, unknown> {
  const part = { ...result }
  parts.add(part)
  return part
}

/** What else went wrong in what the interruption carries: it passed handlers of typed failures on its way, so no type names it. */
function troublesBeside(failed: Cause<unknown>, carried: Exit<unknown, unknown>): Cause<unknown> | undefined {
  const all = Reasons.troublesOf(carried)
  const others = all && Reasons.apart(all).filter(({ reasons: [reason] }) => !failed.reasons.includes(reason))
  const found = others && Reasons.combineAll(others)
  if (found !== undefined) trouble.pastHandler(found, undefined)
  return found
}

/**
 * What `fiber`, which was asked to stop and ended as `exit` says, still gave. Its own interruption is no result: what this carries is
 * one, where the fiber would itself have ended with that; what failed before it is one; and what stands behind it went wrong in
 * cleanups. A cleanup that fails after a value takes its place, as it would have done without any interruption.
 *
 * What the interruption of another fiber carries, which this one has only seen, is no result of this one, and goes on as a part.
 */
export function lateResult(fiber: FiberState, exit: Exit<unknown, unknown>): Late {
  if (exit._tag === 'Right') return { given: some(exit), isWhole: true, rest: undefined }
  if (exit.left.reasons[0]._tag !== 'Interrupt' && !isOwnInterruption(fiber, exit.left))
    return { given: some(exit), isWhole: true, rest: undefined }
  let carried: Exit<unknown, unknown> | undefined
  const before: Array<Cause<unknown>> = []
  const behind: Array<Cause<unknown>> = []
  let isBehind = false
  for (const part of Reasons.apart(exit.left)) {
    const [reason] = part.reasons
    if (reason._tag === 'Interrupt') {
      isBehind = true
      if (reason.result._tag === 'Some')
        carried ??= isOwn(fiber, reason) ? reason.result.value : asPart(reason.result.value)
    } else (isBehind ? behind : before).push(part)
  }
  const failed = Reasons.combineAll(before)
  const rest = Reasons.combineAll(behind)
  if (failed !== undefined) {
    const given = left(
      Reasons.combineAll([failed, carried && troublesBeside(failed, carried), rest]) ?? failed
    )
    return { given: some(given), isWhole: true, rest: undefined }
  }
  if (carried === undefined) return { given: none, isWhole: false, rest }
  if (wholes.get(carried) !== fiber || parts.has(carried))
    return { given: some(asPart(carried)), isWhole: false, rest }
  if (rest === undefined) return { given: some(carried), isWhole: true, rest }
  const given = left(
    carried._tag === 'Right' ? Reasons.markCleanup(rest) : Reasons.combine(carried.left, rest)
  )
  return { given: some(given), isWhole: true, rest: undefined }
}
