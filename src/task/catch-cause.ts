/** Handles every cause. */
import { make, Op, type Task } from '../core/node.js'
import type { Cause } from '../data/reasons.js'
import { fits, refuseArguments } from './checked.js'

/**
 * Continues with the task of `f` after failures, defects and the interruption of another fiber (one that was
 * joined). Handles the fiber's own interruption only within an uninterruptible region around a `restore`.
 */
export const catchCause =
  <E, E2, B>(f: (cause: Cause<E>) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.CatchCause, self, f) : refuseArguments('catchCause', self, f)
