/**
 * What to do about failures.
 *
 * A handler for typed failures answers for a cause only where all of its reasons are typed failures. Where a finalizer died too, no
 * handler knows of the defect, and the whole cause goes on as it is. Of several typed failures the first is handled, and the
 * reporter hears of the others. Nothing is dropped.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import { fail, succeed } from '../core/construct.js'
import { isTask, keepsErrors, make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import { fits, given, refuse } from './checked.js'

/** Goes on with another task at every typed failure. Neither at defects nor at interruption. */
export const orElse =
  <E, E2, B>(f: (e: E) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.OrElse, self, f) : refuse('orElse', self, f)

/**
 * Goes on with another task at one member of a tagged union; the others stay in the error channel. `tag` is one literal: of a tag
 * whose type is a union the types would take out all members, though only one is caught.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { Queue, runTask, Task } from 'aio-ts'
 *
 * const queue = new Queue<number>()
 * queue.close()
 * const item = pipe(queue.get(), Task.catchTag('QueueClosedError', () => Task.succeed(-1)))
 * console.log(await runTask(item)) // => { _tag: 'Right', right: -1 }
 * ```
 */
export const catchTag =
  <E extends { readonly _tag: string }, K extends E['_tag'], E2, B>(
    tag: K,
    f: (e: Extract<E, { readonly _tag: K }>) => Task<E2, B>
  ) =>
  <A>(self: Task<E, A>): Task<Exclude<E, { readonly _tag: K }> | E2, A | B> =>
    fits(self, f)
      ? make(Op.OrElse, self, (e: E) => (hasTag(tag)(e) ? given('catchTag', f(e)) : fail(e)), tag)
      : refuse('catchTag', self, f)

/** Errors may be anything at run time, also null: the type says what was promised, not what was thrown at us. */
const hasTag =
  <K extends string>(tag: K) =>
  <E extends { readonly _tag: string }>(e: E): e is Extract<E, { readonly _tag: K }> =>
    (e as E | null | undefined)?._tag === tag

/**
 * Goes on with another task at failures and defects, at the interruption of somebody else (a fiber that was joined), and at the
 * fiber's own interruption where this stands in an uninterruptible region around a `restore`.
 */
export const catchCause =
  <E, E2, B>(f: (cause: Cause<E>) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.CatchCause, self, f) : refuse('catchCause', self, f)

/** Runs what `f` makes of a typed failure, and fails with it all the same. */
export const tapError =
  <E, E2, B>(f: (e: E) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f)
      ? make(Op.OrElse, self, (e: E) => make(Op.FlatMap, given('tapError', f(e)), () => fail(e)), keepsErrors)
      : refuse('tapError', self, f)

/** A value either way. */
export const match =
  <E, A, B, C>(onFailure: (e: E) => B, onSuccess: (a: A) => C) =>
  (self: Task<E, A>): Task<never, B | C> =>
    fits(self, onFailure) && fits(self, onSuccess)
      ? make(
          Op.OrElse,
          self,
          (e: E) => succeed(onFailure(e)),
          (a: A) => succeed(onSuccess(a))
        )
      : refuse('match', self, onFailure, onSuccess)

/** A task either way. A failure of `onSuccess`'s task does not come to `onFailure`. */
export const matchTask =
  <E, A, E2, B, E3, C>(onFailure: (e: E) => Task<E2, B>, onSuccess: (a: A) => Task<E3, C>) =>
  (self: Task<E, A>): Task<E2 | E3, B | C> =>
    fits(self, onFailure) && fits(self, onSuccess)
      ? make(Op.OrElse, self, onFailure, onSuccess)
      : refuse('matchTask', self, onFailure, onSuccess)

/** A value in place of a typed failure. */
export const getOrElse =
  <E, B>(f: (e: E) => B) =>
  <A>(self: Task<E, A>): Task<never, A | B> =>
    fits(self, f) ? make(Op.OrElse, self, (e: E) => succeed(f(e))) : refuse('getOrElse', self, f)

/** The typed failure, or the value, as an fp-ts Either. */
export const either = <E, A>(self: Task<E, A>): Task<never, Either<E, A>> =>
  isTask(self)
    ? make(
        Op.OrElse,
        self,
        (e: E) => succeed(left(e)),
        (a: A) => succeed(right(a))
      )
    : refuse('either', self)

/** How it ended, as a value: for all that `catchCause` sees. */
export const exit = <E, A>(self: Task<E, A>): Task<never, Exit<E, A>> =>
  isTask(self)
    ? make(
        Op.CatchCause,
        self,
        (cause: Cause<E>) => succeed(left(cause)),
        (a: A) => succeed(right(a))
      )
    : refuse('exit', self)
