/**
 * Functions over arrays of Tasks with the names that fp-ts uses: in
 * parallel by default, and one after another if the name contains `Seq`.
 *
 * They are based on `forEach`, which needs one fiber per element
 * and does not nest `ap`: 100,000 elements are as safe as three.
 */

import { checkFunction } from '../data/check-input.js'
import type { Task } from '../Task.js'
import { die, forEach } from '../Task.js'

/** Runs `each` over the items. The result dies if `f`, the user's function, is not a function. */
const over =
  <A, E, B>(
    where: string,
    f: unknown,
    each: (item: A, index: number) => Task<E, B>,
    concurrency: number | 'unbounded'
  ) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> => {
    const wrong = checkFunction(where, 'a function that gives a Task', f)
    return wrong === undefined ? forEach(each, { concurrency })(items) : die(wrong)
  }

/**
 * Makes a Task from each element and runs them all at once.
 * Succeeds with the results in the order of the elements.
 *
 * Fails with the first failure in time; the others are interrupted and awaited.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 * import { traverseArray } from 'aio-ts/fp-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const double = (n: number) => pipe(Task.succeed(n * 2), Task.delay(n))
 * console.log(await runTask(pipe([3, 1, 2], traverseArray(double)))) // => { _tag: 'Right', right: [ 6, 2, 4 ] }
 * ```
 */
export const traverseArray =
  <A, E, B>(f: (a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseArray', f, (item: A) => f(item), 'unbounded')(items)

/**
 * Like `traverseArray`, but `f` also receives the index of the element, as its first argument, as in fp-ts.
 */
export const traverseArrayWithIndex =
  <A, E, B>(f: (index: number, a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseArrayWithIndex', f, (item: A, index: number) => f(index, item), 'unbounded')(items)

/**
 * Runs all Tasks at once. Succeeds with the results in the order of the Tasks.
 * Fails with the first failure in time; the others are interrupted and awaited.
 */
export const sequenceArray = <E, A>(tasks: ReadonlyArray<Task<E, A>>): Task<E, ReadonlyArray<A>> =>
  forEach((task: Task<E, A>) => task, { concurrency: 'unbounded' })(tasks)

/**
 * Makes a Task from each element and runs it before the next one
 * is made. Succeeds with the results in the order of the elements.
 *
 * Fails with the first failure; for the elements after it, no Task is made or run.
 */
export const traverseSeqArray =
  <A, E, B>(f: (a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseSeqArray', f, (item: A) => f(item), 1)(items)

/**
 * Like `traverseSeqArray`, but `f` also receives the index
 * of the element, as its first argument, as in fp-ts.
 */
export const traverseSeqArrayWithIndex =
  <A, E, B>(f: (index: number, a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseSeqArrayWithIndex', f, (item: A, index: number) => f(index, item), 1)(items)

/**
 * Runs the Tasks one after another, in order. Succeeds with their
 * results. Fails with the first failure; the Tasks after it are not run.
 */
export const sequenceSeqArray = <E, A>(tasks: ReadonlyArray<Task<E, A>>): Task<E, ReadonlyArray<A>> =>
  forEach((task: Task<E, A>) => task, { concurrency: 1 })(tasks)
