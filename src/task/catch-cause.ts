/** Handles every cause. */
import { make, Op, type Task } from '../core/node.js'
import type { Cause } from '../data/reasons.js'
import { fits, refuseArguments } from './checked.js'

/**
 * Goes on with another task at failures and defects, at the interruption of somebody else (a fiber that was
 * joined), and at the fiber's own interruption where this stands in an uninterruptible region around a
 * `restore`.
 */
export const catchCause =
  <E, E2, B>(f: (cause: Cause<E>) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.CatchCause, self, f) : refuseArguments('catchCause', self, f)
