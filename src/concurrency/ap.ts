/** The functions `ap` and `apS` of fp-ts, which run both tasks at once. */
import { make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { withEntry } from '../task/do.js'
import { both } from './zip.js'

/**
 * Runs the task that yields a function and the task that yields its
 * argument at once, and applies the function (fp-ts's `ap` of ApplyPar).
 */
export const ap =
  <E2, A>(fa: Task<E2, A>) =>
  <E, B>(fab: Task<E, (a: A) => B>): Task<E | E2, B> =>
    make(Op.Map, both('Task.ap', fab, fa), ([f, a]: [(a: A) => B, A]) => {
      if (typeof f === 'function') return f(a)
      throw expected('Task.ap', 'a Task of a function', f)
    })

/**
 * Adds the value of `that` to the record under `name`. Runs both tasks at once (fp-ts's `apS` of ApplyPar).
 */
export const apS =
  <N extends string, R, E2, B>(name: Exclude<N, keyof R>, that: Task<E2, B>) =>
  <E>(self: Task<E, R>): Task<E | E2, { readonly [K in N | keyof R]: K extends keyof R ? R[K] : B }> =>
    make(Op.Map, both('Task.apS', self, that), ([r, b]: [R, B]) => withEntry<N, R, B>(r, name, b))
