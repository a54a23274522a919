/** Runs a task after a typed failure, and then fails with that failure. */
import { fail } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { fits, given, refuseArguments } from './checked.js'
import { ofErrorsKept } from './handlers.js'

const tapping = /* @__PURE__ */ ofErrorsKept('tapError')

/**
 * Runs the task that `f` returns for a typed failure, then fails with
 * the original failure. If that task fails, fails with its error.
 */
export const tapError =
  <E, E2, B>(f: (e: E) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f)
      ? make(Op.Handle, self, (e: E) => make(Op.FlatMap, given('tapError', f(e)), () => fail(e)), tapping)
      : refuseArguments('tapError', self, f)
