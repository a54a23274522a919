/** Converts an Option of fp-ts, a value that may be missing, and a predicate into a Task. */
import type { Option } from 'fp-ts/lib/Option.js'
import { die, fail, refuseFunction, succeed } from '../core/construct.js'
import { Op, primitive, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'

/** Succeeds with the value of a Some; for a None, fails with the result of `onNone`. */
export const fromOption =
  <E>(onNone: () => E) =>
  <A>(option: Option<A>): Task<E, A> => {
    if (typeof onNone !== 'function') return refuseFunction('fromOption', onNone)
    if (option?._tag === 'Some') return succeed(option.value)
    return option?._tag === 'None' ? failWith(onNone) : die(expected('Task.fromOption', 'an Option', option))
  }

/**
 * Succeeds with a value that is neither null nor undefined; otherwise fails with the result of `onNullable`.
 */
export const fromNullable =
  <E>(onNullable: () => E) =>
  <A>(value: A): Task<E, NonNullable<A>> => {
    if (typeof onNullable !== 'function') return refuseFunction('fromNullable', onNullable)
    return value === null || value === undefined ? failWith(onNullable) : succeed(value)
  }

/**
 * Succeeds with a value that `predicate` accepts; otherwise fails with
 * the result of `onFalse`. An exception in either function is a defect.
 */
export const fromPredicate =
  <A, E>(predicate: (a: A) => boolean, onFalse: (a: A) => E) =>
  (a: A): Task<E, A> => {
    for (const f of [predicate, onFalse])
      if (typeof f !== 'function') return refuseFunction('fromPredicate', f)
    return primitive(Op.Suspend, (): Task<E, A> => (predicate(a) ? succeed(a) : fail(onFalse(a))))
  }

const failWith = <E>(error: () => E): Task<E, never> => primitive(Op.Suspend, () => fail(error()))
