/**
 * What the rounds of one library at one workload come to, and how two libraries compare.
 *
 * What was measured while the machine was quiet is compared with what was measured while it was quiet, whatever round that was in. Where one
 * of two never met a quiet machine, what both did on a busy one is compared.
 */
import { mean, median } from './statistics.js'

/**
 * @typedef {object} Round one process
 * @property {number | null} quiet its figure from while the machine was quiet; null where it hardly was
 * @property {number | null} busy the same from while it was not
 * @property {number} any from all of its samples
 */

/** @typedef {ReadonlyArray<Round>} Rounds */
/** @typedef {import('./worker.js').Sample} Sample */

/** Fewer samples than that may be chance. */
const least = 3

/** Where the yardstick takes less than so many times as long as at its best, nobody else uses the core. */
export const slack = 1.25

/**
 * What the yardstick takes on a quiet machine: not the very least, which may be a moment in which the processor's clock ran faster.
 *
 * @param {ReadonlyArray<number>} readings at least one
 */
export const baselineOf = (readings) => {
  const sorted = [...readings].sort((a, b) => a - b)
  return /** @type {number} */ (sorted[Math.floor(sorted.length / 50)])
}

/**
 * @param {ReadonlyArray<Sample>} samples
 * @param {string} metric
 * @param {number} [baselineMs] of the yardstick; left out where it was not looked at. Then samples are long, and one that is disturbed says
 *   nothing: their median counts. Else they are short, and a collection of garbage comes in some of them only: their mean does.
 * @returns {Round}
 */
export const roundOf = (samples, metric, baselineMs) => {
  const typical = baselineMs === undefined ? median : mean
  /** @param {ReadonlyArray<Sample>} some */
  const figure = (some) => typical(some.map(({ figures }) => figures[metric] ?? Number.NaN))
  /** @param {ReadonlyArray<Sample>} some */
  const unlessFew = (some) => (some.length < Math.min(least, samples.length) ? null : figure(some))
  if (baselineMs === undefined) return { quiet: null, busy: null, any: figure(samples) }
  /** @param {Sample} sample */
  const isQuiet = ({ yardstickMs = Number.POSITIVE_INFINITY }) => yardstickMs <= baselineMs * slack
  return {
    quiet: unlessFew(samples.filter(isQuiet)),
    busy: unlessFew(samples.filter((sample) => !isQuiet(sample))),
    any: figure(samples)
  }
}

/** @param {Rounds} rounds @param {'quiet' | 'busy'} kind */
const those = (rounds, kind) => rounds.flatMap((round) => round[kind] ?? [])

/** The median of the quiet ones, or else of all. @param {Rounds} rounds at least one */
export const figureOf = (rounds) => {
  const quiet = those(rounds, 'quiet')
  return median(quiet.length === 0 ? rounds.map(({ any }) => any) : quiet)
}

/** How many times the other's cost it is; NaN where there is nothing to compare with. @param {Rounds} rounds @param {Rounds} [others] */
export const ratioOf = (rounds, others = []) => {
  for (const kind of /** @type {const} */ (['quiet', 'busy'])) {
    const [own, other] = [those(rounds, kind), those(others, kind)]
    if (own.length > 0 && other.length > 0) return median(own) / median(other)
  }
  // What stood side by side.
  const ratios = rounds.flatMap(({ any }, index) => {
    const other = others[index]
    return other === undefined ? [] : [any / other.any]
  })
  return ratios.length === 0 ? Number.NaN : median(ratios)
}

/** What several cost together, round by round, where nobody looked whether the machine was quiet. @param {ReadonlyArray<Rounds>} parts @returns {Rounds} */
export const sumOf = (parts) => {
  const count = Math.min(...parts.map((rounds) => rounds.length))
  return Array.from({ length: count }, (_, index) => ({
    quiet: null,
    busy: null,
    any: parts.reduce((sum, rounds) => sum + (rounds[index]?.any ?? Number.NaN), 0)
  }))
}
