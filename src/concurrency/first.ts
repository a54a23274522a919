/** The counterpart of hat.aio.first. */
import type { Option } from 'fp-ts/lib/Option.js'
import { Queue } from '../coordination/queue.js'
import { die, succeed, suspend } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { checkFunction, expected } from '../data/check-input.js'
import { none, some } from '../data/either.js'
import { ensuring } from '../task/ensuring.js'
import { matchTask } from '../task/match.js'
import { type Pull, pullFromAsync } from './pull.js'

/**
 * Succeeds with the first item that `predicate` accepts (any item, if left out),
 * or with None if the source ends before (hat.aio.first). The remaining items are
 * left in the source: a Queue stays open, and the `return()` of another iterator
 * is called. If it is interrupted while it waits, it takes no item from a Queue.
 *
 * ```ts
 * import { first, Queue, runTask } from 'aio-ts'
 *
 * const queue = new Queue<number>()
 * for (const item of [1, 2, 3]) queue.putNowait(item)
 * console.log(await runTask(first(queue, (item) => item > 1)), queue.size) // => { _tag: 'Right', right: { _tag: 'Some', value: 2 } } 1
 * ```
 */
export function first<X>(
  source: AsyncIterable<X>,
  predicate: (x: X) => boolean = () => true
): Task<never, Option<X>> {
  const wrong = checkFunction('first', 'a predicate', predicate)
  if (wrong !== undefined) return die(wrong)
  if (source instanceof Queue) return firstOfQueue(source as Queue<X>, predicate)
  if (
    typeof (source as Partial<AsyncIterable<X>> | null | undefined)?.[Symbol.asyncIterator] !== 'function'
  ) {
    return die(expected('first', 'an AsyncIterable', source))
  }
  return suspend(() => firstOfPull(pullFromAsync('first', source[Symbol.asyncIterator]()), predicate))
}

function firstOfQueue<X>(queue: Queue<X>, predicate: (x: X) => boolean): Task<never, Option<X>> {
  const loop: Task<never, Option<X>> = matchTask(
    () => succeed(none),
    (item: X) => (predicate(item) ? succeed(some(item)) : loop)
  )(queue.get())
  return loop
}

function firstOfPull<X>(pull: Pull<X>, predicate: (x: X) => boolean): Task<never, Option<X>> {
  const loop: Task<never, Option<X>> = make(Op.FlatMap, pull.next, (result: IteratorResult<X, unknown>) =>
    result.done === true ? succeed(none) : predicate(result.value) ? succeed(some(result.value)) : loop
  )
  return ensuring(pull.close)(loop)
}
