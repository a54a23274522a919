/**
 * Quotes external text in messages for humans.
 *
 * The name of a job or an id may come from any client that can write to a queue. A terminal that shows the
 * message would execute raw control sequences in it, and a name of several megabytes would bury the log.
 */

const mostQuoted = 100

/** Control characters that JSON does not escape, and characters that change the direction of text. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Returns the text in quotation marks, with control characters escaped. Long text is truncated. */
export function quote(text: string): string {
  const isLong = text.length > mostQuoted
  // JSON escapes the other control characters, and the half of a surrogate pair.
  const words = JSON.stringify(isLong ? text.slice(0, mostQuoted) : text).replace(unsafe, escaped)
  return isLong ? `${words}... (${text.length} characters)` : words
}

const plainWords = /^[A-Za-z_$][\w$]{0,99}$/

/** Whether a text can be written without quotation marks where a name is expected. */
export const isPlainKey = (text: string): boolean => plainWords.test(text)

/** Returns the name of a job: unchanged if it is a word, otherwise quoted by `quote`. */
export const quoteName = (name: string): string => (isPlainKey(name) ? name : quote(name))
