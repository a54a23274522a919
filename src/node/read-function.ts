/** Functions from their texts, which is what crosses to a thread. */
import { ExecutorError } from '../data/errors.js'
import type { JobFunction } from '../executor/run-job.js'

/** By their texts, so that each is read once. */
const known = new Map<string, JobFunction>()

/** A function from its text: an expression, or a method, whose text is none. */
export function readFunction(text: string): JobFunction | ExecutorError {
  const found = known.get(text)
  if (found !== undefined) return found
  for (const source of [`return (${text}\n)`, `return Object.values({ ${text}\n })[0]`]) {
    try {
      const read: unknown = new Function(source)()
      if (typeof read !== 'function') continue
      known.set(text, read as JobFunction)
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
