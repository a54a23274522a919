/**
 * How a fiber ended: an fp-ts Either of a Cause or a value, so that all of fp-ts works on it.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import { left, right } from './either.js'
import * as Cause from './reasons.js'

export type Exit<E, A> = Either<Cause.Cause<E>, A>

/** Ended with a value. */
export const succeed = <A>(value: A): Exit<never, A> => right(value)

/** Ended with a typed failure. */
export const fail = <E>(error: E): Exit<E, never> => left(Cause.fail(error))

/** Ended with a defect. */
export const die = (defect: unknown): Exit<never, never> => left(Cause.die(defect))

/** Was interrupted, by fiber `by` where it was one. */
export const interrupt = (by?: Cause.FiberId): Exit<never, never> => left(Cause.interrupt(by))

/** Ended for the reasons of `cause`. Throws a TypeError at what is no Cause. */
export function failCause<E>(cause: Cause.Cause<E>): Exit<E, never> {
  const wrong = Cause.checkCause('Exit.failCause', cause)
  if (wrong !== undefined) throw wrong
  return left(cause)
}
