/**
 * Handles typed failures.
 *
 * A handler for typed failures handles a cause only where all of its reasons are typed failures. Where a
 * finalizer died as well, no handler knows of the defect, and the whole cause goes on as it is. Of several
 * typed failures the first is handled, and the others are reported. Nothing is dropped.
 */
import { make, Op, type Task } from '../core/node.js'
import { fits, refuseArguments } from './checked.js'

/** Continues with the task of `f` after a typed failure. Does not handle defects or interruptions. */
export const orElse =
  <E, E2, B>(f: (e: E) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.OrElse, self, f) : refuseArguments('orElse', self, f)
