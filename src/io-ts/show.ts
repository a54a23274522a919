/**
 * Formats any value in a few characters, for a message.
 *
 * A codec may refuse any value: a circular structure, a million rows, a getter that
 * throws, a password. So this code reads little (two levels, five entries each), calls
 * no getter and no `toJSON`, and never throws. `JSON.stringify` guarantees none of that.
 */

/** Longer than a name, an address or a date; short enough for ten of them in one message. */
const longestValue = 80
const mostEntries = 5
const deepestValue = 2

const secret =
  /pass(word|phrase|wd)|secret|token|credential|cookie|authorization|(api|private|access)[-_]?key/i

/** Whether the value under `key` must not appear in a log. */
export const isSecret = (key: string): boolean => secret.test(key)

/** Truncates a text that is too long, and marks it as truncated. */
export const shortenValue = (text: string, most: number = longestValue): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`

const quoted = (text: string): string => {
  const most = longestValue - 20
  return text.length <= most
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, most))}… (${text.length} characters)`
}

/** Returns the kind of a value whose content must not appear. */
export const showKind = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const entriesOf = (value: object, depth: number): string => {
  const isArray = Array.isArray(value)
  const keys = Object.keys(value)
  const shown = keys.slice(0, mostEntries).map((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key)
    const content =
      property === undefined || !('value' in property)
        ? '…'
        : isSecret(key)
          ? '(hidden)'
          : showWithin(property.value, depth + 1)
    return isArray ? content : `${quoted(key)}:${content}`
  })
  const entries = keys.length > mostEntries ? [...shown, '…'] : shown
  return isArray ? `[${entries.join(',')}]` : `{${entries.join(',')}}`
}

const showFields = (value: object, depth: number): string => {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : `Date ${value.toISOString()}`
  if (value instanceof Error) return `${value.name}: ${value.message}`
  const maker: unknown = Object.getPrototypeOf(value)?.constructor
  const kind = typeof maker === 'function' && maker !== Object && maker !== Array ? `${maker.name} ` : ''
  if (depth < deepestValue) return `${kind}${entriesOf(value, depth)}`
  return Array.isArray(value) ? `${kind}[…]` : `${kind}{…}`
}

const showWithin = (value: unknown, depth: number): string => {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'bigint':
      return `${value}n`
    case 'function':
      return value.name === '' ? 'a function' : `function ${value.name}`
    case 'object':
      return value === null ? 'null' : showFields(value, depth)
    default:
      return String(value)
  }
}

/** Formats a value similarly to JSON, in about 80 characters at most. */
export const showValue = (value: unknown): string => {
  try {
    return typeof value === 'string' ? quoted(value) : shortenValue(showWithin(value, 0))
  } catch {
    // A Proxy may throw when it is read.
    return `${showKind(value)} that cannot be read`
  }
}
