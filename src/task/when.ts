/** A task that runs on a condition. */
import { unit } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { withoutValue } from './map.js'

/** Runs it where `condition` holds, else does nothing (fp-ts's `when` of an applicative, data-last). */
export const when =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? withoutValue('when', self) : unit

/** Runs it where `condition` does not hold, else does nothing. */
export const unless =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? unit : withoutValue('unless', self)
