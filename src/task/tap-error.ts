/** Runs a task at a typed failure, and fails with it all the same. */
import { fail } from '../core/construct.js'
import { keepsErrors, make, Op, type Task } from '../core/node.js'
import { fits, given, refuseArguments } from './checked.js'

/** Runs the task of `f` after a typed failure, then fails with that failure all the same. */
export const tapError =
  <E, E2, B>(f: (e: E) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f)
      ? make(Op.OrElse, self, (e: E) => make(Op.FlatMap, given('tapError', f(e)), () => fail(e)), keepsErrors)
      : refuseArguments('tapError', self, f)
