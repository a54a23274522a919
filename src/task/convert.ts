/** From fp-ts's types. Their names and argument orders are fp-ts's own. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { IO } from 'fp-ts/lib/IO.js'
import type { IOEither } from 'fp-ts/lib/IOEither.js'
import type { Option } from 'fp-ts/lib/Option.js'
import type { Task as FpTask } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { die, fail, refuseFunction, succeed } from '../core/construct.js'
import { leaf, make, Op, type Task } from '../core/node.js'
import { expected, isThenable } from '../data/show.js'
import { promise } from './promise.js'

/** Left fails, Right succeeds. */
export const fromEither = <E, A>(either: Either<E, A>): Task<E, A> => eitherAs('fromEither', either)

const eitherAs = <E, A>(name: string, either: Either<E, A>): Task<E, A> => {
  if (either?._tag === 'Right') return succeed(either.right)
  return either?._tag === 'Left' ? fail(either.left) : die(expected(`Task.${name}`, 'an Either', either))
}

/** None fails with what `onNone` gives. */
export const fromOption =
  <E>(onNone: () => E) =>
  <A>(option: Option<A>): Task<E, A> => {
    if (typeof onNone !== 'function') return refuseFunction('fromOption', onNone)
    if (option?._tag === 'Some') return succeed(option.value)
    return option?._tag === 'None' ? failWith(onNone) : die(expected('Task.fromOption', 'an Option', option))
  }

/** Null and undefined fail with what `onNullable` gives. */
export const fromNullable =
  <E>(onNullable: () => E) =>
  <A>(value: A): Task<E, NonNullable<A>> => {
    if (typeof onNullable !== 'function') return refuseFunction('fromNullable', onNullable)
    return value === null || value === undefined ? failWith(onNullable) : succeed(value)
  }

/** What `predicate` refuses fails with what `onFalse` gives. What either throws is a defect. */
export const fromPredicate =
  <A, E>(predicate: (a: A) => boolean, onFalse: (a: A) => E) =>
  (a: A): Task<E, A> => {
    for (const f of [predicate, onFalse])
      if (typeof f !== 'function') return refuseFunction('fromPredicate', f)
    return leaf(Op.Suspend, (): Task<E, A> => (predicate(a) ? succeed(a) : fail(onFalse(a))))
  }

const failWith = <E>(error: () => E): Task<E, never> => leaf(Op.Suspend, () => fail(error()))

/** Calls `io` each time it is run. */
export const fromIO = <A>(io: IO<A>): Task<never, A> =>
  typeof io === 'function' ? leaf(Op.Sync, io) : refuseFunction('fromIO', io)

/** Calls `io` each time it is run. */
export const fromIOEither = <E, A>(io: IOEither<E, A>): Task<E, A> =>
  typeof io === 'function'
    ? leaf(Op.Suspend, () => eitherAs('fromIOEither', io()))
    : refuseFunction('fromIOEither', io)

const promiseOf = <A>(name: string, task: FpTask<A>): Task<never, A> =>
  typeof task === 'function'
    ? promise(() => {
        const running = task()
        if (isThenable(running)) return running
        throw expected(`Task.${name}`, 'a function that gives a promise', running)
      })
    : refuseFunction(name, task)

/** An fp-ts Task: a promise that does not reject; one that does is a defect. It cannot be cancelled, only left alone. */
export const fromTask = <A>(task: FpTask<A>): Task<never, A> => promiseOf('fromTask', task)

/** An fp-ts TaskEither. It cannot be cancelled: an interruption leaves it running and ignores its end. */
export const fromTaskEither = <E, A>(task: TaskEither<E, A>): Task<E, A> =>
  make(Op.FlatMap, promiseOf('fromTaskEither', task), (either: Either<E, A>) =>
    eitherAs('fromTaskEither', either)
  )
