/** The little arithmetic that a benchmark needs. */

/** @param {ReadonlyArray<number>} numbers at least one */
export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = /** @type {number} */ (sorted[middle])
  return sorted.length % 2 === 1 ? upper : (upper + /** @type {number} */ (sorted[middle - 1])) / 2
}

/** @param {ReadonlyArray<number>} numbers at least one */
export const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

/**
 * The mean of their lowest quarter: the cost without what else happens on the machine, which only ever adds to it.
 *
 * @param {ReadonlyArray<number>} numbers at least four
 */
export const quiet = (numbers) => {
  const lowest = [...numbers].sort((a, b) => a - b).slice(0, numbers.length >> 2)
  return mean(lowest)
}

/** How far apart they are: the largest by the smallest. @param {ReadonlyArray<number>} numbers */
export const spread = (numbers) => Math.max(...numbers) / Math.min(...numbers)

/** Begins a list elsewhere, so that nobody is always first. @template A @param {ReadonlyArray<A>} list @param {number} by */
export const rotated = (list, by) =>
  list.map((_, index) => /** @type {A} */ (list[(index + by) % list.length]))
