/**
 * Runs work over items that arrive one at a time. An item is taken only when
 * a worker is free, so that an endless or slow source is never read ahead.
 */

import { isQueue } from '../coordination/is-queue.js'
import { die, succeed, suspend, unit } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { checkFunction, expected } from '../data/check-input.js'
import type { QueueClosedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { onExit } from '../task/ensuring.js'
import { beginningNow, type LoopWork, worker } from '../task/for-each-loop.js'
import { matchTask } from '../task/match.js'
import { type Concurrency, limitOf } from './all.js'
import { Children, withChildren } from './children.js'
import { pullFrom, pullFromAsync } from './pull.js'

/** One iteration over a source. */
interface Source<X> {
  readonly take: LoopWork<X>['take']
  /** Calls the `return()` of the iterator, once, if the iterator has not ended by itself. */
  readonly close: Task<never, unknown>
}

function sourceOf<X>(items: Iterable<X> | AsyncIterable<X>): Source<X> {
  if (!isAsync(items)) return pullFrom('Task.forEach', items[Symbol.iterator]())
  const { next, close } = pullFromAsync('Task.forEach', items[Symbol.asyncIterator]())
  return { take: () => next, close }
}

/** An item of a queue, and its position among the items of this run. */
interface Placed<X> {
  readonly item: X
  readonly place: number
}

/**
 * Returns the work over a queue. The workers get the items from the queue themselves, so that an
 * interrupted worker has had no effect: an item that an iterator was asked for and then returns
 * cannot be put back. The workers receive items in the order in which they began to wait, but may run
 * in another order. So the position of an item is the position at which its worker began to wait.
 */
function jobOverQueue<X, E>(
  queue: { get(): Task<QueueClosedError, X> },
  work: (item: X, index: number) => Task<E, unknown>,
  done: (index: number, value: unknown) => void
): LoopWork<Placed<X>, E> {
  const get = queue.get()
  let came = 0
  const places: Array<number> = []
  return {
    take: (): Task<never, IteratorResult<Placed<X>, unknown>> => {
      let place = 0
      // This is one step with the attempt to take from the queue:
      // the task that Park returns belongs to the same step.
      const getInLine: Task<QueueClosedError, X> = make(Op.Park, () => {
        place = came++
        return get
      })
      return matchTask(
        (): Task<never, IteratorResult<Placed<X>, unknown>> => succeed({ done: true, value: undefined }),
        (item: X): Task<never, IteratorResult<Placed<X>, unknown>> =>
          succeed({ done: false, value: { item, place } })
      )(getInLine)
    },
    work: (placed, index) => {
      places[index] = placed.place
      return work(placed.item, placed.place)
    },
    done: (index, value) => done(places[index] ?? index, value),
    taken: 0,
    where: 'Task.forEach'
  }
}

/** A string is an iterable of its characters, although it is not an object. */
const isAsync = <X>(items: Iterable<X> | AsyncIterable<X>): items is AsyncIterable<X> =>
  typeof items === 'object' && Symbol.asyncIterator in items

const isIterable = (items: unknown): boolean =>
  typeof items === 'string' ||
  (typeof items === 'object' &&
    items !== null &&
    (Symbol.iterator in items || Symbol.asyncIterator in items) &&
    !isTask(items))

class Workers extends Children {
  private started = 1

  constructor(
    parent: FiberState,
    private readonly limit: number,
    first: (workers: Workers) => Task<unknown, unknown>
  ) {
    super(parent)
    this.start(first(this))
  }

  protected get what(): string {
    return 'forEach'
  }

  /**
   * Starts one more fiber if the limit allows it. A worker that finds an
   * item calls this method, so that no fiber is started without a reason.
   */
  add(task: Task<unknown, unknown>): boolean {
    if (this.stopping || this.started >= this.limit) return false
    this.started++
    this.start(task)
    return true
  }

  protected childEnded(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (exit._tag === 'Right') return
    this.failure = exit.left
    this.stop()
  }

  protected outcome(): Task<unknown, unknown> {
    return unit
  }
}

/**
 * Up to `limit` workers share the items. A worker that finds an item
 * asks for another worker, so that none is started without a reason.
 */
const workTogether = <X, E>(job: LoopWork<X, E>, limit: number): Task<E, unknown> =>
  withChildren(
    (parent) =>
      new Workers(parent, limit, (workers) => {
        const task: Task<E, void> = worker({
          ...job,
          work: (item, index) => {
            workers.add(task)
            return job.work(item, index)
          }
        })
        return task
      })
  )

/** Runs one fiber per item: one worker takes the items as they arrive and starts the others. */
const workAtOnce = <X, E>(job: LoopWork<X, E>): Task<E, unknown> =>
  withChildren(
    (parent) =>
      new Workers(parent, Number.POSITIVE_INFINITY, (workers) =>
        worker({
          ...job,
          work: (item, index) => {
            const task = job.work(item, index)
            if (!isTask(task)) throw expected('Task.forEach', 'a Task', task)
            const whole = make(Op.Map, task, (value: unknown) => job.done(index, value))
            // A worker that received an item while it was stopped
            // starts the work itself, up to its first checkpoint.
            return workers.add(beginningNow(whole)) ? unit : task
          },
          done: () => undefined
        })
      )
  )

const workOn = <X, E>(job: LoopWork<X, E>, limit: number): Task<E, unknown> =>
  limit === 1 ? worker(job) : limit === Number.POSITIVE_INFINITY ? workAtOnce(job) : workTogether(job, limit)

/**
 * Calls `f` for each item, `concurrency` items at a time (1 if left out), and succeeds with the results in
 * the order of the items. The next item is taken only when a worker is free. The first failure interrupts
 * the other items, and `forEach` fails with it. If the iteration ends early for any reason, the `return()`
 * of the iterator is called. An iterator that has returned `done`, or has thrown, is not called again.
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
      return die(expected('Task.forEach', 'an iterable of items', items))
    }
    return suspend(() => {
      const results: Array<A> = []
      // SAFETY: the value is the result of `f`'s task.
      const done = (index: number, value: unknown): void => void (results[index] = value as A)
      if (isQueue<X>(items)) {
        return make(Op.FlatMap, workOn(jobOverQueue(items, f, done), limit), () => succeed(results))
      }
      const source = sourceOf(items)
      const all = workOn({ take: source.take, work: f, done, taken: 0, where: 'Task.forEach' }, limit)
      return onExit((exit: Exit<E, ReadonlyArray<A>>) => (exit._tag === 'Left' ? source.close : unit))(
        make(Op.FlatMap, all, () => succeed(results))
      )
    })
  }
