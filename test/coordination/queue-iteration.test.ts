/** The ways to iterate a queue (forEach, for await, first), and what each leaves in it when it ends early. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { first, Queue, runTask, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'
import { defectOf, failure, failureOf, Interrupt, rightOf, summary } from '../support/exits.js'
import { bench, inEveryMode, settled, settledWithHost } from '../support/modes.js'
import { drain, holding } from '../support/queues.js'

const closed = <X>(queue: Queue<X>): Queue<X> => {
  queue.close()
  return queue
}

describe('forEach', () => {
  inEveryMode('continues until the queue is closed and empty, then succeeds', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>(1)
      const seen: Array<number> = []
      const fiber = yield* group.spawn(queue.forEach((item) => Task.sync(() => void seen.push(item))))
      for (const item of [1, 2, 3]) yield* queue.put(item)
      yield* settled
      expect(fiber.poll()._tag).toBe('None')
      yield* queue.put(4)
      queue.close()
      yield* fiber.join()
      expect(seen).toEqual([1, 2, 3, 4])
      yield* group.asyncClose()
    })
  )

  inEveryMode('over a closed and empty queue does nothing', () =>
    closed(holding<number>()).forEach(() => Task.die('no item, no call'))
  )

  inEveryMode('takes the next item only after the work on the previous item', () =>
    Task.gen(function* () {
      const queue = closed(holding(1, 2, 3))
      const sizes: Array<number> = []
      let running = 0
      yield* queue.forEach(() =>
        Task.gen(function* () {
          running++
          expect(running).toBe(1)
          sizes.push(queue.size)
          yield* Task.sleep(1)
          running--
        })
      )
      expect(sizes).toEqual([2, 1, 0])
    })
  )

  inEveryMode('stops at the first failure and leaves the other items in the queue', () =>
    Task.gen(function* () {
      const queue = holding(1, 2, 3)
      const exit = yield* Task.exit(
        queue.forEach((item) => (item === 2 ? Task.fail('two' as const) : Task.unit))
      )
      expect(failureOf(exit)).toBe('two')
      expect(queue.isClosed).toBe(false)
      expect(drain(queue)).toEqual([3])
    })
  )

  inEveryMode('fails with a QueueClosedError of the function, and does not take it for the end', () =>
    Task.gen(function* () {
      const target = closed(new Queue<number>())
      const source = closed(holding(1, 2))
      const exit = yield* Task.exit(source.forEach((item) => target.put(item)))
      expect(failureOf(exit)).toMatchObject({ _tag: 'QueueClosedError' })
      expect(drain(source)).toEqual([2])
    })
  )

  inEveryMode('interrupted while it waits takes no item (31)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const seen: Array<number> = []
      const fiber = yield* group.spawn(
        queue.forEach((item) => {
          seen.push(item)
          return Task.unit
        })
      )
      yield* settled
      yield* Task.sync(() => {
        rightOf(queue.putNowait(1))
        fiber.interruptNowait()
        rightOf(queue.putNowait(2))
      })
      yield* fiber.wait()
      expect([...seen, ...drain(queue)]).toEqual([1, 2])
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'of several fibers distributes the items, each to one fiber, none twice after the end (effect-smol#1416)',
    () =>
      Task.gen(function* () {
        const queue = yield* Queue.make<number>(2)
        const seen: Array<number> = []
        const worker = queue.forEach((item) => {
          seen.push(item)
          return Task.yieldNow
        })
        const producer = Task.gen(function* () {
          for (let item = 0; item < 12; item++) yield* queue.put(item)
          queue.close()
        })
        yield* Task.all([worker, worker, producer, worker])
        expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        yield* worker
        yield* worker
        expect(seen.length).toBe(12)
      })
  )
})

describe('for await', () => {
  test('gives every item and ends when the queue is closed and empty', async () => {
    const seen: Array<number> = []
    for await (const item of closed(holding(1, 2, 3))) seen.push(item)
    expect(seen).toEqual([1, 2, 3])
  })

  test('waits for later items', async () => {
    const queue = new Queue<number>(1)
    const seen: Array<number> = []
    const reading = (async () => {
      for await (const item of queue) seen.push(item)
    })()
    for (const item of [1, 2, 3]) {
      await runTask(queue.put(item))
      await macrotask()
    }
    expect(seen).toEqual([1, 2, 3])
    queue.close()
    await reading
    expect(seen).toEqual([1, 2, 3])
  })

  test('left early leaves the other items and does not close the queue (33)', async () => {
    const queue = holding(1, 2, 3, 4)
    const seen: Array<number> = []
    for await (const item of queue) {
      seen.push(item)
      if (item === 2) break
    }
    expect(seen).toEqual([1, 2])
    expect(queue.isClosed).toBe(false)
    rightOf(queue.putNowait(5))
    for await (const item of queue) {
      seen.push(item)
      if (item === 5) break
    }
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  test('left by a throw leaves the other items (33)', async () => {
    const queue = holding(1, 2)
    await expect(
      (async () => {
        for await (const item of queue) throw new Error(`at ${item}`)
      })()
    ).rejects.toThrow('at 1')
    expect(drain(queue)).toEqual([2])
  })

  test('wakes a parked put with each item that it takes', async () => {
    const queue = new Queue<number>(1)
    rightOf(queue.putNowait(1))
    const put = runTask(queue.put(2))
    const iterator = queue[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ value: 1, done: false })
    expect(rightOf(await put)).toBe(undefined)
    expect(await iterator.next()).toEqual({ value: 2, done: false })
  })

  test('gives promises as items, without awaiting them', async () => {
    const promise = Promise.resolve(7)
    const iterator = closed(holding(promise))[Symbol.asyncIterator]()
    const next = await iterator.next()
    expect(next.done).toBe(false)
    expect(next.value).toBe(promise)
  })

  test('gives undefined as an item, which is not the end', async () => {
    const seen: Array<undefined> = []
    for await (const item of closed(holding(undefined, undefined))) seen.push(item)
    expect(seen).toEqual([undefined, undefined])
  })

  test('told to return while it waits takes no later item (33)', async () => {
    const queue = new Queue<number>()
    const iterator = queue[Symbol.asyncIterator]()
    const pending = iterator.next()
    await macrotask()
    const returned = iterator.return?.()
    expect(returned).toBeDefined()
    expect((await returned)?.done).toBe(true)
    rightOf(queue.putNowait(1))
    await macrotask()
    expect(drain(queue)).toEqual([1])
    expect((await pending).done).toBe(true)
    expect(queue.isClosed).toBe(false)
  })

  test('gives done on every call after its end', async () => {
    const queue = closed(holding(1))
    const iterator = queue[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ value: 1, done: false })
    expect((await iterator.next()).done).toBe(true)
    expect((await iterator.next()).done).toBe(true)
  })

  test('called several times at once gives the items in order, each once', async () => {
    const queue = new Queue<number>()
    const iterator = queue[Symbol.asyncIterator]()
    const nexts = [iterator.next(), iterator.next(), iterator.next()]
    await macrotask()
    rightOf(queue.putNowait(1))
    rightOf(queue.putNowait(2))
    await macrotask()
    queue.close()
    expect((await Promise.all(nexts)).map((next) => (next.done ? 'done' : next.value))).toEqual([
      1,
      2,
      'done'
    ])
  })
})

describe('first', () => {
  inEveryMode('gives the first item that the predicate accepts and leaves the others in the queue (33)', () =>
    Task.gen(function* () {
      const queue = holding(1, 2, 3, 4)
      expect(yield* first(queue, (item) => item % 2 === 0)).toEqual(Option.some(2))
      expect(queue.isClosed).toBe(false)
      expect(drain(queue)).toEqual([3, 4])
    })
  )

  inEveryMode('without a predicate gives the first item, also if it is undefined (33)', () =>
    Task.gen(function* () {
      const queue = holding(undefined, 1)
      expect(yield* first(queue)).toEqual(Option.some(undefined))
      expect(drain(queue)).toEqual([1])
    })
  )

  inEveryMode('gives none if the source ends before', () =>
    Task.gen(function* () {
      expect(yield* first(closed(holding<number>()))).toEqual(Option.none)
      expect(yield* first(closed(holding(1, 3)), (item) => item > 5)).toEqual(Option.none)
    })
  )

  inEveryMode('waits for a later item', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>(1)
      const fiber = yield* group.spawn(first(queue, (item) => item === 3))
      yield* settled
      for (const item of [1, 2, 3, 4]) yield* queue.put(item)
      expect(yield* fiber.join()).toEqual(Option.some(3))
      expect(yield* queue.get()).toBe(4)
      yield* group.asyncClose()
    })
  )

  inEveryMode('interrupted while it waits takes no item (31)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const fiber = yield* group.spawn(first(queue))
      yield* settled
      expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
      rightOf(queue.putNowait(1))
      yield* settled
      expect(drain(queue)).toEqual([1])
      yield* group.asyncClose()
    })
  )

  for (const order of ['just before', 'just after'] as const) {
    inEveryMode(`loses no item when interrupted ${order} it arrives, in the same time slice (31)`, () =>
      Task.gen(function* () {
        const group = yield* bench
        const queue = yield* Queue.make<number>()
        const fiber = yield* group.spawn(first(queue))
        yield* settled
        yield* Task.sync(() => {
          if (order === 'just before') fiber.interruptNowait()
          rightOf(queue.putNowait(1))
          if (order === 'just after') fiber.interruptNowait()
        })
        const exit = yield* fiber.wait()
        const got = isRight(exit) ? Option.toUndefined(exit.right) : undefined
        yield* settled
        expect([...(got === undefined ? [] : [got]), ...drain(queue)]).toEqual([1])
        yield* group.asyncClose()
      })
    )
  }

  inEveryMode('dies with the value that its predicate throws, and leaves the other items', () =>
    Task.gen(function* () {
      const boom = new Error('boom')
      const queue = holding(1, 2)
      const task = first(queue, () => {
        throw boom
      })
      expect(defectOf(yield* Task.exit(task))).toBe(boom)
      expect(drain(queue)).toEqual([2])
    })
  )

  /** An endless source that notes what happens to it. */
  async function* counted(log: Array<string>): AsyncGenerator<number> {
    try {
      for (let item = 1; ; item++) {
        log.push(`give ${item}`)
        yield item
      }
    } finally {
      await Promise.resolve()
      log.push('returned')
    }
  }

  inEveryMode('calls return() of the iterator of another source, and waits for it (33)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      expect(yield* first(counted(log), (item) => item === 2)).toEqual(Option.some(2))
      expect(log).toEqual(['give 1', 'give 2', 'returned'])
    })
  )

  inEveryMode('calls return() of the iterator also if the predicate throws (33)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const task = first(counted(log), () => {
        throw new Error('boom')
      })
      expect(defectOf(yield* Task.exit(task))).toMatchObject({ message: 'boom' })
      expect(log).toEqual(['give 1', 'returned'])
    })
  )

  inEveryMode('calls return() of the iterator of another source when it is interrupted (33)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const told: Array<string> = []
      const source: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return: () => {
            told.push('return')
            return Promise.resolve({ value: undefined, done: true as const })
          }
        })
      }
      const fiber = yield* group.spawn(first(source))
      yield* settledWithHost
      expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
      expect(told).toEqual(['return'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('dies with the reason of a source that rejects, and requests no further item', () =>
    Task.gen(function* () {
      let asked = 0
      const source: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({
          next: () => {
            asked++
            return Promise.reject(new Error('no such file'))
          }
        })
      }
      expect(defectOf(yield* Task.exit(first(source)))).toMatchObject({ message: 'no such file' })
      expect(asked).toBe(1)
    })
  )
})
