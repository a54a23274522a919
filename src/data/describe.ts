/**
 * Thrown values and errors, in full, for a person: with stacks, causes, and the errors that an error holds.
 *
 * Errors hold others, which hold others, in trees of any size and in circles. So what is shown is bounded, and what is left out is
 * counted in the text.
 */
import { show } from './show.js'

/**
 * What more there is to tell about a failure, by a part that not every program has: runtime/tracing puts it here. So a bundle pays for
 * it only where it has a use for it.
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
const deepest = 5
/** and a chain of causes is counted up to here. */
const mostCounted = 999

/**
 * Errors with their stack, their causes and the errors that they hold (AggregateError, SuppressedError); other values as they read
 * best. Never throws.
 */
export const describe = (value: unknown): string => tell(value, [], { left: mostErrors })

/** `above` are the errors that it is part of, the outermost first. */
function tell(value: unknown, above: ReadonlyArray<unknown>, room: { left: number }): string {
  try {
    if (value instanceof Error) return tellError(value, above, room)
    if (typeof value === 'string') return value
    if (typeof value === 'object' && value !== null) {
      const { _tag } = value as { readonly _tag?: unknown }
      const tag = typeof _tag === 'string' ? `${_tag} ` : ''
      const json = JSON.stringify(value)
      return json === undefined ? show(value) : `${tag}${json}`
    }
  } catch {
    // A getter or a toJSON that throws: the value is told by its type alone.
  }
  return show(value)
}

function tellError(error: Error, above: ReadonlyArray<unknown>, room: { left: number }): string {
  const { name, message, stack, cause } = error
  const head = `${name}: ${message}`
  if (above.includes(error)) return `${head}, which is shown above`
  room.left--
  const text = typeof stack === 'string' && stack !== '' ? stack : head
  // A class that sets its name or message after `super()` has a stack that begins with the old ones.
  const clean = insight.cleaned?.(text, message) ?? text
  let told = text.includes(message) ? clean : `${head}\n${clean}`

  const within = [...above, error]
  const isInRoom = (): boolean => within.length < deepest && room.left > 0
  const held = heldBy(error)
  let number = 0
  while (number < held.length && isInRoom()) {
    const inner = tell(held[number], within, room).replaceAll('\n', '\n  ')
    told += `\n  error ${++number} of ${held.length}: ${inner}`
  }
  if (number < held.length) told += `\n  and ${held.length - number} more, left out`
  if (cause === undefined) return told
  return `${told}\ncaused by${isInRoom() ? `: ${tell(cause, within, room)}` : ` ${lengthOf(cause)} more, left out`}`
}

/** The errors that it holds. Of another class than AggregateError `errors` are those only where errors are among them. */
function heldBy(error: Error): ReadonlyArray<unknown> {
  const { name, errors, error: later, suppressed } = error as Error & Readonly<Record<string, unknown>>
  if (name === 'SuppressedError') return [later, suppressed]
  const isMeant =
    Array.isArray(errors) && (name === 'AggregateError' || errors.some((held) => held instanceof Error))
  return isMeant ? errors : []
}

/** How many there are from this cause on, in words. */
function lengthOf(cause: unknown): string {
  let length = 0
  for (let next = cause; next !== undefined; next = next instanceof Error ? next.cause : undefined)
    if (++length > mostCounted) return `more than ${mostCounted}`
  return `${length}`
}
