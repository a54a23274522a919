/**
 * Scheduling strategies: at each choice point the number of the candidate that acts next.
 *
 * These numbers are all that determines an interleaving, so a list of them, or the seed of a generator, is
 * enough to replay it. If there is only one candidate, the strategy is not called.
 */
import { randomFrom } from './random.js'

/** A point with several candidates: ready fibers first, then due timers, each in the order of arrival. */
export interface ChoicePoint {
  /** The number of candidates, at least two. */
  count: number
  /**
   * The fiber that ran last, if it could continue, otherwise -1. Choosing another candidate is a preemption.
   */
  current: number
  /** The number of the first timer, or `count` if there is none. */
  timersFrom: number
  /** Whether time has just advanced to these timers, and not all of them have fired yet. */
  isFiring: boolean
}

/**
 * Returns a number from 0 (included) to `count` (excluded). `decision` counts the choice points so far, from
 * 0.
 */
export type Strategy = (point: ChoicePoint, decision: number) => number

/**
 * First come, first served. As on the host, all timers of the same time fire before any fiber reacts to them.
 */
const inTurn: Strategy = ({ isFiring, timersFrom }) => (isFiring ? timersFrom : 0)

/**
 * Lets the current fiber continue for as long as possible. Schedules and searches count deviations from this
 * choice.
 */
export const usualChoice = ({ current, isFiring, timersFrom }: ChoicePoint): number =>
  current >= 0 ? current : isFiring ? timersFrom : 0

/**
 * How often the current fiber continues although others could run: some bugs need many switches, others need
 * long uninterrupted sections.
 */
const steadiness: ReadonlyArray<number> = [0.5, 0, 0.9, 0.98]

/** Returns the strategy of a seed. 0 is first come, first served, and every other seed is another order. */
export function bySeed(seed: number): Strategy {
  if (seed === 0) return inTurn
  const random = randomFrom(seed, 1)
  const steady = steadiness[seed % steadiness.length] ?? 0
  return ({ count, current }) => {
    if (current >= 0 && steady > 0 && random() < steady) return current
    return Math.floor(random() * count)
  }
}

/** Replaces the usual choice at one decision. */
export interface Deviation {
  readonly decision: number
  readonly choice: number
}

/**
 * Makes the usual choices except at `deviations`, which must be in the order of their decisions. With
 * `isLenient`, a deviation that is not possible is ignored.
 */
export function byDeviations(deviations: ReadonlyArray<Deviation>, isLenient: boolean): Strategy {
  let next = 0
  return (point, decision) => {
    const deviation = deviations[next]
    if (deviation === undefined || deviation.decision > decision) return usualChoice(point)
    next++
    return isLenient && deviation.choice >= point.count ? usualChoice(point) : deviation.choice
  }
}

/** Repeats the first `length` choices of `prefix`, then chooses `last`, then makes the usual choices. */
export const byPrefix =
  (prefix: ReadonlyArray<number>, length: number, last: number): Strategy =>
  (point, decision) => {
    if (decision < length) return prefix[decision] ?? 0
    return decision === length ? last : usualChoice(point)
  }
