/**
 * Formats thrown values and errors in full for humans: with stacks, causes and nested errors.
 *
 * Errors can hold other errors, in trees of any size and in cycles. So the output is bounded, and omitted
 * errors are counted in the text.
 */

import { describeValue } from './check-input.js'
import type { LateBound } from './late-bound.js'
import { isError, mostCharacters, read, readText, shortened } from './read-error.js'

/** Details of failures that runtime/tracing knows. */
export interface FailureDetails {
  /** Returns the stack of an error with that message, without the lines that do not help a user. */
  cleaned(stack: string, message: string): string
  /**
   * Returns the line of user code where the operation that failed for this reason was built, if it is known.
   */
  builtAt?(reason: object): string | undefined
  /** Called when the reason `to` replaces the reason `from`. */
  replaced?(from: object, to: object): void
}

export const failureDetails: LateBound<FailureDetails> = { bound: undefined }

/** The maximum number of errors that are shown. */
const mostErrors = 20
/** The maximum depth of nested errors: each is shown within at most one fewer than this. */
const deepestError = 5
/** The maximum number of causes that are counted in a chain. */
const mostCounted = 999

/**
 * Formats an error with its stack, its causes and its nested errors (AggregateError, SuppressedError); any
 * other value in its most readable form. Never throws.
 */
export const describeError = (value: unknown): string => describe(value, [], { left: mostErrors })

/** `above` contains the enclosing errors, the outermost first. */
function describe(value: unknown, above: ReadonlyArray<unknown>, room: { left: number }): string {
  if (isError(value)) return describeOne(value, above, room)
  if (typeof value === 'string') return shortened(value)
  if (typeof value === 'object' && value !== null) {
    const tag = readText(value, '_tag')
    const json = jsonOf(value)
    if (json !== undefined) return `${tag === undefined ? '' : `${tag} `}${shortened(json)}`
  }
  return describeValue(value)
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // A getter or `toJSON` that throws, a cycle, or a BigInt.
    return undefined
  }
}

function describeOne(error: Error, above: ReadonlyArray<unknown>, room: { left: number }): string {
  const message = readText(error, 'message')
  const stack = readText(error, 'stack')
  const cause = read(error, 'cause')
  const head = `${readText(error, 'name') ?? 'Error'}: ${message ?? '(the message cannot be read)'}`
  if (above.includes(error)) return `${shortened(head)}, which is shown above`
  room.left--
  const text = stack === undefined || stack === '' ? head : stack
  // Truncated before it is searched, because searching several megabytes takes seconds.
  const whole = text.slice(0, mostCharacters)
  const said = (message ?? '').slice(0, mostCharacters / 2)
  const clean = failureDetails.bound?.cleaned(whole, said) ?? whole
  // If a class sets its name or message after `super()`, its stack begins with the old ones.
  let shown = message !== undefined && whole.includes(said) ? clean : `${shortened(head)}\n${clean}`
  if (text.length > whole.length) shown += `... (${text.length - whole.length} characters more)`

  const within = [...above, error]
  const isInRoom = (): boolean => within.length < deepestError && room.left > 0
  const { first, count } = heldBy(error)
  let number = 0
  while (number < first.length && isInRoom()) {
    const inner = describe(first[number], within, room).replaceAll('\n', '\n  ')
    shown += `\n  error ${++number} of ${count}: ${inner}`
  }
  if (number < count) shown += `\n  and ${count - number} more, left out`
  if (cause === undefined) return shown
  return `${shown}\ncaused by${isInRoom() ? `: ${describe(cause, within, room)}` : ` ${lengthOf(cause)} more, left out`}`
}

/** The errors nested in an error: as many of them as can be shown, and their total number. */
interface Held {
  readonly first: ReadonlyArray<unknown>
  readonly count: number
}

/**
 * Returns the errors nested in `error`. For classes other than AggregateError, `errors` counts only if there
 * are errors among its first entries.
 */
function heldBy(error: Error): Held {
  const name = read(error, 'name')
  if (name === 'SuppressedError')
    return { first: [read(error, 'error'), read(error, 'suppressed')], count: 2 }
  const held = errorListOf(read(error, 'errors'))
  return name === 'AggregateError' || held.first.some(isError) ? held : nothingHeld
}

const nothingHeld: Held = { first: [], count: 0 }

function errorListOf(value: unknown): Held {
  try {
    return Array.isArray(value) ? { first: value.slice(0, mostErrors), count: value.length } : nothingHeld
  } catch {
    // A proxy, or a getter in the list, threw.
    return nothingHeld
  }
}

/** Returns the number of causes from this one on, as text. */
function lengthOf(cause: unknown): string {
  let length = 0
  for (let next = cause; next !== undefined; next = isError(next) ? read(next, 'cause') : undefined)
    if (++length > mostCounted) return `more than ${mostCounted}`
  return `${length}`
}
