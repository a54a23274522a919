/** Turns the typed failure or the value of a task into an Either. */
import type { Either } from 'fp-ts/lib/Either.js'
import { succeed } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import { refuseArguments } from './checked.js'

/** Succeeds with the typed failure or the value, as an Either of fp-ts. */
export const either = <E, A>(self: Task<E, A>): Task<never, Either<E, A>> =>
  isTask(self)
    ? make(
        Op.OrElse,
        self,
        (e: E) => succeed(left(e)),
        (a: A) => succeed(right(a))
      )
    : refuseArguments('either', self)
