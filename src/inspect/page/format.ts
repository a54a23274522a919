/**
 * Figures and times as words: short enough for a cell, exact enough to compare, and never jumping in width
 * more than they must.
 */

const grouped = new Intl.NumberFormat('en-US')

/** 49998 -> '49,998' */
export const formatNumber = (n: number): string => grouped.format(n)

/** `12 fibers`, `1 fiber` */
export const formatCount = (n: number, one: string, many: string = `${one}s`): string =>
  `${formatNumber(n)} ${n === 1 ? one : many}`

/** A length of time in milliseconds: '12 ms', '3.4 s', '2 min 05 s', '1 h 03 min', '2 d 4 h'. */
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

/** A moment as the clock on the wall has it: '14:03:12'. */
export const clockTime = (at: number): string => {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A rate: '0', '0.4', '12', '1,234', '1.2 M'. */
export const rate = (n: number): string => {
  if (n >= 999_500) return `${(n / 1_000_000).toFixed(1)} M`
  return n > 0 && n < 9.95 && !Number.isInteger(n) ? n.toFixed(1) : formatNumber(Math.round(n))
}

const longestName = 200

/**
 * Control characters and characters that change the direction of writing: they would change the text around
 * them.
 */
const disturbing = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu

/**
 * A name of the program's, made fit for one line: what would break the line or turn the text round is shown
 * as a mark, and what is longer than any cell is cut.
 */
export const oneLine = (text: string): string => {
  const cut = text.length > longestName ? `${text.slice(0, longestName)}…` : text
  return cut.replace(disturbing, (found) =>
    found === '\n' || found === '\r' ? '⏎' : found === '\t' ? ' ' : '\ufffd'
  )
}

/** The whole of a name for a title: without what would turn it round, and of a bearable length. */
export const whole = (text: string): string => {
  const cut = text.length > 2000 ? `${text.slice(0, 2000)}… (${formatNumber(text.length)} characters)` : text
  return cut.replace(disturbing, (found) => (found === '\n' || found === '\t' ? found : '\ufffd'))
}
