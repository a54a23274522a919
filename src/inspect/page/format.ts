/**
 * Formats numbers and times: short enough for a table cell, exact enough to compare, and with as few changes
 * of width as possible.
 */

const grouped = new Intl.NumberFormat('en-US')

/** Formats a number with separators: 49998 -> '49,998'. */
export const formatNumber = (n: number): string => grouped.format(n)

/** Formats a number with its noun, such as `12 fibers` or `1 fiber`. */
export const formatCount = (n: number, one: string, many: string = `${one}s`): string =>
  `${formatNumber(n)} ${n === 1 ? one : many}`

/** Formats a duration in milliseconds: '12 ms', '3.4 s', '2 min 05 s', '1 h 03 min', '2 d 4 h'. */
export const duration = (ms: number): string => {
  const formatWhole = Math.max(0, ms)
  if (formatWhole < 1000) return `${Math.round(formatWhole)} ms`
  if (formatWhole < 60_000) return `${(Math.floor(formatWhole / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(formatWhole / 1000)
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)]
  const two = (n: number): string => String(n).padStart(2, '0')
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`
  if (hours < 24) return `${hours} h ${two(minutes % 60)} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Formats a time of day in the local time zone: '14:03:12'. */
export const clockTime = (at: number): string => {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** Formats a rate: '0', '0.4', '12', '1,234', '1.2 M'. */
export const rate = (n: number): string => {
  if (n >= 999_500) return `${(n / 1_000_000).toFixed(1)} M`
  return n > 0 && n < 9.95 && !Number.isInteger(n) ? n.toFixed(1) : formatNumber(Math.round(n))
}

const longestName = 200

/** Control characters and those that change the direction of text: they would affect the surrounding text. */
const disturbing = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu

/**
 * Makes a name of the program fit for one line: characters that would break the line or change the direction
 * of text are replaced by a mark, and a name that is longer than any cell is truncated.
 */
export const oneLine = (text: string): string => {
  const cut = text.length > longestName ? `${text.slice(0, longestName)}…` : text
  return cut.replace(disturbing, (found) =>
    found === '\n' || found === '\r' ? '⏎' : found === '\t' ? ' ' : '\ufffd'
  )
}

/**
 * Returns the full name for a tooltip, without characters that change the direction of text, and truncated to
 * 2000 characters.
 */
export const whole = (text: string): string => {
  const cut = text.length > 2000 ? `${text.slice(0, 2000)}… (${formatNumber(text.length)} characters)` : text
  return cut.replace(disturbing, (found) => (found === '\n' || found === '\t' ? found : '\ufffd'))
}
