/**
 * Runs every interleaving within a preemption bound, each once.
 *
 * A list of numbers determines a run. Beyond the end of the list the usual choice is made, which never
 * preempts. A run therefore reveals all of its neighbors: at each decision after its list, each other number
 * that could have been chosen. Neighbors that preempt are postponed until everything with fewer preemptions
 * has been run, so the first finding needs as few preemptions as possible (iterative context bounding, as in
 * CHESS). Nothing is run twice, since two lists differ in a number that both of them fix.
 */

import type { NondeterminismError } from '../errors.js'
import type { Decisions } from '../run/decision-trace.js'
import { byPrefix } from '../run/strategy.js'
import { nondeterminism, type ScheduleSearch, type Trial } from './search.js'

/** A run that has not been made: the decisions of `of` up to `at`, and `choice` there. */
interface UnexploredBranch {
  readonly of: Decisions
  readonly at: number
  readonly choice: number
}

const nothingExplored: Decisions = { choices: [], counts: [], currents: [], usuals: [], details: [] }

export interface Explored {
  readonly runs: number
  readonly complete: boolean
  /** The first run that went wrong, if there is one. */
  readonly found: Trial | undefined
  /** The number of preemptions in that run, or the level that was reached. */
  readonly preemptions: number
}

/** Describes how a run differs from the prefix that it was meant to repeat, if it does. */
function differenceOf(branch: UnexploredBranch, { run }: Trial): string | undefined {
  const { of, at } = branch
  const made = run.decisionTrace.record ?? nothingExplored
  if (at >= of.choices.length) return undefined
  if (run.ending === 'Strayed' || made.choices.length <= at) return `it ended before its decision ${at + 1}`
  const isSame = made.counts[at] === of.counts[at] && made.details[at] === of.details[at]
  return isSame ? undefined : `it came to another place by decision ${at + 1}`
}

const cost = ({ currents }: Decisions, at: number, choice: number): number => {
  const current = currents[at] ?? -1
  return current >= 0 && choice !== current ? 1 : 0
}

export async function searchAll<E, A>(
  search: ScheduleSearch<E, A>,
  seed: number,
  preemptions: number,
  maxRuns: number
): Promise<Explored> {
  const levels: Array<Array<UnexploredBranch>> = Array.from({ length: preemptions + 1 }, () => [])
  levels[0]?.push({ of: nothingExplored, at: 0, choice: -1 })
  let runs = 0
  let waiting = 1
  let isCut = false
  for (let level = 0; level <= preemptions; level++) {
    const branches = levels[level] ?? []
    for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
      if (runs === maxRuns) return { runs, complete: false, found: undefined, preemptions: level }
      runs++
      waiting--
      const { of, at, choice } = branch
      const isFirst = choice < 0
      const trial = await search.perform({
        choose: byPrefix(of.choices, isFirst ? -1 : at, choice),
        seed,
        isBySeed: false,
        isRecorded: true
      })
      const difference: NondeterminismError | undefined = isFirst
        ? undefined
        : nondeterminismOf(search, branch, trial)
      if (difference !== undefined) throw difference
      if (trial.kind !== undefined) return { runs, complete: false, found: trial, preemptions: level }
      const made = trial.run.decisionTrace.record ?? nothingExplored
      for (let next = isFirst ? 0 : at + 1; next < made.choices.length; next++) {
        for (let other = 0; other < (made.counts[next] ?? 0); other++) {
          if (other === made.choices[next]) continue
          const target = levels[level + cost(made, next, other)]
          if (target === undefined) continue
          // Branches beyond the number of remaining runs are not stored.
          if (runs + waiting >= maxRuns) isCut = true
          else {
            waiting++
            target.push({ of: made, at: next, choice: other })
          }
        }
      }
    }
  }
  return { runs, complete: !isCut && !search.hasMetHost, found: undefined, preemptions }
}

function nondeterminismOf<E, A>(
  search: ScheduleSearch<E, A>,
  branch: UnexploredBranch,
  trial: Trial
): NondeterminismError | undefined {
  const difference = differenceOf(branch, trial)
  return difference === undefined ? undefined : nondeterminism(search.name, difference)
}
