/**
 * The type class instances of Task: one record for each class, for code that is
 * written against the class and not against Task (`A.traverse(ApplicativePar)`,
 * `sequenceS(ApplicativeSeq)`, `getApplySemigroup`, transformers).
 *
 * Invariant: this file makes no decisions. Each operation is a function of `aio-ts/Task`
 * with its arguments in the order of fp-ts, so that a pipe and an instance never differ
 * in meaning. fp-ts contributes only types and is not imported at run time. No record is
 * spread into another, so that a bundle contains only those it names.
 *
 * Rejected: the choice that fp-ts made for TaskEither, whose `Chain` and `Monad` apply in
 * parallel. If both sides fail, that results in a different error than `chain` would,
 * against the law that relates `ap` to `chain`. Here every instance that has `chain` applies
 * in sequence, and code that wants parallel work uses `ApplyPar` or `ApplicativePar`.
 */
import type { Alt2 } from 'fp-ts/lib/Alt.js'
import type { Applicative2 } from 'fp-ts/lib/Applicative.js'
import type { Apply2 } from 'fp-ts/lib/Apply.js'
import type { Bifunctor2 } from 'fp-ts/lib/Bifunctor.js'
import type { Chain2 } from 'fp-ts/lib/Chain.js'
import type { FromEither2 } from 'fp-ts/lib/FromEither.js'
import type { FromIO2 } from 'fp-ts/lib/FromIO.js'
import type { FromTask2 } from 'fp-ts/lib/FromTask.js'
import type { Functor2 } from 'fp-ts/lib/Functor.js'
import type { Monad2 } from 'fp-ts/lib/Monad.js'
import type { MonadIO2 } from 'fp-ts/lib/MonadIO.js'
import type { MonadTask2 } from 'fp-ts/lib/MonadTask.js'
import type { MonadThrow2 } from 'fp-ts/lib/MonadThrow.js'
import type { Pointed2 } from 'fp-ts/lib/Pointed.js'
import type { Task } from '../Task.js'
import {
  all,
  fail,
  flatMap,
  fromEither,
  fromIO,
  fromTask,
  map,
  mapBoth,
  mapError,
  orElse,
  succeed
} from '../Task.js'
import { URI } from './kind.js'

const mapOf = <E, A, B>(self: Task<E, A>, f: (a: A) => B): Task<E, B> => map(f)(self)

const chainOf = <E, A, B>(self: Task<E, A>, f: (a: A) => Task<E, B>): Task<E, B> => flatMap(f)(self)

const applyPar = <E, A, B>(functions: Task<E, (a: A) => B>, values: Task<E, A>): Task<E, B> =>
  map(([f, a]: [(a: A) => B, A]) => f(a))(all([functions, values]))

const applySeq = <E, A, B>(functions: Task<E, (a: A) => B>, values: Task<E, A>): Task<E, B> =>
  flatMap((f: (a: A) => B) => map(f)(values))(functions)

/**
 * Maps the value of a Task.
 *
 * ```ts
 * import { runSync, Task } from 'aio-ts'
 * import { Functor } from 'aio-ts/fp-ts'
 *
 * console.log(runSync(Functor.map(Task.succeed(20), (n) => n + 1))) // => { _tag: 'Right', right: 21 }
 * ```
 */
export const Functor: Functor2<URI> = { URI, map: mapOf }

/** Lifts a value into a Task that succeeds with it. */
export const Pointed: Pointed2<URI> = { URI, of: succeed }

/**
 * Maps the error and the value of a Task. Fails with the mapped
 * error; defects and interruption pass through unchanged.
 *
 * ```ts
 * import { runSync, Task } from 'aio-ts'
 * import { Bifunctor } from 'aio-ts/fp-ts'
 *
 * console.log(runSync(Bifunctor.mapLeft(Task.fail('gone'), (word) => word.length))) // => { _tag: 'Left', left: 4 }
 * ```
 */
export const Bifunctor: Bifunctor2<URI> = {
  URI,
  bimap: (self, f, g) => mapBoth(f, g)(self),
  mapLeft: (self, f) => mapError(f)(self)
}

/**
 * Applies the function that one Task yields to the value of another; both run at once.
 *
 * Fails with the first failure in time; the other side is interrupted
 * and awaited. Interrupting it interrupts both. Starts two fibers.
 */
export const ApplyPar: Apply2<URI> = { URI, map: mapOf, ap: applyPar }

/**
 * Applies the function that one Task yields to the value of another, in sequence.
 * The Task of the function runs first; if it fails, the other one is not run.
 */
export const ApplySeq: Apply2<URI> = { URI, map: mapOf, ap: applySeq }

/**
 * The instance with which `traverse`, `sequenceT` and `sequenceS` of fp-ts run Tasks in parallel.
 *
 * Fails with the first failure in time; the others are interrupted and awaited. Starts two fibers
 * for each element: for long arrays `traverseArray`, or `Task.forEach` with a limit, costs less.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 * import { ApplicativePar } from 'aio-ts/fp-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as RA from 'fp-ts/lib/ReadonlyArray.js'
 *
 * const double = (n: number) => pipe(Task.succeed(n * 2), Task.delay(5))
 * console.log(await runTask(pipe([1, 2, 3], RA.traverse(ApplicativePar)(double)))) // => { _tag: 'Right', right: [ 2, 4, 6 ] }
 * ```
 */
export const ApplicativePar: Applicative2<URI> = { URI, map: mapOf, ap: applyPar, of: succeed }

/**
 * The instance with which `traverse`, `sequenceT` and
 * `sequenceS` of fp-ts run Tasks one after another, in order.
 *
 * Fails with the first failure in order; the Tasks after it are not run.
 */
export const ApplicativeSeq: Applicative2<URI> = { URI, map: mapOf, ap: applySeq, of: succeed }

/**
 * Continues with a Task made from the value of another.
 * Both have the same error type; `Task.flatMap` widens it.
 */
export const Chain: Chain2<URI> = { URI, map: mapOf, ap: applySeq, chain: chainOf }

/**
 * The instance for code that is written once for every
 * monad. Its `ap` is sequential, consistent with `chain`.
 *
 * ```ts
 * import { runSync, Task } from 'aio-ts'
 * import { Monad } from 'aio-ts/fp-ts'
 *
 * console.log(runSync(Monad.chain(Task.succeed(20), (n) => Task.succeed(n + 1)))) // => { _tag: 'Right', right: 21 }
 * ```
 */
export const Monad: Monad2<URI> = { URI, map: mapOf, ap: applySeq, of: succeed, chain: chainOf }

/** A monad with typed failures: `throwError` is `Task.fail`. It does not throw. */
export const MonadThrow: MonadThrow2<URI> = {
  URI,
  map: mapOf,
  ap: applySeq,
  of: succeed,
  chain: chainOf,
  throwError: fail
}

/** Converts an Either of fp-ts: a Left becomes a typed failure. */
export const FromEither: FromEither2<URI> = { URI, fromEither }

/** Converts an IO of fp-ts. An exception in it is a defect. */
export const FromIO: FromIO2<URI> = { URI, fromIO }

/**
 * Converts a Task of fp-ts. A rejection is a defect. An interruption
 * abandons the running promise, because it cannot be stopped.
 */
export const FromTask: FromTask2<URI> = { URI, fromIO, fromTask }

/** A monad that also converts an IO of fp-ts. */
export const MonadIO: MonadIO2<URI> = { URI, map: mapOf, ap: applySeq, of: succeed, chain: chainOf, fromIO }

/** A monad that also converts a Task of fp-ts. */
export const MonadTask: MonadTask2<URI> = {
  URI,
  map: mapOf,
  ap: applySeq,
  of: succeed,
  chain: chainOf,
  fromIO,
  fromTask
}

/**
 * Tries a second Task if the first one fails. The second is not evaluated before that.
 *
 * Fails with the error of the second. Defects and interruption
 * of the first are not failures: the second is not evaluated.
 *
 * ```ts
 * import { runSync, Task } from 'aio-ts'
 * import { Alt } from 'aio-ts/fp-ts'
 *
 * const word = Alt.alt<string, string>(Task.fail('gone'), () => Task.succeed('here'))
 * console.log(runSync(word)) // => { _tag: 'Right', right: 'here' }
 * ```
 */
export const Alt: Alt2<URI> = {
  URI,
  map: mapOf,
  alt: (self, that) => orElse(typeof that === 'function' ? () => that() : that)(self)
}
