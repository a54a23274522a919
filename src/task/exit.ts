/** Turns the exit of a task into a value. */
import { succeed } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import { refuseArguments } from './checked.js'

/** Succeeds with the exit of `self`, for every cause that `catchCause` handles. */
export const exit = <E, A>(self: Task<E, A>): Task<never, Exit<E, A>> =>
  isTask(self)
    ? make(
        Op.CatchCause,
        self,
        (cause: Cause<E>) => succeed(left(cause)),
        (a: A) => succeed(right(a))
      )
    : refuseArguments('exit', self)
