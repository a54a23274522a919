/**
 * Functions from their texts.
 *
 * Tools put calls into a function's text whose targets stay in its module. Those that do nothing for the
 * result are provided here: the names that esbuild keeps (tsx, Vite), the counters of a coverage tool, and
 * vitest's form of `import()`.
 */
import { ExecutorError } from '../data/errors.js'
import type { JobFunction } from '../executor/run-job.js'

/** esbuild's `keepNames`. */
const __name = (named: object, value: string): object =>
  Object.defineProperty(named, 'name', { value, configurable: true })

const importModule = (specifier: string): Promise<unknown> => import(specifier)

/** Counts nothing: every property of it is what `get` gives. */
const counting = (get: () => unknown): object =>
  new Proxy({}, { get: (_target, key) => (key === Symbol.toPrimitive ? () => 0 : get()), set: () => true })

/**
 * istanbul's counters of a file, for statements, functions and branches: a function in later editions, an
 * object in earlier ones.
 */
const counters = (): object => {
  const each = counting(() => 0)
  const found = { s: each, f: each, b: counting(() => each), bT: counting(() => each) }
  return Object.assign(() => found, found)
}

/** The name of istanbul's counters has a hash of the file's path. */
const counterName = /\bcov_[\da-z]{6,}\b/g

/** By their texts, so that each is read once. */
const knownImports = new Map<string, JobFunction>()

/** Evaluates a function from its text: an expression, or a method, whose text is not an expression. */
export function readFunction(text: string): JobFunction | ExecutorError {
  const found = knownImports.get(text)
  if (found !== undefined) return found
  const provided: Record<string, unknown> = { __name, __vite_ssr_dynamic_import__: importModule }
  for (const name of text.match(counterName) ?? []) provided[name] ??= counters()
  for (const source of [`return (${text}\n)`, `return Object.values({ ${text}\n })[0]`]) {
    try {
      const read: unknown = new Function(...Object.keys(provided), source)(...Object.values(provided))
      if (typeof read !== 'function') continue
      knownImports.set(text, read as JobFunction)
      return read as JobFunction
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown
    }
  }
  return new ExecutorError(
    'NotLoaded',
    `a function cannot be read from its text, which is what crosses to a thread: ${text.slice(0, 80)}`
  )
}
