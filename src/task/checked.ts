/**
 * Wrong input, found where an operation is built: there the error's stack has the line of the mistake, and a
 * handler that is no function is found although nothing has failed yet.
 *
 * To ask for the type of a function costs nothing that can be measured, to ask for the class of a Task a
 * nanosecond. `map` and `flatMap`, which programs build at every step, leave the second to the run loop,
 * which notices what is no Task without asking.
 */

import { die, refuseFunction } from '../core/construct.js'
import { isTask, Node, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'

/** Whether `self` is a Task and `f` a function. */
export const fits = (self: unknown, f: unknown): boolean => self instanceof Node && typeof f === 'function'

/**
 * A Task that dies with the error for an invalid input of `Task.name`: one of `functions` is not a function,
 * or `self` is not a Task.
 */
export function refuseArguments(
  name: string,
  self: unknown,
  ...functions: ReadonlyArray<unknown>
): Task<never, never> {
  for (const f of functions) if (typeof f !== 'function') return refuseFunction(name, f)
  return die(expected(`Task.${name}`, 'to stand behind a Task', self))
}

/** `value`, which a function gave that was handed to `Task.name`. Throws where it is no Task. */
export function given<E, A>(name: string, value: Task<E, A>): Task<E, A> {
  if (isTask(value)) return value
  throw expected(`Task.${name}`, 'a Task', value)
}
