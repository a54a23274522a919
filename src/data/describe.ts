/**
 * Thrown values and errors, in full, for a person: with stacks, causes, and the errors that an error holds.
 *
 * Errors hold others, which hold others, in trees of any size and in circles. So what is shown is bounded,
 * and what is left out is counted in the text.
 */

import { describeValue } from './check-input.js'
import { isError, mostCharacters, read, readText, shortened } from './read-error.js'

/**
 * What more there is to tell about a failure, by a part that not every program has: runtime/tracing puts it
 * here. So a bundle pays for it only where it has a use for it.
 */
export const insight: {
  /** The stack of an error with that message, without what tells a user nothing. */
  cleaned?: (stack: string, message: string) => string
  /** The line of the user's where the operation was built that failed for this reason, if it is known. */
  builtAt?: (reason: object) => string | undefined
  /** `to` takes the place of the reason `from`. */
  replaced?: (from: object, to: object) => void
} = {}

/** So many errors are shown in all, */
const mostErrors = 20
/** each within at most so many others less one, */
const deepestError = 5
/** and a chain of causes is counted up to here. */
const mostCounted = 999

/**
 * Errors with their stack, their causes and the errors that they hold (AggregateError, SuppressedError);
 * other values as they read best. Never throws.
 */
export const describeError = (value: unknown): string => tell(value, [], { left: mostErrors })

/** `above` are the errors that it is part of, the outermost first. */
function tell(value: unknown, above: ReadonlyArray<unknown>, room: { left: number }): string {
  if (isError(value)) return tellError(value, above, room)
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
    // A getter or a toJSON that throws, a circle, a BigInt.
    return undefined
  }
}

function tellError(error: Error, above: ReadonlyArray<unknown>, room: { left: number }): string {
  const message = readText(error, 'message')
  const stack = readText(error, 'stack')
  const cause = read(error, 'cause')
  const head = `${readText(error, 'name') ?? 'Error'}: ${message ?? '(the message cannot be read)'}`
  if (above.includes(error)) return `${shortened(head)}, which is shown above`
  room.left--
  const text = stack === undefined || stack === '' ? head : stack
  // Cut off before it is searched through, which for some megabytes takes seconds.
  const whole = text.slice(0, mostCharacters)
  const said = (message ?? '').slice(0, mostCharacters / 2)
  const clean = insight.cleaned?.(whole, said) ?? whole
  // A class that sets its name or message after `super()` has a stack that begins with the old ones.
  let told = message !== undefined && whole.includes(said) ? clean : `${shortened(head)}\n${clean}`
  if (text.length > whole.length) told += `... (${text.length - whole.length} characters more)`

  const within = [...above, error]
  const isInRoom = (): boolean => within.length < deepestError && room.left > 0
  const { first, count } = heldBy(error)
  let number = 0
  while (number < first.length && isInRoom()) {
    const inner = tell(first[number], within, room).replaceAll('\n', '\n  ')
    told += `\n  error ${++number} of ${count}: ${inner}`
  }
  if (number < count) told += `\n  and ${count - number} more, left out`
  if (cause === undefined) return told
  return `${told}\ncaused by${isInRoom() ? `: ${tell(cause, within, room)}` : ` ${lengthOf(cause)} more, left out`}`
}

/** Errors that an error holds: as many of them as are shown, and how many they are. */
interface Held {
  readonly first: ReadonlyArray<unknown>
  readonly count: number
}

/** Of another class than AggregateError `errors` are those only where errors are among the first of them. */
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
    // A proxy, or a getter in the list.
    return nothingHeld
  }
}

/** The number of causes from this one on, as a text. */
function lengthOf(cause: unknown): string {
  let length = 0
  for (let next = cause; next !== undefined; next = isError(next) ? read(next, 'cause') : undefined)
    if (++length > mostCounted) return `more than ${mostCounted}`
  return `${length}`
}
