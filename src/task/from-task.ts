/** A Task of fp-ts's Task. */
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
 * Runs an fp-ts Task, a promise that does not reject; a rejection is a defect. It cannot be cancelled: an
 * interruption leaves it running and ignores its end.
 */
export const fromTask = <A>(task: FpTask<A>): Task<never, A> => promiseOf('fromTask', task)
