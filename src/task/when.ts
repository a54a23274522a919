/** Runs a task on a condition. */
import { unit } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { withoutValue } from './map.js'

/**
 * Runs `self` if `condition` is true, else does nothing (the `when` of an applicative in fp-ts, data-last).
 */
export const when =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? withoutValue('when', self) : unit

/** Runs `self` if `condition` is false, else does nothing. */
export const unless =
  (condition: boolean) =>
  <E>(self: Task<E, unknown>): Task<E, void> =>
    condition ? unit : withoutValue('unless', self)
