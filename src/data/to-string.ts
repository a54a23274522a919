/**
 * One line about an object of the library, for `console.log` and `String`, which would else show its inside.
 */

/** `Queue lines (open, 2 items)`. Facts that are empty are left out. */
export function summary(kind: string, name: string | undefined, ...facts: ReadonlyArray<string>): string {
  const told = facts.filter((fact) => fact !== '').join(', ')
  return `${kind}${name === undefined ? '' : ` ${name}`}${told === '' ? '' : ` (${told})`}`
}

/**
 * Has `console.log` show the objects of a class as `String` does, in Node, Deno and Bun. (Chromium's shows
 * class and fields, whatever there is.) Gives `words`, for their `toString`: so a bundle with the class holds
 * this, and no other does.
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

/** The count and the noun; an empty text if the count is 0. */
export const countIfAny = (count: number, noun: string): string => (count === 0 ? '' : countOf(count, noun))

export const waitingCount = (count: number): string => (count === 0 ? '' : `${count} waiting`)
