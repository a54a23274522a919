/** Runs a task after a pause. */
import { isTask, make, Op, type Task } from '../core/node.js'
import { refuseArguments } from './checked.js'
import { sleepAs } from './sleep.js'

/** Runs `self` after `ms` milliseconds. */
export const delay = (ms: number): (<E, A>(self: Task<E, A>) => Task<E, A>) => {
  const pause = sleepAs('Task.delay', ms)
  return (self) => (isTask(self) ? make(Op.FlatMap, pause, () => self) : refuseArguments('delay', self))
}
