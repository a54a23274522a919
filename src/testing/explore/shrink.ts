/**
 * Searches the shortest schedule of a run that goes wrong: with few switches between fibers a reader can see
 * why.
 *
 * First a single deviation from the usual choices is tried at every decision, since most bugs need only one.
 * Then parts of the known deviations are removed (delta debugging), as long as the same kind of fault occurs.
 * The search is limited: its result is short, but may not be the shortest.
 */

import { deviationsOf } from '../run/decision-trace.js'
import type { Deviation } from '../run/strategy.js'
import type { ScheduleSearch, Trial } from './search.js'

/** Limits of shrinking: runs, steps in all runs, and real milliseconds of waiting for the host. */
const mostRuns = 2000
const mostShrinkSteps = 1_500_000
const mostHostMs = 1000

/** Fiber switches, steps, deviations, compared in this order: the first that differs decides. */
const sizeOf = ({ run }: Pick<Trial, 'run'>): ReadonlyArray<number> => [
  run.trace.length,
  run.steps,
  deviationsIn({ run }).length
]

const isSmaller = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): boolean => {
  const differing = one.findIndex((part, index) => part !== other[index])
  return differing >= 0 && (one[differing] ?? 0) < (other[differing] ?? 0)
}

const without = (
  deviations: ReadonlyArray<Deviation>,
  from: number,
  size: number
): ReadonlyArray<Deviation> => [...deviations.slice(0, from), ...deviations.slice(from + size)]

const deviationsIn = ({ run }: Pick<Trial, 'run'>): ReadonlyArray<Deviation> =>
  run.decisionTrace.record === undefined ? [] : deviationsOf(run.decisionTrace.record)

/** Returns a trial of the same kind as `found` that is not larger. `found` must be recorded. */
export async function shrink<E, A>(search: ScheduleSearch<E, A>, found: Trial): Promise<Trial> {
  const { seed } = found.origin
  let best = found
  let runs = 0
  let steps = 0
  const hostBefore = search.hostMs
  const isLeft = (): boolean =>
    runs < mostRuns && steps < mostShrinkSteps && search.hostMs - hostBefore < mostHostMs
  const consider = (trial: Trial): boolean => {
    runs++
    steps += trial.run.steps
    if (trial.kind !== found.kind || !isSmaller(sizeOf(trial), sizeOf(best))) return false
    best = trial
    return true
  }

  const plain = await search.deviating([], seed, false)
  consider(plain)
  const { counts, usuals } = plain.run.decisionTrace.record ?? { counts: [], usuals: [] }
  for (let decision = 0; decision < counts.length && deviationsIn(best).length > 1; decision++) {
    for (let choice = 0; choice < (counts[decision] ?? 0) && isLeft(); choice++) {
      if (choice !== usuals[decision]) consider(await search.deviating([{ decision, choice }], seed, false))
    }
  }

  for (let size = deviationsIn(best).length; size >= 1 && isLeft(); ) {
    let hasShrunk = false
    for (let from = 0; isLeft(); ) {
      const deviations = deviationsIn(best)
      if (from >= deviations.length) break
      if (consider(await search.deviating(without(deviations, from, size), seed, false))) hasShrunk = true
      else from += size
    }
    // The removal may have made further removals of the same size possible.
    if (!hasShrunk || size > deviationsIn(best).length) size = Math.floor(size / 2)
  }
  return best
}

/** Repeats the run of `trial` and formats what went wrong. */
export const repeatFormatted = <E, A>(search: ScheduleSearch<E, A>, trial: Trial): Promise<Trial> =>
  search.deviating(deviationsIn(trial), trial.origin.seed, true)
