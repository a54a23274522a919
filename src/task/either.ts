/** The typed failure of a task, or its value, as an Either. */
import type { Either } from 'fp-ts/lib/Either.js'
import { succeed } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import { refuseArguments } from './checked.js'

/** Succeeds with the value or the typed failure as an fp-ts Either. Defects and interruptions pass. */
export const either = <E, A>(self: Task<E, A>): Task<never, Either<E, A>> =>
  isTask(self)
    ? make(
        Op.OrElse,
        self,
        (e: E) => succeed(left(e)),
        (a: A) => succeed(right(a))
      )
    : refuseArguments('either', self)
