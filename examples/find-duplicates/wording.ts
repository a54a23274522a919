/** Formats paths, sizes and numbers, for people and for programs. */
import { isUtf8 } from 'node:buffer'

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.4 MiB`. */
export const sizeInWords = (bytes: number): string => {
  let amount = bytes
  let unit = 0
  for (; amount >= 1024 && unit < units.length - 1; unit++) amount /= 1024
  return `${unit === 0 ? amount : amount.toFixed(1)} ${bytes === 1 ? 'byte' : units[unit]}`
}

/** `1,234 files`, `1 file`. */
export const count = (amount: number, noun: string, plural = `${noun}s`): string =>
  `${amount.toLocaleString('en-US')} ${amount === 1 ? noun : plural}`

const escapes: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r'
}

const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f
const [dollar, quote, backslash] = [0x24, 0x27, 0x5c]

/** Whether the path could break its line or control the terminal, or look like a quoted path. */
const needsQuotes = (path: Buffer): boolean => {
  for (const byte of path) if (isControl(byte)) return true
  return path[0] === dollar && path[1] === quote
}

/**
 * A path for a line of its own: its bytes as they are, UTF-8 or not. If they need quotes, it is written as `$'...'`, which
 * a shell turns back into the same bytes.
 */
export const pathAsLine = (path: Buffer): Buffer => {
  if (!needsQuotes(path)) return path
  const pieces = Array.from(path, (byte) =>
    isControl(byte)
      ? Buffer.from(escapes[byte] ?? `\\x${byte.toString(16).padStart(2, '0')}`)
      : Buffer.from(byte === quote || byte === backslash ? [backslash, byte] : [byte])
  )
  return Buffer.concat([Buffer.from("$'"), ...pieces, Buffer.from("'")])
}

/** Characters from here on are mostly two columns wide. */
const firstWide = 0x1100

const widthOf = (character: string): number => ((character.codePointAt(0) ?? 0) < firstWide ? 1 : 2)

/** The end of `text`, behind `…` if it is wider than `columns`: the name of a file says more than the folders above it. */
export const shortened = (text: string, columns: number): string => {
  const characters = [...text]
  let width = 0
  for (const character of characters) width += widthOf(character)
  if (width <= columns) return text
  let from = 0
  for (; from < characters.length && width > columns - 1; from++) width -= widthOf(characters[from] ?? '')
  return `…${characters.slice(from).join('')}`
}

/**
 * A path as a string that can be turned back into its bytes: a byte that is not UTF-8 becomes one of U+DC80 to U+DCFF
 * (Python's `surrogateescape`).
 */
export const pathAsText = (path: Buffer): string => {
  if (isUtf8(path)) return path.toString()
  let text = ''
  for (let at = 0; at < path.length; ) {
    const length = [1, 2, 3, 4].find(
      (tried) => at + tried <= path.length && isUtf8(path.subarray(at, at + tried))
    )
    text +=
      length === undefined
        ? String.fromCharCode(0xdc00 + (path[at] ?? 0))
        : path.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return text
}
