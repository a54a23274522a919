/**
 * One-line descriptions of the library's objects for `console.log` and `String`, which would
 * otherwise show their internals.
 */

/** Formats an object as `Queue lines (open, 2 items)`. Empty facts are left out. */
export function summary(kind: string, name: string | undefined, ...facts: ReadonlyArray<string>): string {
  const told = facts.filter((fact) => fact !== '').join(', ')
  return `${kind}${name === undefined ? '' : ` ${name}`}${told === '' ? '' : ` (${told})`}`
}

/**
 * Makes `console.log` show the objects of a class as `String` does, in Node, Deno and Bun. (Chromium always
 * shows the class and its fields.) Returns `words`, which makes their text, unchanged, so that only bundles
 * with the class contain this code.
 */
export function withInspect<F>(base: { readonly prototype: object }, words: F): F {
  Object.defineProperty(base.prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: object): string {
      return String(this)
    }
  })
  return words
}

export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Formats a count like `countOf`, or as an empty text if it is 0. */
export const countIfAny = (count: number, noun: string): string => (count === 0 ? '' : countOf(count, noun))

export const waitingCount = (count: number): string => (count === 0 ? '' : `${count} waiting`)
