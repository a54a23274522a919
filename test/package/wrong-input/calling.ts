/** A valid call of an export; each of its inputs is then made wrong. */

export interface Calling {
  /** The inputs of the export, and then of each function that the call before has given. */
  readonly stages: ReadonlyArray<() => ReadonlyArray<unknown>>
  /** What a method is called on. */
  readonly on?: () => unknown
  /** What is done with what the last call has given. */
  readonly then?: (result: unknown) => unknown
  /** What an error may call it, where that is not the name of the export. */
  readonly name?: RegExp
}

/** An input that may be anything: whatever is put in its place is right as well. */
export class Anything {
  constructor(readonly value: unknown) {}
}

export const anything = (value: unknown): Anything => new Anything(value)

export type Callings = Readonly<Record<string, Calling>>

export const call = (...stages: Calling['stages']): Calling => ({ stages })

export const method = (on: () => unknown, ...stages: Calling['stages']): Calling => ({ on, stages })

/** It takes nothing, so there is nothing to make wrong. */
export const nothing: Calling = { stages: [] }

/** The same under another name. */
export const named = (name: RegExp, calling: Calling): Calling => ({ ...calling, name })

/** What stands under each key, below `prefix`. */
export const below = (prefix: string, callings: Callings): Callings =>
  Object.fromEntries(Object.entries(callings).map(([path, calling]) => [`${prefix}${path}`, calling]))
