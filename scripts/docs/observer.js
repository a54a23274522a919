/** Runs inside a block's program: notes what is shown where, and leaves it in a file when the program ends. */
import { writeFileSync } from 'node:fs'
import { format, inspect } from 'node:util'

/** @type {Record<number, Array<string>>} */
const notes = {}

/**
 * @param {number} id
 * @param {string} text
 */
const add = (id, text) => {
  notes[id] = [...(notes[id] ?? []), text]
}

/**
 * @param {number} id
 * @param {(...values: ReadonlyArray<unknown>) => void} print
 * @returns {(...values: ReadonlyArray<unknown>) => void}
 */
export const printed =
  (id, print) =>
  (...values) => {
    add(id, format(...values))
    print(...values)
  }

/**
 * @template A
 * @param {number} id
 * @param {A} value
 * @returns {A}
 */
export const shown = (id, value) => {
  add(id, inspect(value, { depth: 10 }))
  return value
}

process.on('exit', () => {
  const file = process.env.DOCS_NOTES
  if (file !== undefined) writeFileSync(file, JSON.stringify(notes))
})
