/**
 * Handles typed failures.
 *
 * A handler for typed failures handles a cause only if all of its reasons are typed failures. If a
 * finalizer died as well, no handler expects the defect, and the whole cause passes unchanged. Of
 * several typed failures the first is handled, and the others are reported. Nothing is dropped.
 */
import { make, Op, type Task } from '../core/node.js'
import { fits, refuseArguments } from './checked.js'
import { ofErrors } from './handlers.js'

const orElseHandling = /* @__PURE__ */ ofErrors('orElse')

/** Continues with the task that `f` returns for a typed failure. Does not handle defects and interruption. */
export const orElse =
  <E, E2, B>(f: (e: E) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.Handle, self, f, orElseHandling) : refuseArguments('orElse', self, f)
