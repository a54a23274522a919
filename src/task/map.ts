/** Replaces the value of a task. */
import { refuseFunction } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { refuseArguments } from './checked.js'

/** Replaces the value by the result of `f`. An exception in `f` is a defect. */
export const map =
  <A, B>(f: (a: A) => B) =>
  <E>(self: Task<E, A>): Task<E, B> =>
    typeof f === 'function' ? make(Op.Map, self, f) : refuseFunction('map', f)

/** Replaces the value of `self` by `value`. */
export const as =
  <B>(value: B) =>
  <E, A>(self: Task<E, A>): Task<E, B> =>
    isTask(self) ? make(Op.Map, self, () => value) : refuseArguments('as', self)

const toNothing = (): void => undefined

/** Discards the value of `self`. */
export const asUnit = <E, A>(self: Task<E, A>): Task<E, void> => withoutValue('asUnit', self)

export const withoutValue = <E>(name: string, self: Task<E, unknown>): Task<E, void> =>
  isTask(self) ? make(Op.Map, self, toNothing) : refuseArguments(name, self)
