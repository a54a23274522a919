/**
 * Accumulates the answers of the program. An answer contains each failure and each ended fiber only once, so
 * they are collected here. A page may stay open for days, so the collections are bounded.
 */
import type { Failure, InspectorState, Life } from '../protocol.js'
import { Lanes } from './lanes.js'

const minute = 60_000
const mostShownFailures = 200
const mostSpans = 8_000

/**
 * Returns how many ms of the last minute to draw: a program that has just started has not run for a minute.
 */
export const spanOf = ({ at, program }: InspectorState): number =>
  [10_000, 20_000, 30_000].find((ms) => at - program.startedAt <= ms) ?? minute

/** Returns the positions of the marks on a time axis of length `span`, in ms before now. */
export const marksOf = (span: number): ReadonlyArray<number> =>
  [1, 0.75, 0.5, 0.25, 0].map((part) => part * span)

/** Formats a mark, such as `−7.5 s` or `now`. */
export const markWords = (ms: number): string => (ms === 0 ? 'now' : `−${ms / 1000} s`)

export interface PageHistory {
  /** The last answer. */
  readonly state: InspectorState
  /** The newest first. */
  readonly failures: ReadonlyArray<Failure>
  /** The fibers that ended within the last minute, the oldest first. */
  readonly ended: ReadonlyArray<Life>
  readonly living: ReadonlyArray<Life>
  /** How many fibers ended in the last minute and are not in `ended`. */
  readonly left: number
  /** How many fibers are alive and not in `living`. */
  readonly livingLeft: number
  readonly lanes: Lanes
  readonly failuresAfter: number
  readonly livesAfter: number
}

const isSameProgram = (one: InspectorState, other: InspectorState): boolean =>
  one.program.pid === other.program.pid && one.program.startedAt === other.program.startedAt

/** Returns the highest number, so that nothing is sent again even if an answer arrived twice. */
const highest = (parts: ReadonlyArray<{ readonly number: number }>, from: number): number =>
  parts.reduce((number, part) => Math.max(number, part.number), from)

const stateAfter = <A extends { readonly number: number }>(
  parts: ReadonlyArray<A>,
  number: number
): ReadonlyArray<A> => parts.filter((part) => part.number > number)

/** Returns the history after an answer. `before` is undefined for the first one. */
export const keepHistory = (before: PageHistory | undefined, state: InspectorState): PageHistory => {
  // Another program at the same address starts its numbers anew.
  const old = before !== undefined && isSameProgram(before.state, state) ? before : undefined
  const lanes = old?.lanes ?? new Lanes()
  const begin = state.at - minute
  const failed = stateAfter(state.failures, old?.failuresAfter ?? 0)
  const news = stateAfter(state.lives.ended, old?.livesAfter ?? 0)
  const recent = [...(old?.ended ?? []), ...news].filter((fiberSpan) => (fiberSpan.to ?? state.at) >= begin)
  const ended = recent.slice(-mostSpans)
  lanes.update(ended, state.lives.living)
  return {
    state,
    failures:
      failed.length === 0 && old !== undefined
        ? old.failures
        : [...failed]
            .reverse()
            .concat(old?.failures ?? [])
            .slice(0, mostShownFailures),
    ended,
    living: state.lives.living,
    left: state.lives.left + recent.length - ended.length,
    livingLeft: state.lives.livingLeft,
    lanes,
    failuresAfter: highest(state.failures, old?.failuresAfter ?? 0),
    livesAfter: highest(state.lives.ended, old?.livesAfter ?? 0)
  }
}

/** Replaces only the tree by that of a newer answer, for scrolling while the page is paused. */
export const keepTree = (before: PageHistory, state: InspectorState): PageHistory => ({
  ...before,
  state: { ...before.state, tree: state.tree }
})
