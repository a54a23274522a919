/**
 * Reading what is the user's and may be anything: a field may be a getter that throws or belong to a proxy
 * that was revoked, and a text may have some megabytes. Whatever shows an error reads it by these, so that a
 * failure never becomes another one while it is shown.
 */

/** The field; undefined where it cannot be read. Never throws. */
export function read(value: unknown, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[key]
  } catch {
    return undefined
  }
}

/** Of a proxy that was revoked not even that may be asked. Never throws. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/**
 * More of one text than this tells a person nothing, and to search through it takes time that the program has
 * to wait.
 */
export const mostCharacters = 30_000

/** The field where it is a text. Never throws. */
export function readText(value: unknown, key: string): string | undefined {
  const text = read(value, key)
  return typeof text === 'string' ? text : undefined
}

/** The text; of a very long one the beginning, and how much is left out. */
export const shortened = (text: string, most: number = mostCharacters): string =>
  text.length <= most ? text : `${text.slice(0, most)}... (${text.length - most} characters more)`
