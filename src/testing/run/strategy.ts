/**
 * Scheduling strategies: at each choice point the index of the entry to run next.
 *
 * These indices alone decide an interleaving, so a list of them, or the seed of a random strategy, is enough
 * to replay it. A strategy is not asked if only one entry can run.
 */
import { randomFrom } from './random.js'

/**
 * A place where several could act: ready fibers first, then timers that are due, each in order of arrival.
 */
export interface ChoicePoint {
  /** How many there are; at least two. */
  count: number
  /**
   * The fiber that acted last, where it could go on; -1 where it could not. To choose another one is a
   * preemption.
   */
  current: number
  /** The index of the first timer; `count` if there is none. */
  timersFrom: number
  /** Whether time has just gone on to those timers, and not all of them have fired yet. */
  isFiring: boolean
}

/** Gives a number from 0 to `count`, that not included. `decision` counts the places so far, from 0. */
export type Strategy = (point: ChoicePoint, decision: number) => number

/**
 * First come, first served; timers of the same time all fire before anybody acts on it, as the host has it.
 */
const inTurn: Strategy = ({ isFiring, timersFrom }) => (isFiring ? timersFrom : 0)

/**
 * The usual choice: the current fiber continues for as long as it can. Schedules and searches count
 * deviations from it.
 */
export const usualChoice = ({ current, isFiring, timersFrom }: ChoicePoint): number =>
  current >= 0 ? current : isFiring ? timersFrom : 0

/**
 * How often the fiber that acts goes on although others could act: some bugs want much switching, some want
 * long stretches.
 */
const steadiness: ReadonlyArray<number> = [0.5, 0, 0.9, 0.98]

/** By what a seed says; 0 is first come, first served, and every other seed another order. */
export function bySeed(seed: number): Strategy {
  if (seed === 0) return inTurn
  const random = randomFrom(seed, 1)
  const steady = steadiness[seed % steadiness.length] ?? 0
  return ({ count, current }) => {
    if (current >= 0 && steady > 0 && random() < steady) return current
    return Math.floor(random() * count)
  }
}

/** At that decision, that number in place of the usual one. */
export interface Deviation {
  readonly decision: number
  readonly choice: number
}

/**
 * The usual choice except for `deviations`, in the order of their decisions. An impossible deviation is
 * skipped if `isLenient`.
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

/** Those numbers, then the usual ones. */
export const byPrefix =
  (prefix: ReadonlyArray<number>, length: number, last: number): Strategy =>
  (point, decision) => {
    if (decision < length) return prefix[decision] ?? 0
    return decision === length ? last : usualChoice(point)
  }
