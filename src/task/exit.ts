/** Turns the exit of a task into a value. */
import { succeed } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { refuseArguments } from './checked.js'
import { ofCauses } from './handlers.js'

const toFailedExit = (cause: unknown): Task<never, unknown> => succeed(left(cause))

const toExit = /* @__PURE__ */ ofCauses('exit', (value) => succeed(right(value)))

/** Succeeds with the exit of `self`, for every cause that `catchCause` handles. */
export const exit = <E, A>(self: Task<E, A>): Task<never, Exit<E, A>> =>
  isTask(self) ? make(Op.Handle, self, toFailedExit, toExit) : refuseArguments('exit', self)
