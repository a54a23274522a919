/**
 * Error messages for invalid input. Input is checked at the place of the mistake, and the
 * message says what was expected and what was received. A NaN that reached a timer or a limit
 * would show up as a hang somewhere else.
 */
import type { LateBound } from './late-bound.js'

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)

/** Describes a value in a few words: what it is and its type. Never throws. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  if (typeof value === 'string') return `${shorten(JSON.stringify(value.slice(0, 61)))} (a string)`
  try {
    if (typeof value === 'function') return isWord(value.name) ? `the function ${value.name}` : 'a function'
    if (typeof value === 'object') return describeObject(value)
  } catch {
    // A getter of the user threw.
    return typeof value === 'function' ? 'a function' : 'an object'
  }
  return `${String(value)} (a ${typeof value})`
}

const isWord = (name: unknown): boolean => typeof name === 'string' && name !== ''

function describeObject(value: object & { readonly then?: unknown; readonly throw?: unknown }): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Error) return shorten(`${value.name}: ${value.message}`)
  if (typeof value.then === 'function') return 'a promise'
  if (typeof value.throw === 'function') return 'a generator (hand its function to Task.gen)'
  const name: unknown = value.constructor?.name
  return isWord(name) && name !== 'Object' ? `a ${name}` : 'an object'
}

/**
 * Describes a refused value for a message, as `, got 5 (a number)`. If the value is a promise, the error replaces
 * its rejection: otherwise the host would report the rejection as unhandled, which ends a Node process.
 */
export const refusedValue: LateBound<(value: unknown) => string> = { bound: undefined }

/** Creates a TypeError that says what was expected and what was received. */
export const expected = (where: string, what: string, value: unknown): TypeError =>
  new TypeError(
    `${where}: expected ${what}${refusedValue.bound?.(value) ?? `, got a value of type ${typeof value}`}`
  )

/**
 * Returns undefined if `ms` is a finite number of 0 or more milliseconds, otherwise the error that says so.
 */
export const checkTime = (where: string, ms: unknown): RangeError | undefined =>
  typeof ms === 'number' && ms >= 0 && ms < Number.POSITIVE_INFINITY
    ? undefined
    : new RangeError(`${where}: expected a finite time of 0 or more milliseconds, got ${describeValue(ms)}`)

/** Returns undefined if `value` is a whole number of at least `least`, otherwise the error that says so. */
export const checkCount = (
  where: string,
  what: string,
  least: number,
  value: unknown
): RangeError | undefined =>
  Number.isSafeInteger(value) && (value as number) >= least
    ? undefined
    : new RangeError(
        `${where}: expected ${what}, a whole number of at least ${least}, got ${describeValue(value)}`
      )

/** Returns undefined if `value` is a function, otherwise the error that says so. */
export const checkFunction = (where: string, what: string, value: unknown): TypeError | undefined =>
  typeof value === 'function' ? undefined : expected(where, what, value)

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function'

export const hasMethod = (value: unknown, name: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Record<string, unknown>)[name] === 'function'
