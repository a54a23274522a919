/**
 * Late results: what an interrupted wait still produced, and whether the fiber would itself have ended with
 * that (final) or had continuations left to run (intermediate).
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { diagnostics } from '../data/diagnostics.js'
import { left, none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { isPassedThrough } from './continuation.js'
import { type FiberState, isOwnInterrupt, isOwnInterruption } from './fiber-state.js'
import type { Frames } from './frames.js'

/** Final late results, each with the interrupted fiber that would have ended with it. */
const finalResults: WeakMap<Exit<unknown, unknown>, FiberState> = /* @__PURE__ */ new WeakMap()

/** Intermediate late results: the fiber still had continuations to run on them. */
const intermediateResults: WeakSet<Exit<unknown, unknown>> = /* @__PURE__ */ new WeakSet()

/**
 * The fiber's own interruption will carry `result`, which it had still been given when `depth` places of
 * `frames` were to come.
 */
export function recordLateResult(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): void {
  const kind = result._tag === 'Right' ? 'values' : 'failures'
  if (!intermediateResults.has(result) && isPassedThrough(kind, frames, depth))
    finalResults.set(result, fiber)
  else intermediateResults.add(result)
}

/**
 * The fiber's own interruption, with what it had still been given when `depth` places of `frames` were to
 * come.
 */
export function withLateResult(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): Cause<never> {
  recordLateResult(fiber, result, frames, depth)
  return fiber.interruption(some(result))
}

/** What a fiber gave that was asked to stop. */
export interface LateResult {
  /** Its value or its error; none where it was just interrupted. */
  readonly given: Option<Exit<unknown, unknown>>
  /** Whether it ended with that, so that no more would have been done with it in that fiber. */
  readonly isFinal: boolean
  /** What went wrong while it cleaned up after its interruption, and is no part of what it gave. */
  readonly rest: Cause<unknown> | undefined
}

/** Nothing, and nothing went wrong. */
export const noLateResult: LateResult = { given: none, isFinal: false, rest: undefined }

/** A late result in place of one with which more would have been done. */
function asIntermediate(result: Exit<unknown, unknown>): Exit<unknown, unknown> {
  const part = { ...result }
  intermediateResults.add(part)
  return part
}

/**
 * What else went wrong in what the interruption carries: it passed handlers of typed failures on its way, so
 * no type names it.
 */
function failedCleanupsBeside(
  failed: Cause<unknown>,
  carried: Exit<unknown, unknown>
): Cause<unknown> | undefined {
  const all = Reasons.failedCleanupsOf(carried)
  const others = all && Reasons.apart(all).filter(({ reasons: [reason] }) => !failed.reasons.includes(reason))
  const found = others && Reasons.combineAll(others)
  if (found !== undefined) diagnostics.pastHandler(found, undefined)
  return found
}

/**
 * The late result of `fiber`, which was asked to stop and ended with `exit`. Its own interruption is not a
 * result. The result that the interruption carries is one, if the fiber would itself have ended with it; a
 * failure before the interruption is one; reasons after it are failed cleanups. A cleanup that fails after a
 * value replaces it, as it would have done without an interruption.
 *
 * A result in the interruption of another fiber, which this fiber only observed, is an intermediate result
 * here.
 */
export function lateResult(fiber: FiberState, exit: Exit<unknown, unknown>): LateResult {
  if (exit._tag === 'Right') return { given: some(exit), isFinal: true, rest: undefined }
  if (exit.left.reasons[0]._tag !== 'Interrupt' && !isOwnInterruption(fiber, exit.left))
    return { given: some(exit), isFinal: true, rest: undefined }
  let carried: Exit<unknown, unknown> | undefined
  const before: Array<Cause<unknown>> = []
  const behind: Array<Cause<unknown>> = []
  let isBehind = false
  for (const part of Reasons.apart(exit.left)) {
    const [reason] = part.reasons
    if (reason._tag === 'Interrupt') {
      isBehind = true
      if (reason.result._tag === 'Some')
        carried ??= isOwnInterrupt(fiber, reason) ? reason.result.value : asIntermediate(reason.result.value)
    } else (isBehind ? behind : before).push(part)
  }
  const failed = Reasons.combineAll(before)
  const rest = Reasons.combineAll(behind)
  if (failed !== undefined) {
    const given = left(
      Reasons.combineAll([failed, carried && failedCleanupsBeside(failed, carried), rest]) ?? failed
    )
    return { given: some(given), isFinal: true, rest: undefined }
  }
  if (carried === undefined) return { given: none, isFinal: false, rest }
  if (finalResults.get(carried) !== fiber || intermediateResults.has(carried))
    return { given: some(asIntermediate(carried)), isFinal: false, rest }
  if (rest === undefined) return { given: some(carried), isFinal: true, rest }
  const given = left(
    carried._tag === 'Right' ? Reasons.markCleanup(rest) : Reasons.combine(carried.left, rest)
  )
  return { given: some(given), isFinal: true, rest: undefined }
}
