/**
 * Texts from outside in a message for people.
 *
 * The name of a job or an id may come from anybody who can write to a queue. Raw control sequences in it
 * would be carried out by the terminal that shows the message, and a name of some megabytes would bury the
 * log.
 */

const mostQuoted = 100

/** Control characters that JSON leaves as they are, and those that change the direction of text. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The text in quotation marks, with control characters escaped, and cut off where it is long. */
export function quote(text: string): string {
  const isLong = text.length > mostQuoted
  // JSON escapes the other control characters, and the half of a surrogate pair.
  const words = JSON.stringify(isLong ? text.slice(0, mostQuoted) : text).replace(unsafe, escaped)
  return isLong ? `${words}... (${text.length} characters)` : words
}

const plainWords = /^[A-Za-z_$][\w$]{0,99}$/

/** Whether a text can be printed as a name without quotes. */
export const isPlainKey = (text: string): boolean => plainWords.test(text)

/** The name of a job: as it is where it is a word, else as `quote` writes it. */
export const quoteName = (name: string): string => (isPlainKey(name) ? name : quote(name))
