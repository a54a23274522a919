/**
 * What in a value structured clone would refuse.
 *
 * piscina posts a result where nobody can catch the refusal, which ends the thread, and all that it had loaded. So the common
 * mistakes, a function or a symbol somewhere in the result, are looked for first. To look costs a fraction of copying; what this
 * does not know (a Promise, a WeakMap) still ends the thread, with an error of the call that says so.
 */
import { types } from 'node:util'

const isLeaf = (value: object): boolean =>
  ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isDate(value) || types.isRegExp(value)

/** What the parts of an object are that are copied with it. */
function partsOf(value: object): Iterable<unknown> {
  if (types.isMap(value)) return [...value.keys(), ...value.values()]
  if (types.isSet(value)) return value
  if (types.isNativeError(value)) return [value.cause]
  return Array.isArray(value) ? value : Object.values(value)
}

/** In words, what cannot be copied; undefined where all can, as far as this knows. */
export function obstacleIn(value: unknown): string | undefined {
  // The common results, without a list.
  if (
    value === null ||
    (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
  ) {
    return undefined
  }
  const seen = new Set<unknown>()
  const rest: Array<unknown> = [value]
  for (let next = rest.pop(), left = 1; left > 0; next = rest.pop(), left--) {
    if (typeof next === 'function') return next.name === '' ? 'a function' : `the function ${next.name}`
    if (typeof next === 'symbol') return String(next)
    if (typeof next !== 'object' || next === null || isLeaf(next) || seen.has(next)) continue
    seen.add(next)
    for (const part of partsOf(next)) {
      if (
        part === null ||
        (typeof part !== 'object' && typeof part !== 'function' && typeof part !== 'symbol')
      )
        continue
      rest.push(part)
      left++
    }
  }
  return undefined
}
