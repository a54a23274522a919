/**
 * A bounded channel that can be closed, with typed errors: the counterpart of hat.aio.Queue.
 *
 * An item is in exactly one place at every moment: with the putter, in the buffer, or
 * with the getter. Checking the queue and beginning to wait are one step, and so are
 * passing an item to a waiter and waking it. An interruption takes effect before or
 * after such a step, never within it. (Items lost there: python/asyncio#256, ZIO#9973.)
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { die, fail, succeed, suspend, sync, unit } from '../core/construct.js'
import { Op, primitive, type Task } from '../core/node.js'
import { checkCount, checkFunction, describeValue } from '../data/check-input.js'
import { left, right } from '../data/either.js'
import { QueueClosedError, QueueEmptyError, QueueFullError } from '../data/errors.js'
import { countIfAny, countOf, showAsText, summary } from '../data/to-string.js'
import { runFork } from '../runtime/edge.js'
import type { FiberState, RuntimeServices } from '../runtime/fiber-state.js'
import { hookDispatcher, type LiveQueue } from '../runtime/hooks.js'
import { RingBuffer } from '../runtime/ring-buffer.js'
import { hostServices } from '../runtime/services.js'
import { dequeue, OwnedWaitQueue, park, waitersIn, wakeAll } from '../runtime/wait-queue.js'
import { withFiber } from '../task/current-fiber.js'
import { worker } from '../task/for-each-loop.js'
import { matchTask } from '../task/match.js'
import { queueClass } from './is-queue.js'
import { iterate } from './queue-iterator.js'

/** Options of a Queue. */
export interface QueueOptions {
  /** The name in traces, dumps and the inspector. */
  readonly name?: string
}

/** Returns the task with which a waiting getter continues when it receives `item`. */
type Receive<X> = (item: X) => Task<never, unknown>

/**
 * A FIFO channel of at most `maxsize` items (0 or less: no limit) that can be
 * closed. Items, waiting gets and waiting puts are each served first in, first out.
 *
 * ```ts
 * import { Queue, runTask, Task } from 'aio-ts'
 *
 * const queue = new Queue<number>(2)
 * const sum = Task.gen(function* () {
 *   yield* queue.put(1)
 *   yield* queue.put(2)
 *   queue.close()
 *   let total = 0
 *   yield* queue.forEach((item) => Task.sync(() => { total += item }))
 *   return total
 * })
 * console.log(await runTask(sum)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export class Queue<in out X> implements AsyncIterable<X>, LiveQueue {
  readonly maxsize: number
  readonly name: string | undefined
  private closed = false
  /** Empty while a getter waits. */
  private readonly items = new RingBuffer<X>()
  /** Empty while there is an item, and once the queue is closed. */
  private readonly getters: OwnedWaitQueue<Receive<X>>
  /** Empty while there is room, and once the queue is closed. */
  private readonly putters: OwnedWaitQueue<X>

  /**
   * Creates a queue on the runtime of the fiber that runs this
   * Task. Dies of a RangeError if `maxsize` is not a whole number.
   */
  static make<X>(maxsize?: number, options?: QueueOptions): Task<never, Queue<X>> {
    return withFiber((fiber) => sync(() => typedQueue<X>(maxsize, options, fiber.runtime)))
  }

  /**
   * Creates a queue on the default runtime, whose hooks receive its events, even within
   * a fiber of another runtime. Throws a RangeError if `maxsize` is not a whole number.
   */
  constructor(maxsize?: number, options?: QueueOptions)
  constructor(
    maxsize = 0,
    options?: QueueOptions,
    private readonly runtime: RuntimeServices = hostServices
  ) {
    if (!Number.isSafeInteger(maxsize)) {
      throw new RangeError(
        `Queue: expected maxsize, a whole number of items (0: no limit), got ${describeValue(maxsize)}`
      )
    }
    this.maxsize = maxsize
    this.name = options?.name
    const of = this.name === undefined ? '' : ` ${this.name}`
    this.getters = new OwnedWaitQueue(`Queue.get${of}`)
    this.putters = new OwnedWaitQueue(`Queue.put${of}`)
    queueClass.bound = Queue
    showAsText(Queue.prototype)
    hookDispatcher.bound?.queueMade.emit(this.runtime, this)
  }

  get isClosed(): boolean {
    return this.closed
  }

  /** The number of items in the queue. */
  get size(): number {
    return this.items.size
  }

  get isEmpty(): boolean {
    return this.items.size === 0
  }

  /** Whether a put would wait. Always false if there is no limit. */
  get isFull(): boolean {
    return this.maxsize > 0 && this.items.size >= this.maxsize
  }

  /** The number of waiting gets. The cost is linear in that number. */
  get waitingGets(): number {
    return waitersIn(this.getters).length
  }

  /** The number of waiting puts. The cost is linear in that number. */
  get waitingPuts(): number {
    return waitersIn(this.putters).length
  }

  /**
   * Closes the queue. Waiting puts and waiting gets fail at once; items
   * already in the queue can still be taken. Closing it again has no effect.
   */
  close(): void {
    if (this.closed) return
    this.closed = true
    hookDispatcher.bound?.queueClosed.emit(this.runtime, this)
    wakeAll(this.putters, queueClosedError)
    wakeAll(this.getters, queueClosedError)
  }

  /**
   * Puts an item into the queue; waits while the queue is full. If the queue is
   * closed before there is room, fails with QueueClosedError, and the item is
   * not in the queue. An interruption while it waits has no effect on the queue.
   */
  put(item: X): Task<QueueClosedError, void> {
    return primitive(Op.Park, Queue.lookForRoom, this, item)
  }

  /**
   * Puts an item into the queue without waiting. Returns a QueueFullError if the
   * queue is full, and a QueueClosedError if it is closed, even if it is also full.
   */
  putNowait(item: X): Either<QueueClosedError | QueueFullError, void> {
    if (this.closed) return left(new QueueClosedError())
    return this.offer(item) ? right(undefined) : left(new QueueFullError())
  }

  /**
   * Takes the next item; waits while the queue is empty. Fails with QueueClosedError if
   * the queue is closed and empty. If it is interrupted while it waits, it takes no item.
   */
  get(): Task<QueueClosedError, X> {
    return primitive(Op.Park, Queue.lookForItem, this, succeed)
  }

  /**
   * Takes the next item without waiting. If the queue is empty, returns
   * a QueueClosedError if it is closed, or else a QueueEmptyError.
   */
  getNowait(): Either<QueueClosedError | QueueEmptyError, X> {
    if (this.items.size > 0) return right(this.take())
    return left(this.closed ? new QueueClosedError() : new QueueEmptyError())
  }

  /**
   * Waits until there is an item, takes all items, and succeeds with the last one. Fails with
   * QueueClosedError if the queue is closed and empty. If it is interrupted while it waits, it takes no item.
   */
  getUntilEmpty(): Task<QueueClosedError, X> {
    return primitive(Op.Park, Queue.lookForItem, this, this.receiveLast)
  }

  /**
   * Takes all items without waiting, and returns the last one. If the queue is
   * empty, returns a QueueClosedError if it is closed, or else a QueueEmptyError.
   */
  getNowaitUntilEmpty(): Either<QueueClosedError | QueueEmptyError, X> {
    const first = this.getNowait()
    return first._tag === 'Left' ? first : right(this.drain(first.right))
  }

  /**
   * Waits until there is an item, takes all items (at most `max`), and succeeds with them in order.
   * Items that waiting puts add while it takes them are included. Fails with QueueClosedError if
   * the queue is closed and empty. If it is interrupted while it waits, it takes no item.
   */
  getAll(max: number = Number.MAX_SAFE_INTEGER): Task<QueueClosedError, NonEmptyArray<X>> {
    const wrong = checkCount('Queue.getAll', 'max, a number of items', 1, max)
    if (wrong !== undefined) return die(wrong)
    return primitive(Op.Park, Queue.lookForItem, this, (item: X) => sync(() => this.collect(item, max)))
  }

  /**
   * Calls `f` for each item, one after the other, until the queue is closed and empty.
   * Fails if `f`'s task fails. When an item is taken, `f` is called with it and its
   * task begins in the same step: an interruption takes effect before or after.
   */
  forEach<E, A>(f: (item: X) => Task<E, A>): Task<E, void> {
    const wrong = checkFunction('Queue.forEach', 'a function that gives a Task', f)
    if (wrong !== undefined) return die(wrong)
    const next: Task<never, IteratorResult<X, unknown>> = matchTask(
      () => succeed(noMore),
      (item: X) => succeed({ done: false, value: item })
    )(this.get())
    return worker({ take: () => next, work: f, done: doNothing, taken: 0, where: 'Queue.forEach' })
  }

  toJSON(): unknown {
    const { name, isClosed, size, maxsize, waitingGets, waitingPuts } = this
    return { _tag: 'Queue', name, isClosed, size, maxsize, waitingGets, waitingPuts }
  }

  toString(): string {
    const { name, size, maxsize } = this
    return summary(
      'Queue',
      name,
      this.closed ? 'closed' : 'open',
      maxsize > 0 ? `${size} of ${countOf(maxsize, 'item')}` : countOf(size, 'item'),
      countIfAny(this.waitingGets, 'waiting get'),
      countIfAny(this.waitingPuts, 'waiting put')
    )
  }

  /**
   * Supports `for await`, outside of any Task. If the loop ends early,
   * the other items stay in the queue, and the queue stays open.
   */
  [Symbol.asyncIterator](): AsyncIterator<X> {
    return iterate(() => runFork(this.get()))
  }

  private readonly receiveLast: Receive<X> = (item) => sync(() => this.drain(item))

  private static lookForRoom<X>(
    fiber: FiberState,
    queue: Queue<X>,
    item: X
  ): Task<unknown, unknown> | undefined {
    if (queue.closed) return queueClosedError
    return queue.offer(item) ? unit : park(queue.putters, fiber, item)
  }

  private static lookForItem<X>(
    fiber: FiberState,
    queue: Queue<X>,
    receive: Receive<X>
  ): Task<unknown, unknown> | undefined {
    if (queue.items.size > 0) return receive(queue.take())
    return queue.closed ? queueClosedError : park(queue.getters, fiber, receive)
  }

  /**
   * Passes `item` to the first waiting getter, or else into the buffer. Returns false if there is no room.
   */
  private offer(item: X): boolean {
    const getter = dequeue(this.getters)
    if (getter !== undefined) {
      getter.fiber.wake(getter.payload(item))
      if (hookDispatcher !== undefined) this.emitHandOff()
      return true
    }
    if (this.isFull) return false
    this.items.push(item)
    if (hookDispatcher !== undefined) this.emitPut()
    return true
  }

  /**
   * Takes the oldest item; the first waiting putter receives
   * its room. May only be called if there is an item.
   */
  private take(): X {
    const item = this.items.shift()
    const putter = dequeue(this.putters)
    if (putter !== undefined) {
      this.items.push(putter.payload)
      putter.fiber.wake(unit)
    }
    if (hookDispatcher !== undefined) this.emitTake(putter !== undefined)
    return item
  }

  private emitHandOff(): void {
    hookDispatcher.bound?.queuePut.emit(this.runtime, this)
    hookDispatcher.bound?.queueTaken.emit(this.runtime, this)
  }

  private emitPut(): void {
    hookDispatcher.bound?.queuePut.emit(this.runtime, this)
    if (this.isFull) hookDispatcher.bound?.queueFilled.emit(this.runtime, this)
  }

  private emitTake(hasMadeRoom: boolean): void {
    hookDispatcher.bound?.queueTaken.emit(this.runtime, this)
    if (hasMadeRoom) this.emitPut()
    else if (this.isEmpty) hookDispatcher.bound?.queueEmptied.emit(this.runtime, this)
  }

  private drain(first: X): X {
    let last = first
    // Waiting putters may add items during this loop. Their
    // queue is finite, and no fiber joins it in the meantime.
    while (this.items.size > 0) last = this.take()
    return last
  }

  private collect(first: X, max: number): NonEmptyArray<X> {
    const items: NonEmptyArray<X> = [first]
    while (items.length < max && this.items.size > 0) items.push(this.take())
    return items
  }
}

/** The constructor also accepts a runtime, which only code of this library can pass. */
const typedQueue = <X>(
  maxsize: number | undefined,
  options: QueueOptions | undefined,
  runtime: RuntimeServices
): Queue<X> =>
  new (
    Queue as unknown as new (
      maxsize: number | undefined,
      options: QueueOptions | undefined,
      runtime: RuntimeServices
    ) => Queue<X>
  )(maxsize, options, runtime)

const noMore: IteratorResult<never, unknown> = { done: true, value: undefined }

const doNothing = (): void => undefined

const queueClosedError: Task<QueueClosedError, never> = /* @__PURE__ */ suspend(() =>
  fail(new QueueClosedError())
)
