/**
 * Work over items that come one at a time. An item is taken only when somebody is free to work on it, so that an endless or slow
 * source is never read ahead.
 */

import { Semaphore } from '../coordination/semaphore.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import { checkFunction, show } from '../data/show.js'
import { onExit } from '../operations/finalize.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { die, failCause, succeed, suspend, sync, unit } from '../task/construct.js'
import { isTask, make, Op, type Task } from '../task/task.js'
import { Children, withChildren } from './children.js'
import { type Concurrency, limitOf } from './concurrent.js'
import { type Pull, pullFrom, pullFromAsync } from './pull.js'

/** An item with its place, which it has from the moment it is taken, whoever comes to work on it first; undefined at the end. */
type Next<X> = { readonly item: X; readonly index: number } | undefined

/** One run over a source. */
interface Source<X> {
  /** The next item, for one asker at a time. What the iterator throws is a defect. */
  readonly next: Task<never, Next<X>>
  /** The same for several askers. */
  readonly shared: Task<never, Next<X>>
  /** Tells the iterator that no more is wanted, where it has not ended by itself. Once. */
  readonly close: Task<never, unknown>
}

function sourceOf<X>(items: Iterable<X> | AsyncIterable<X>): Source<X> {
  let taken = 0
  const place = (result: IteratorResult<X, unknown>): Next<X> =>
    result.done === true ? undefined : { item: result.value, index: taken++ }
  const placed = (next: Pull<X>['next']): Task<never, Next<X>> => make(Op.Map, next, place)
  if (isAsync(items)) {
    const pull = pullFromAsync(items[Symbol.asyncIterator]())
    const next = placed(pull.next)
    return { next, shared: new Semaphore(1).withPermits(1)(next), close: pull.close }
  }
  const pull = pullFrom(items[Symbol.iterator]())
  const next = placed(pull.next)
  return { next, shared: next, close: pull.close }
}

/** A string is an iterable of its characters, though no object. */
const isAsync = <X>(items: Iterable<X> | AsyncIterable<X>): items is AsyncIterable<X> =>
  typeof items === 'object' && Symbol.asyncIterator in items

const isIterable = (items: unknown): boolean =>
  typeof items === 'string' ||
  (typeof items === 'object' &&
    items !== null &&
    (Symbol.iterator in items || Symbol.asyncIterator in items) &&
    !isTask(items))

type Work<X, E> = (item: X, index: number) => Task<E, unknown>

/** One worker: takes an item, works on it, takes the next, until there is none. */
function worker<X, E>(next: Task<never, Next<X>>, work: Work<X, E>): Task<E, void> {
  const loop: Task<E, void> = make(Op.FlatMap, next, (taken: Next<X>) =>
    taken === undefined ? unit : make(Op.FlatMap, work(taken.item, taken.index), () => loop)
  )
  return loop
}

class Workers extends Children {
  private failure: Cause<unknown> | undefined = undefined
  private started = 1

  constructor(
    parent: FiberState,
    private readonly limit: number,
    first: (workers: Workers) => Task<unknown, unknown>
  ) {
    super(parent, 'forEach')
    this.start(first(this))
  }

  /** One more fiber, where the limit allows it. A worker that finds an item asks for it, so that none is started for nothing. */
  add(task: Task<unknown, unknown>): void {
    if (this.stopping || this.started >= this.limit) return
    this.started++
    this.start(task)
  }

  protected childEnded(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (exit._tag === 'Right') return
    this.failure = exit.left
    this.stop()
  }

  protected override failedBefore(): Cause<unknown> | undefined {
    return this.failure
  }

  protected outcome(): Task<unknown, unknown> {
    return this.failure === undefined ? unit : failCause(this.withTroubles(this.failure))
  }
}

/** So many workers share the source. */
const workTogether = <X, E>(next: Task<never, Next<X>>, work: Work<X, E>, limit: number): Task<E, void> =>
  withChildren(
    (parent) =>
      new Workers(parent, limit, (workers) => {
        const task: Task<E, void> = worker(next, (item: X, index) => {
          workers.add(task)
          return work(item, index)
        })
        return task
      })
  )

/** A fiber an item: one takes them as they come and starts the others. */
const workAtOnce = <X, E>(next: Task<never, Next<X>>, work: Work<X, E>): Task<E, void> =>
  withChildren(
    (parent) =>
      new Workers(parent, Number.POSITIVE_INFINITY, (workers) =>
        worker(next, (item: X, index) => sync(() => workers.add(suspend(() => work(item, index)))))
      )
  )

/**
 * Calls `f` for each item, `concurrency` items at a time (1 if left out), and gives the results in the order of the items. The next
 * item is taken only when a worker is free. The first failure interrupts the others and is what it fails with; however it ends
 * early, the iterator is told (`return()`).
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * const double = Task.forEach((n: number) => Task.succeed(n * 2), { concurrency: 2 })
 * console.log(await runTask(pipe([1, 2, 3], double))) // => { _tag: 'Right', right: [ 2, 4, 6 ] }
 * ```
 */
export const forEach =
  <X, E, A>(f: (x: X, index: number) => Task<E, A>, options?: Concurrency) =>
  (items: Iterable<X> | AsyncIterable<X>): Task<E, ReadonlyArray<A>> => {
    const limit = limitOf('Task.forEach', options, 1)
    if (typeof limit !== 'number') return die(limit)
    const wrong = checkFunction('Task.forEach', 'a function that gives a Task', f)
    if (wrong !== undefined) return die(wrong)
    if (!isIterable(items)) {
      return die(new TypeError(`Task.forEach: expected an iterable of items, got ${show(items)}`))
    }
    return suspend(() => {
      const source = sourceOf(items)
      const results: Array<A> = []
      const work = (item: X, index: number): Task<E, void> =>
        make(Op.Map, f(item, index), (a: A) => {
          results[index] = a
        })
      const all =
        limit === 1
          ? worker(source.next, work)
          : limit === Number.POSITIVE_INFINITY
            ? workAtOnce(source.next, work)
            : workTogether(source.shared, work, limit)
      return onExit((exit: Exit<E, ReadonlyArray<A>>) => (exit._tag === 'Left' ? source.close : unit))(
        make<E, ReadonlyArray<A>>(Op.FlatMap, all, () => succeed(results))
      )
    })
  }
