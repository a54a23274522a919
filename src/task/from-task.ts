/** Converts a Task of fp-ts into a Task. */
import type { Task as FpTask } from 'fp-ts/lib/Task.js'
import { refuseFunction } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { expected, isThenable } from '../data/check-input.js'
import { promise } from './promise.js'

export const promiseOf = <A>(name: string, task: FpTask<A>): Task<never, A> =>
  typeof task === 'function'
    ? promise(() => {
        const running = task()
        if (isThenable(running)) return running
        throw expected(`Task.${name}`, 'a function that gives a promise', running)
      })
    : refuseFunction(name, task)

/**
 * Runs a Task of fp-ts, which is a promise that does not reject; a rejection
 * is a defect. It cannot be canceled: an interruption abandons it.
 */
export const fromTask = <A>(task: FpTask<A>): Task<never, A> => promiseOf('fromTask', task)
