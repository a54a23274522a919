/** Handles both a typed failure and a value. */
import { succeed } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { fits, refuseArguments } from './checked.js'

/**
 * Turns a typed failure into a value with `onFailure`, and a value into another with `onSuccess`. Defects and
 * interruptions pass.
 */
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

/**
 * Continues with the task of `onFailure` after a typed failure, and with the task of `onSuccess` after a
 * value. `onFailure` does not handle failures of that second task.
 */
export const matchTask =
  <E, A, E2, B, E3, C>(onFailure: (e: E) => Task<E2, B>, onSuccess: (a: A) => Task<E3, C>) =>
  (self: Task<E, A>): Task<E2 | E3, B | C> =>
    fits(self, onFailure) && fits(self, onSuccess)
      ? make(Op.OrElse, self, onFailure, onSuccess)
      : refuseArguments('matchTask', self, onFailure, onSuccess)

/** Replaces a typed failure with the value that `f` makes of it. */
export const getOrElse =
  <E, B>(f: (e: E) => B) =>
  <A>(self: Task<E, A>): Task<never, A | B> =>
    fits(self, f) ? make(Op.OrElse, self, (e: E) => succeed(f(e))) : refuseArguments('getOrElse', self, f)
