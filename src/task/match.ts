/** Handles both a typed failure and a value. */
import { succeed } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { fits, refuseArguments } from './checked.js'
import { ofErrors } from './handlers.js'

const getOrElseHandling = /* @__PURE__ */ ofErrors('getOrElse')

/** Succeeds with the result of `onFailure` for a typed failure, and of `onSuccess` for a value. */
export const match =
  <E, A, B, C>(onFailure: (e: E) => B, onSuccess: (a: A) => C) =>
  (self: Task<E, A>): Task<never, B | C> =>
    fits(self, onFailure) && fits(self, onSuccess)
      ? make(
          Op.Handle,
          self,
          (e: E) => succeed(onFailure(e)),
          ofErrors('match', (a: A) => succeed(onSuccess(a)))
        )
      : refuseArguments('match', self, onFailure, onSuccess)

/**
 * Continues with the task that `onFailure` returns for a typed failure, or `onSuccess`
 * for a value. A failure of the task of `onSuccess` is not passed to `onFailure`.
 */
export const matchTask =
  <E, A, E2, B, E3, C>(onFailure: (e: E) => Task<E2, B>, onSuccess: (a: A) => Task<E3, C>) =>
  (self: Task<E, A>): Task<E2 | E3, B | C> =>
    fits(self, onFailure) && fits(self, onSuccess)
      ? make(Op.Handle, self, onFailure, ofErrors('matchTask', onSuccess))
      : refuseArguments('matchTask', self, onFailure, onSuccess)

/** Replaces a typed failure by the value that `f` returns for it. */
export const getOrElse =
  <E, B>(f: (e: E) => B) =>
  <A>(self: Task<E, A>): Task<never, A | B> =>
    fits(self, f)
      ? make(Op.Handle, self, (e: E) => succeed(f(e)), getOrElseHandling)
      : refuseArguments('getOrElse', self, f)
