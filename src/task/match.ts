/** Handles both a typed failure and a value. */
import { succeed } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { fits, refuseArguments } from './checked.js'

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
      : refuseArguments('match', self, onFailure, onSuccess)

/** A task either way. A failure of `onSuccess`'s task does not come to `onFailure`. */
export const matchTask =
  <E, A, E2, B, E3, C>(onFailure: (e: E) => Task<E2, B>, onSuccess: (a: A) => Task<E3, C>) =>
  (self: Task<E, A>): Task<E2 | E3, B | C> =>
    fits(self, onFailure) && fits(self, onSuccess)
      ? make(Op.OrElse, self, onFailure, onSuccess)
      : refuseArguments('matchTask', self, onFailure, onSuccess)

/** A value in place of a typed failure. */
export const getOrElse =
  <E, B>(f: (e: E) => B) =>
  <A>(self: Task<E, A>): Task<never, A | B> =>
    fits(self, f) ? make(Op.OrElse, self, (e: E) => succeed(f(e))) : refuseArguments('getOrElse', self, f)
