/** fp-ts's `ap` and `apS`, with both tasks run at once. */
import { make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { both } from './zip.js'

/** Applies the function that the task gives, with both run at once (fp-ts's `ap` of ApplyPar). */
export const ap =
  <E2, A>(fa: Task<E2, A>) =>
  <E, B>(fab: Task<E, (a: A) => B>): Task<E | E2, B> =>
    make(Op.Map, both('Task.ap', fab, fa), ([f, a]: [(a: A) => B, A]) => {
      if (typeof f === 'function') return f(a)
      throw expected('Task.ap', 'a Task of a function', f)
    })

/**
 * Adds to the record, under `name`, the value of `that`, with both run at once (fp-ts's `apS` of ApplyPar).
 */
export const apS =
  <N extends string, R, E2, B>(name: Exclude<N, keyof R>, that: Task<E2, B>) =>
  <E>(self: Task<E, R>): Task<E | E2, { readonly [K in N | keyof R]: K extends keyof R ? R[K] : B }> =>
    make(Op.Map, both('Task.apS', self, that), ([r, b]: [R, B]) => ({ ...r, [name]: b }))
