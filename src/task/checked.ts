/**
 * Checks inputs where an operation is built. There the stack of the error contains the line of
 * the mistake, and a handler that is not a function is found even if nothing has failed yet.
 *
 * A check of the type of a function has no measurable cost; a check of the class of a Task
 * costs a nanosecond. `map` and `flatMap`, which programs build at every step, leave the
 * second check to the run loop, which recognizes a value that is not a Task at no cost.
 */

import { die, refuseFunction } from '../core/construct.js'
import { isTask, Node, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'

/** Whether `self` is a Task and `f` a function. */
export const fits = (self: unknown, f: unknown): boolean => self instanceof Node && typeof f === 'function'

/**
 * Returns a Task that dies of the error for the inputs of the function `name`
 * of Task: one of `functions` is not a function, or else `self` is not a Task.
 */
export function refuseArguments(
  name: string,
  self: unknown,
  ...functions: ReadonlyArray<unknown>
): Task<never, never> {
  for (const f of functions) if (typeof f !== 'function') return refuseFunction(name, f)
  return die(expected(`Task.${name}`, 'to stand behind a Task', self))
}

/**
 * Returns `value`, the result of a function that was passed
 * to the function `name` of Task. Throws if it is not a Task.
 */
export function given<E, A>(name: string, value: Task<E, A>): Task<E, A> {
  if (isTask(value)) return value
  throw expected(`Task.${name}`, 'a Task', value)
}
