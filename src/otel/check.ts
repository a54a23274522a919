/**
 * Validates arguments at the public functions of this folder: OpenTelemetry's API accepts any value and fails
 * later, elsewhere.
 */

import { isTask } from '../core/node.js'
import { expected, hasMethod } from '../data/check-input.js'
import * as Task from '../Task.js'

const refuseInput = (where: string, what: string, value: unknown): Task.Task<never, never> =>
  Task.die(expected(where, what, value))

/**
 * Returns undefined if `isRight` accepts `value` and `self` is a Task, otherwise a Task that dies with an
 * error that names the wrong argument.
 */
export function refused(
  where: string,
  self: unknown,
  value: unknown,
  what: string,
  isRight: (value: unknown) => boolean
): Task.Task<never, never> | undefined {
  if (!isRight(value)) return refuseInput(where, what, value)
  return isTask(self) ? undefined : refuseInput(where, 'to stand behind a Task', self)
}

export const isOptionsObject = (value: unknown): boolean => typeof value === 'object' && value !== null

export const isContext = (value: unknown): boolean => hasMethod(value, 'getValue')

/** Throws a TypeError if `options` is not an object, or if its `meter` is not a Meter. */
export function demandMeter(where: string, options: { readonly meter?: unknown }): void {
  if (!isOptionsObject(options)) throw expected(where, 'an object of options', options)
  const { meter } = options
  if (meter !== undefined && !hasMethod(meter, 'createObservableUpDownCounter'))
    throw expected(where, 'a Meter', meter)
}
