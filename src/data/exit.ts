/** How a fiber ended: an fp-ts Either of a Cause or a value, so that all of fp-ts works on it. */
import type { Either } from 'fp-ts/lib/Either.js'
import { left, right } from './either.js'
import * as Cause from './reasons.js'

export type Exit<E, A> = Either<Cause.Cause<E>, A>

/** Creates the Exit of a fiber that succeeded with `value`. */
export const succeed = <A>(value: A): Exit<never, A> => right(value)

/** Creates the Exit of a fiber that failed with the typed error `error`. */
export const fail = <E>(error: E): Exit<E, never> => left(Cause.fail(error))

/** Creates the Exit of a fiber that failed with a defect. */
export const die = (defect: unknown): Exit<never, never> => left(Cause.die(defect))

/** Creates the Exit of a fiber that was interrupted, by the fiber `by` if one is given. */
export const interrupt = (by?: Cause.FiberId): Exit<never, never> => left(Cause.interrupt(by))

/** Creates the Exit of a fiber that failed with `cause`. Throws a TypeError if `cause` is not a Cause. */
export function failCause<E>(cause: Cause.Cause<E>): Exit<E, never> {
  const wrong = Cause.checkCause('Exit.failCause', cause)
  if (wrong !== undefined) throw wrong
  return left(cause)
}
