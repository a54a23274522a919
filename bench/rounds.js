/**
 * What the rounds of one library at one workload come to, and how two libraries compare.
 *
 * What was measured while the machine was quiet is compared with what was measured while it was quiet, whatever round that was in. Where one
 * of two never met a quiet machine, what stood side by side is compared: then both were hit alike, more or less.
 */
import { median } from './statistics.js'

/**
 * @typedef {object} Round one process
 * @property {number | null} quiet the median of its samples from while the machine was quiet, if there were any
 * @property {number} any the median of all its samples
 */

/** @typedef {ReadonlyArray<Round>} Rounds */

/**
 * @param {ReadonlyArray<import('./worker.js').Sample>} samples
 * @param {string} metric
 * @returns {Round}
 */
export const roundOf = (samples, metric) => {
  /** @param {ReadonlyArray<import('./worker.js').Sample>} some */
  const figure = (some) => median(some.map(({ figures }) => figures[metric] ?? Number.NaN))
  const quiet = samples.filter(({ isQuiet }) => isQuiet)
  return { quiet: quiet.length === 0 ? null : figure(quiet), any: figure(samples) }
}

/** @param {Rounds} rounds */
const quietOnes = (rounds) => rounds.flatMap(({ quiet }) => quiet ?? [])

/** Their median. @param {Rounds} rounds at least one */
export const figureOf = (rounds) => {
  const quiet = quietOnes(rounds)
  return median(quiet.length === 0 ? rounds.map(({ any }) => any) : quiet)
}

/** How many times the other's cost it is; NaN where there is nothing to compare with. @param {Rounds} rounds @param {Rounds} [others] */
export const ratioOf = (rounds, others = []) => {
  const sides = [quietOnes(rounds), quietOnes(others)]
  if (sides.every((side) => side.length > 0)) {
    const [own, other] = sides.map(median)
    return /** @type {number} */ (own) / /** @type {number} */ (other)
  }
  const ratios = rounds.flatMap(({ any }, index) => {
    const other = others[index]
    return other === undefined ? [] : [any / other.any]
  })
  return ratios.length === 0 ? Number.NaN : median(ratios)
}

/** What several cost together, round by round. @param {ReadonlyArray<Rounds>} parts @returns {Rounds} */
export const sumOf = (parts) => {
  const count = Math.min(...parts.map((rounds) => rounds.length))
  return Array.from({ length: count }, (_, index) =>
    parts.reduce(
      (sum, rounds) => {
        // Holds because no part has fewer.
        const { quiet, any } = /** @type {Round} */ (rounds[index])
        return { quiet: sum.quiet === null || quiet === null ? null : sum.quiet + quiet, any: sum.any + any }
      },
      /** @type {Round} */ ({ quiet: 0, any: 0 })
    )
  )
}
