/** A task that runs on a condition. */
import { unit } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { withoutValue } from './map.js'

/** Runs the task if `condition` is true, else does nothing (fp-ts's `when` of an applicative, data-last). */
export const when =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? withoutValue('when', self) : unit

/** Runs the task if `condition` is false, else does nothing. */
export const unless =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? unit : withoutValue('unless', self)
