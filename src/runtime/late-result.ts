/**
 * Results produced during cancellation ("late results"): what the interrupted wait still produced, and
 * whether the fiber itself would have ended with it.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import type { Frames } from '../core/node.js'
import { diagnostics } from '../data/diagnostics.js'
import { left, none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { isPassedThrough, Passes } from './continuation.js'
import { type FiberState, isOwnInterrupt, isOwnInterruption } from './fiber-state.js'

/** Final late results: the interrupted fiber, to which each is mapped, would itself have ended with them. */
const finalResults: WeakMap<Exit<unknown, unknown>, FiberState> = /* @__PURE__ */ new WeakMap()

/** Intermediate late results: the fiber that produced them still had continuations to run on them. */
const intermediateResults: WeakSet<Exit<unknown, unknown>> = /* @__PURE__ */ new WeakSet()

/**
 * Records `result` as the late result of the fiber's own interruption. It was produced when `depth` slots
 * of `frames` were still to run.
 */
export function recordLateResult(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): void {
  const kind = result._tag === 'Right' ? Passes.Values : Passes.Failures
  if (!intermediateResults.has(result) && isPassedThrough(kind, frames, depth))
    finalResults.set(result, fiber)
  else intermediateResults.add(result)
}

/**
 * Returns the fiber's own interruption with the late result `result`, which was produced when `depth` slots
 * of `frames` were still to run.
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

/** What a fiber produced after its interruption was requested. */
export interface LateResult {
  /** Its value or its error; None if it was just interrupted. */
  readonly given: Option<Exit<unknown, unknown>>
  /** Whether the fiber ended with that result, so that no continuation of the fiber was left to run on it. */
  readonly isFinal: boolean
  /** What failed while it cleaned up after its interruption, and is not part of its result. */
  readonly rest: Cause<unknown> | undefined
}

/** No late result, and no failure. */
export const noLateResult: LateResult = { given: none, isFinal: false, rest: undefined }

/** Returns a copy of `result` that is marked as an intermediate late result. */
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
  inner: Exit<unknown, unknown>
): Cause<unknown> | undefined {
  const all = Reasons.failedCleanupsOf(inner)
  const others = all && Reasons.apart(all).filter(({ reasons: [reason] }) => !failed.reasons.includes(reason))
  const found = others && Reasons.combineAll(others)
  if (found !== undefined) diagnostics.bound?.pastHandler(found, undefined)
  return found
}

/**
 * Returns what `fiber`, whose interruption was requested and which ended with `exit`, still produced. Its
 * own interruption is not a result. The late result in that interruption is a result if the fiber itself
 * would have ended with it. What failed before the interruption is a result, and what follows the
 * interruption failed in cleanups. A cleanup that fails after a value replaces that value, as it would have
 * done without any interruption.
 *
 * The late result in the interruption of another fiber, which this fiber has only observed, is not a result
 * of this fiber, and is passed on as an intermediate one.
 */
export function lateResult(fiber: FiberState, exit: Exit<unknown, unknown>): LateResult {
  if (exit._tag === 'Right') return { given: some(exit), isFinal: true, rest: undefined }
  if (exit.left.reasons[0]._tag !== 'Interrupt' && !isOwnInterruption(fiber, exit.left))
    return { given: some(exit), isFinal: true, rest: undefined }
  let inner: Exit<unknown, unknown> | undefined
  const before: Array<Cause<unknown>> = []
  const behind: Array<Cause<unknown>> = []
  let isBehind = false
  for (const part of Reasons.apart(exit.left)) {
    const [reason] = part.reasons
    if (reason._tag === 'Interrupt') {
      isBehind = true
      if (reason.result._tag === 'Some')
        inner ??= isOwnInterrupt(fiber, reason) ? reason.result.value : asIntermediate(reason.result.value)
    } else (isBehind ? behind : before).push(part)
  }
  const failed = Reasons.combineAll(before)
  const rest = Reasons.combineAll(behind)
  if (failed !== undefined) {
    const given = left(
      Reasons.combineAll([failed, inner && failedCleanupsBeside(failed, inner), rest]) ?? failed
    )
    return { given: some(given), isFinal: true, rest: undefined }
  }
  if (inner === undefined) return { given: none, isFinal: false, rest }
  if (finalResults.get(inner) !== fiber || intermediateResults.has(inner))
    return { given: some(asIntermediate(inner)), isFinal: false, rest }
  if (rest === undefined) return { given: some(inner), isFinal: true, rest }
  const given = left(inner._tag === 'Right' ? Reasons.markCleanup(rest) : Reasons.combine(inner.left, rest))
  return { given: some(given), isFinal: true, rest: undefined }
}
