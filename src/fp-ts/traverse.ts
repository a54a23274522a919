/**
 * Arrays of Tasks under the names of fp-ts: without a word about it in parallel, one after another where the
 * name says `Seq`.
 *
 * They stand on `forEach`, which needs one fiber an element and no nest of `ap`: 100,000 elements are as safe
 * as three.
 */

import { checkFunction } from '../data/check-input.js'
import type { Task } from '../Task.js'
import { die, forEach } from '../Task.js'

/** `each` over the items, where the user's function `f` is one. */
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
 * Makes a Task of each element and runs them all at once; the results come in the order of the elements.
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
 * `traverseArray` for a function that wants to know the place of the element too: it comes first, as in
 * fp-ts.
 */
export const traverseArrayWithIndex =
  <A, E, B>(f: (index: number, a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseArrayWithIndex', f, (item: A, index: number) => f(index, item), 'unbounded')(items)

/**
 * Runs all Tasks at once; the results come in the order of the Tasks. Fails with the first failure in time.
 */
export const sequenceArray = <E, A>(tasks: ReadonlyArray<Task<E, A>>): Task<E, ReadonlyArray<A>> =>
  forEach((task: Task<E, A>) => task, { concurrency: 'unbounded' })(tasks)

/**
 * Makes a Task of each element and runs it before the next is made.
 *
 * Fails with the first failure; what comes after it is neither made nor run.
 */
export const traverseSeqArray =
  <A, E, B>(f: (a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseSeqArray', f, (item: A) => f(item), 1)(items)

/**
 * `traverseSeqArray` for a function that wants to know the place of the element too: it comes first, as in
 * fp-ts.
 */
export const traverseSeqArrayWithIndex =
  <A, E, B>(f: (index: number, a: A) => Task<E, B>) =>
  (items: ReadonlyArray<A>): Task<E, ReadonlyArray<B>> =>
    over('traverseSeqArrayWithIndex', f, (item: A, index: number) => f(index, item), 1)(items)

/**
 * Runs the Tasks one after another, in order. Fails with the first failure; what comes after it is not run.
 */
export const sequenceSeqArray = <E, A>(tasks: ReadonlyArray<Task<E, A>>): Task<E, ReadonlyArray<A>> =>
  forEach((task: Task<E, A>) => task, { concurrency: 1 })(tasks)
