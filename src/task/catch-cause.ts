/** Handles every cause of a failure. */
import { make, Op, type Task } from '../core/node.js'
import type { Cause } from '../data/reasons.js'
import { fits, refuseArguments } from './checked.js'
import { ofCauses } from './handlers.js'

const catching = /* @__PURE__ */ ofCauses('catchCause')

/**
 * Continues with another task if `self` fails, dies, or fails with the
 * interruption of another fiber (one that was joined). It also handles the fiber's
 * own interruption if it is in an uninterruptible region around a `restore`.
 */
export const catchCause =
  <E, E2, B>(f: (cause: Cause<E>) => Task<E2, B>) =>
  <A>(self: Task<E, A>): Task<E2, A | B> =>
    fits(self, f) ? make(Op.Handle, self, f, catching) : refuseArguments('catchCause', self, f)
