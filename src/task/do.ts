/** The do-notation of fp-ts: a record to which each step adds a field. */
import { succeed } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { fits, given, refuseArguments } from './checked.js'

/** Succeeds with an empty record, to begin a chain of `bind`, `let` and `apS` (the do-notation of fp-ts). */
export const Do: Task<never, {}> = /* @__PURE__ */ succeed({})

/** Replaces the value with a record that contains it under `name`. */
export const bindTo =
  <N extends string>(name: N) =>
  <E, A>(self: Task<E, A>): Task<E, { readonly [K in N]: A }> =>
    isTask(self)
      ? make(Op.Map, self, (a: A) => withEntry<N, {}, A>({}, name, a))
      : refuseArguments('bindTo', self)

/** A record of type `R` with a further entry. */
export type WithEntry<N extends string, R, B> = {
  readonly [K in N | keyof R]: K extends keyof R ? R[K] : B
}

/** Returns `record` with a further entry. Safe because the type says the same. */
export const withEntry = <N extends string, R, B>(record: R, name: string, value: B): WithEntry<N, R, B> =>
  ({ ...record, [name]: value }) as WithEntry<N, R, B>

/** Adds to the record, under `name`, the value of the task that `f` returns for the record. */
export const bind =
  <N extends string, R, E2, B>(name: Exclude<N, keyof R>, f: (r: R) => Task<E2, B>) =>
  <E>(self: Task<E, R>): Task<E | E2, { readonly [K in N | keyof R]: K extends keyof R ? R[K] : B }> =>
    fits(self, f)
      ? make(Op.FlatMap, self, (r: R) =>
          make(Op.Map, given('bind', f(r)), (b: B) => withEntry<N, R, B>(r, name, b))
        )
      : refuseArguments('bind', self, f)

const let_ =
  <N extends string, R, B>(name: Exclude<N, keyof R>, f: (r: R) => B) =>
  <E>(self: Task<E, R>): Task<E, { readonly [K in N | keyof R]: K extends keyof R ? R[K] : B }> =>
    fits(self, f)
      ? make(Op.Map, self, (r: R) => withEntry<N, R, B>(r, name, f(r)))
      : refuseArguments('let', self, f)

export {
  /** Adds to the record, under `name`, the value that `f` returns for the record. */
  let_ as let
}
