/** What an inspector costs the program that it looks at: medians of several processes. */
import { fileURLToPath } from 'node:url'
import { probe, processesOf } from '../probing.js'
import { median } from '../statistics.js'

const file = fileURLToPath(new URL('./probe.js', import.meta.url))

/** @param {boolean} isQuick */
export const inspectorSteps = (isQuick) => processesOf(isQuick, 5)

/**
 * @param {boolean} isQuick
 * @param {(what: string) => void} tell
 * @returns {Promise<import('../results.js').Inspector>}
 */
export const measureInspector = async (isQuick, tell) => {
  /** @type {ReadonlyArray<import('../results.js').Inspector>} */
  const found = await probe(file, [isQuick ? 'quick' : 'full'], {
    what: 'inspector',
    processes: inspectorSteps(isQuick),
    timeoutMs: 600_000,
    tell
  })
  /**
   * The same row of each process.
   *
   * @template A @param {(inspector: import('../results.js').Inspector) => ReadonlyArray<A>} rowsOf @param {number} index
   */
  const each = (rowsOf, index) => found.flatMap((inspector) => rowsOf(inspector)[index] ?? [])
  const [first] = found
  return {
    costs: (first?.costs ?? []).map(({ name }, index) => {
      const rows = each(({ costs }) => costs, index)
      return {
        name,
        without: median(rows.map(({ without }) => without)),
        unseen: median(rows.map(({ unseen }) => unseen)),
        answerMs: median(rows.map(({ answerMs }) => answerMs)),
        betweenMs: median(rows.map(({ betweenMs }) => betweenMs)),
        seen: median(rows.map(({ seen }) => seen)),
        ratios: rows.map(({ seen }) => seen)
      }
    }),
    answers: (first?.answers ?? []).map(({ fibers }, index) => {
      const rows = each(({ answers }) => answers, index)
      return {
        fibers,
        ms: median(rows.map(({ ms }) => ms)),
        bytes: median(rows.map(({ bytes }) => bytes))
      }
    })
  }
}
