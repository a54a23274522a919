/** Runs inside a block's program: notes what is shown where, and leaves it in a file when the program ends. */
import { writeFileSync } from 'node:fs'
import { format, inspect } from 'node:util'

/** @type {Record<number, string>} */
const notes = {}

/**
 * What statements gave, for those of which nothing is ever printed.
 *
 * @type {Record<number, string>}
 */
const values = {}

/** The statement that what is printed belongs to; -1 where none asks for it. */
let current = -1

/** Whether a statement inside of it takes what is printed for itself. */
let isTaken = false

/**
 * @param {number} id
 * @param {string} text
 */
const add = (id, text) => {
  notes[id] = (notes[id] ?? '') + text
}

const { stdout } = process
const write = stdout.write
Object.assign(stdout, {
  write: (/** @type {ReadonlyArray<unknown>} */ ...args) => {
    if (current >= 0 && !isTaken) add(current, String(args[0]))
    return Reflect.apply(write, stdout, args)
  }
})

/** @param {number} id */
export const begin = (id) => {
  current = id
  if (id >= 0) add(id, '')
}

/**
 * @param {number} id
 * @param {unknown} value
 */
export const end = (id, value) => {
  values[id] = inspect(value, { depth: 10 })
}

/**
 * @param {number} id
 * @param {(...values: ReadonlyArray<unknown>) => void} print
 * @returns {(...values: ReadonlyArray<unknown>) => void}
 */
export const printed =
  (id, print) =>
  (...values) => {
    add(id, `${format(...values)}\n`)
    isTaken = true
    print(...values)
    isTaken = false
  }

/**
 * @param {number} id
 * @param {unknown} value
 */
export const shown = (id, value) => add(id, `${inspect(value, { depth: 10 })}\n`)

process.on('exit', () => {
  const file = process.env.DOCS_NOTES
  for (const [id, value] of Object.entries(values)) if (notes[Number(id)] === '') notes[Number(id)] = value
  if (file !== undefined) writeFileSync(file, JSON.stringify(notes))
})
