/**
 * Reads values of the user, which may be anything: a field may be a getter that throws or belong to a revoked
 * proxy, and a text may have several megabytes. All code that shows an error reads it through these
 * functions, so that a failure never turns into another one while it is shown.
 */

/** Returns the field, or undefined if it cannot be read. Never throws. */
export function read(value: unknown, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[key]
  } catch {
    return undefined
  }
}

/**
 * Whether `value` is an Error. Returns false for a revoked proxy, on which even
 * `instanceof` throws. Never throws.
 */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/**
 * The maximum number of characters shown of one text. More is of no use to a human, and the program
 * has to wait while it is searched.
 */
export const mostCharacters = 30_000

/** Returns the field if it is a text, otherwise undefined. Never throws. */
export function readText(value: unknown, key: string): string | undefined {
  const text = read(value, key)
  return typeof text === 'string' ? text : undefined
}

/** Returns the text or, if it is very long, its beginning and how much is left out. */
export const shortened = (text: string, most: number = mostCharacters): string =>
  text.length <= most ? text : `${text.slice(0, most)}... (${text.length - most} characters more)`
