/** Tasks of fp-ts's Option, of values that may be missing, and of predicates. */
import type { Option } from 'fp-ts/lib/Option.js'
import { die, fail, refuseFunction, succeed } from '../core/construct.js'
import { Op, primitive, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'

/** Succeeds with the value of a Some; fails with the result of `onNone` for a None. */
export const fromOption =
  <E>(onNone: () => E) =>
  <A>(option: Option<A>): Task<E, A> => {
    if (typeof onNone !== 'function') return refuseFunction('fromOption', onNone)
    if (option?._tag === 'Some') return succeed(option.value)
    return option?._tag === 'None' ? failWith(onNone) : die(expected('Task.fromOption', 'an Option', option))
  }

/** Succeeds with the value; fails with the result of `onNullable` if it is null or undefined. */
export const fromNullable =
  <E>(onNullable: () => E) =>
  <A>(value: A): Task<E, NonNullable<A>> => {
    if (typeof onNullable !== 'function') return refuseFunction('fromNullable', onNullable)
    return value === null || value === undefined ? failWith(onNullable) : succeed(value)
  }

/**
 * Succeeds with the value if `predicate` accepts it, else fails with the result of `onFalse`. What either
 * throws is a defect.
 */
export const fromPredicate =
  <A, E>(predicate: (a: A) => boolean, onFalse: (a: A) => E) =>
  (a: A): Task<E, A> => {
    for (const f of [predicate, onFalse])
      if (typeof f !== 'function') return refuseFunction('fromPredicate', f)
    return primitive(Op.Suspend, (): Task<E, A> => (predicate(a) ? succeed(a) : fail(onFalse(a))))
  }

const failWith = <E>(error: () => E): Task<E, never> => primitive(Op.Suspend, () => fail(error()))
