/** Gives a task a name. */
import { isTask, make, Op, type Task } from '../core/node.js'
import { refuseArguments } from './checked.js'

/**
 * Names a task for traces, dumps and the inspector: a cause
 * that passes through it has the name in its `trace`.
 */
export const named =
  (name: string) =>
  <E, A>(self: Task<E, A>): Task<E, A> =>
    isTask(self) ? make(Op.Named, self, name) : refuseArguments('named', self)
