/** Tasks in sequence: what runs after what. Data-last, for fp-ts's `pipe`; errors widen by themselves. */

import { refuseFunction, succeed, unit } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { fits, given, refuse } from './checked.js'

/** Calls `f` with the value. What `f` throws is a defect. */
export const map =
  <A, B>(f: (a: A) => B) =>
  <E>(self: Task<E, A>): Task<E, B> =>
    typeof f === 'function' ? make(Op.Map, self, f) : refuseFunction('map', f)

/** The same, with `value` in place of its value. */
export const as =
  <B>(value: B) =>
  <E, A>(self: Task<E, A>): Task<E, B> =>
    isTask(self) ? make(Op.Map, self, () => value) : refuse('as', self)

const toNothing = (): void => undefined

/** The same, without its value. */
export const asUnit = <E, A>(self: Task<E, A>): Task<E, void> => withoutValue('asUnit', self)

const withoutValue = <E>(name: string, self: Task<E, unknown>): Task<E, void> =>
  isTask(self) ? make(Op.Map, self, toNothing) : refuse(name, self)

/**
 * Goes on with the task that `f` makes of the value. Any depth runs in constant stack.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * const half = (n: number) => (n % 2 === 0 ? Task.succeed(n / 2) : Task.fail('odd' as const))
 * console.log(await runTask(pipe(half(6), Task.flatMap(half)))) // => { _tag: 'Left', left: 'odd' }
 * ```
 */
export const flatMap =
  <A, E2, B>(f: (a: A) => Task<E2, B>) =>
  <E>(self: Task<E, A>): Task<E | E2, B> =>
    typeof f === 'function' ? make(Op.FlatMap, self, f) : refuseFunction('flatMap', f)

const inner = <E, A>(value: Task<E, A>): Task<E, A> => given('flatten', value)

/** Runs the task that the task gives. */
export const flatten = <E, E2, A>(self: Task<E, Task<E2, A>>): Task<E | E2, A> =>
  isTask(self) ? make(Op.FlatMap, self, inner) : refuse('flatten', self)

/** Runs what `f` makes of the value, and gives the value. A failure of `f`'s task is one of the whole. */
export const tap =
  <A, E2, B>(f: (a: A) => Task<E2, B>) =>
  <E>(self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f)
      ? make(Op.FlatMap, self, (a: A) => make(Op.Map, given('tap', f(a)), () => a))
      : refuse('tap', self, f)

/** Runs it where `condition` holds, else does nothing (fp-ts's `when` of an applicative, data-last). */
export const when =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? withoutValue('when', self) : unit

/** Runs it where `condition` does not hold, else does nothing. */
export const unless =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? unit : withoutValue('unless', self)

/** Begins a chain of `bind`, `let` and `apS` (fp-ts's do-notation). */
export const Do: Task<never, {}> = /* @__PURE__ */ succeed({})

/** Begins a record with its value under `name`. */
export const bindTo =
  <N extends string>(name: N) =>
  <E, A>(self: Task<E, A>): Task<E, { readonly [K in N]: A }> =>
    isTask(self) ? make(Op.Map, self, (a: A) => ({ [name]: a })) : refuse('bindTo', self)

/** Adds to the record, under `name`, the value of the task that `f` makes of the record. */
export const bind =
  <N extends string, R, E2, B>(name: Exclude<N, keyof R>, f: (r: R) => Task<E2, B>) =>
  <E>(self: Task<E, R>): Task<E | E2, { readonly [K in N | keyof R]: K extends keyof R ? R[K] : B }> =>
    fits(self, f)
      ? make(Op.FlatMap, self, (r: R) => make(Op.Map, given('bind', f(r)), (b: B) => ({ ...r, [name]: b })))
      : refuse('bind', self, f)

const let_ =
  <N extends string, R, B>(name: Exclude<N, keyof R>, f: (r: R) => B) =>
  <E>(self: Task<E, R>): Task<E, { readonly [K in N | keyof R]: K extends keyof R ? R[K] : B }> =>
    fits(self, f) ? make(Op.Map, self, (r: R) => ({ ...r, [name]: f(r) })) : refuse('let', self, f)

export {
  /** Adds to the record, under `name`, what `f` gives for the record. */
  let_ as let
}

/** A name for traces, dumps and the inspector: a cause that comes through it has the name in its `trace`. */
export const named =
  (name: string) =>
  <E, A>(self: Task<E, A>): Task<E, A> =>
    isTask(self) ? make(Op.Named, self, name) : refuse('named', self)
