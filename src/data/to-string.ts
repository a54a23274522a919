/**
 * One-line descriptions of the library's objects for `console.log` and `String`, which would
 * otherwise show their internals.
 */

/** Formats an object as `Queue lines (open, 2 items)`. Empty facts are left out. */
export function summary(kind: string, name: string | undefined, ...facts: ReadonlyArray<string>): string {
  const shown = facts.filter((fact) => fact !== '').join(', ')
  return `${kind}${name === undefined ? '' : ` ${name}`}${shown === '' ? '' : ` (${shown})`}`
}

/** The method that `console.log` calls in Node, Deno and Bun. Chromium always shows a class and its fields. */
const inspectMethod: unique symbol = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom')

const asText = {
  value(this: object): string {
    return String(this)
  }
}

/** Makes `console.log` show an object as `String` does, and all others with the same prototype. */
export function showAsText(prototype: object): void {
  if (!(inspectMethod in prototype)) Object.defineProperty(prototype, inspectMethod, asText)
}

export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Formats a count like `countOf`, or as an empty text if it is 0. */
export const countIfAny = (count: number, noun: string): string => (count === 0 ? '' : countOf(count, noun))

export const waitingCount = (count: number): string => (count === 0 ? '' : `${count} waiting`)
