/**
 * Task as fp-ts sees it: one record for each type class, for what is written against the class and not
 * against Task (`A.traverse(ApplicativePar)`, `sequenceS(ApplicativeSeq)`, `getApplySemigroup`,
 * transformers).
 *
 * Invariant: nothing is decided here. Each operation is a function of `aio-ts/Task` with its arguments in the
 * order of fp-ts, so that a pipe and an instance never mean two things. fp-ts gives types alone and is not
 * imported when run; no record is spread into another, so that a bundle takes only those it names.
 *
 * Rejected: fp-ts's own choice for TaskEither, whose `Chain` and `Monad` apply in parallel. Where both sides
 * fail, that gives another error than `chain` would, against the law that ties `ap` to `chain`. Here every
 * instance that can chain applies in sequence; parallel work is requested with `ApplyPar` or
 * `ApplicativePar`.
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
 * Maps what a Task succeeds with.
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
 * Maps the error and the value. Fails with the mapped error; defects and interruption go through unmapped.
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
 * Applies a Task of a function to a Task of its argument, both at work at once.
 *
 * Fails with the first failure in time; the other side is interrupted and awaited. Interrupting it interrupts
 * both. Starts two fibers.
 */
export const ApplyPar: Apply2<URI> = { URI, map: mapOf, ap: applyPar }

/**
 * Applies a Task of a function to a Task of its argument, the function first. Where it fails, the argument is
 * not run.
 */
export const ApplySeq: Apply2<URI> = { URI, map: mapOf, ap: applySeq }

/**
 * What `traverse`, `sequenceT` and `sequenceS` of fp-ts take to run Tasks in parallel.
 *
 * Fails with the first failure in time; the others are interrupted and awaited. Starts two fibers for each
 * element: for long arrays `traverseArray`, or `Task.forEach` with a limit, costs less.
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
 * What `traverse`, `sequenceT` and `sequenceS` of fp-ts take to run Tasks one after another, in order.
 *
 * Fails with the first failure in order; what comes after it is not run.
 */
export const ApplicativeSeq: Applicative2<URI> = { URI, map: mapOf, ap: applySeq, of: succeed }

/**
 * Goes on with a Task made from the value of another. Both fail with one type of error; `Task.flatMap` widens
 * it.
 */
export const Chain: Chain2<URI> = { URI, map: mapOf, ap: applySeq, chain: chainOf }

/**
 * What is written once for every monad takes this. Its `ap` is sequential, in keeping with `chain`.
 *
 * ```ts
 * import { runSync, Task } from 'aio-ts'
 * import { Monad } from 'aio-ts/fp-ts'
 *
 * console.log(runSync(Monad.chain(Task.succeed(20), (n) => Task.succeed(n + 1)))) // => { _tag: 'Right', right: 21 }
 * ```
 */
export const Monad: Monad2<URI> = { URI, map: mapOf, ap: applySeq, of: succeed, chain: chainOf }

/** A monad whose failures are typed: `throwError` is `Task.fail`. It throws nothing. */
export const MonadThrow: MonadThrow2<URI> = {
  URI,
  map: mapOf,
  ap: applySeq,
  of: succeed,
  chain: chainOf,
  throwError: fail
}

/** Takes fp-ts's Either over: a Left becomes a typed failure. */
export const FromEither: FromEither2<URI> = { URI, fromEither }

/** Takes fp-ts's IO over. What it throws is a defect. */
export const FromIO: FromIO2<URI> = { URI, fromIO }

/**
 * Takes fp-ts's Task over. That it rejects is a defect; interruption leaves it running unseen, for it cannot
 * be stopped.
 */
export const FromTask: FromTask2<URI> = { URI, fromIO, fromTask }

/** A monad into which fp-ts's IO can be taken over. */
export const MonadIO: MonadIO2<URI> = { URI, map: mapOf, ap: applySeq, of: succeed, chain: chainOf, fromIO }

/** A monad into which fp-ts's Task can be taken over. */
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
 * Tries a second Task where the first one fails. The second is asked for only then.
 *
 * Fails with what the second fails with. Defects and interruption of the first are no failures: it is not
 * asked for.
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
