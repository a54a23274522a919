/** Turns the typed failure or the value of a task into an Either. */
import type { Either } from 'fp-ts/lib/Either.js'
import { succeed } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import { refuseArguments } from './checked.js'
import { ofErrors } from './handlers.js'

const toLeft = (error: unknown): Task<never, unknown> => succeed(left(error))

const toEither = /* @__PURE__ */ ofErrors('either', (value) => succeed(right(value)))

/** Succeeds with the typed failure or the value, as an Either of fp-ts. */
export const either = <E, A>(self: Task<E, A>): Task<never, Either<E, A>> =>
  isTask(self) ? make(Op.Handle, self, toLeft, toEither) : refuseArguments('either', self)
