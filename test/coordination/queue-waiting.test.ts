/** Parked gets and puts: the order in which they are served, and the effect of closing. */
import { type Fiber, type Group, Queue, type QueueClosedError, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect } from 'vitest'
import { expectTagged } from '../support/errors.js'
import { failureOf, leftOf, rightOf } from '../support/exits.js'
import { bench, inEveryMode, inOrder, settled } from '../support/modes.js'

/** Spawns them so that each has come to its wait before the next begins: the order of arrival is that of the list. */
const arriveInTurn = <A>(
  group: Group<unknown>,
  tasks: ReadonlyArray<Task.Task<unknown, A>>
): Task.Task<unknown, ReadonlyArray<Fiber<unknown, A>>> =>
  Task.gen(function* () {
    const fibers: Array<Fiber<unknown, A>> = []
    for (const task of tasks) {
      fibers.push(yield* group.spawn(task))
      yield* settled
    }
    return fibers
  })

const full = (...items: ReadonlyArray<string>): Queue<string> => {
  const queue = new Queue<string>(items.length)
  for (const item of items) rightOf(queue.putNowait(item))
  return queue
}

describe('waiting gets', () => {
  inEveryMode('are served in order of arrival, in whatever order their fibers run (32)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>(1)
      const getters = yield* arriveInTurn(group, [queue.get(), queue.get(), queue.get(), queue.get()])
      for (const item of [1, 2, 3, 4]) rightOf(queue.putNowait(item))
      expect(yield* Task.all(getters.map((getter) => getter.join()))).toEqual([1, 2, 3, 4])
      yield* group.asyncClose()
    })
  )

  inEveryMode('of every kind share one wait queue (32)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const getters = yield* arriveInTurn<unknown>(group, [
        queue.get(),
        queue.getAll(),
        queue.getUntilEmpty(),
        queue.getAll(3),
        queue.get()
      ])
      for (const item of [1, 2, 3, 4, 5]) {
        rightOf(queue.putNowait(item))
        yield* settled
      }
      expect(yield* Task.all(getters.map((getter) => getter.join()))).toEqual([1, [2], 3, [4], 5])
      yield* group.asyncClose()
    })
  )

  inEveryMode('get their item before a get that starts in the same time slice (32)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const [getter] = yield* arriveInTurn(group, [queue.get()])
      yield* Task.sync(() => {
        rightOf(queue.putNowait(1))
        expectTagged(leftOf(queue.getNowait()), 'QueueEmptyError')
        expect(queue.size).toBe(0)
        rightOf(queue.putNowait(2))
        expect(rightOf(queue.getNowait())).toBe(2)
      })
      expect(yield* getter!.join()).toBe(1)
      yield* group.asyncClose()
    })
  )

  inOrder('wake in the order in which they were served', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const woken: Array<number> = []
      yield* arriveInTurn(
        group,
        [0, 1, 2].map(() =>
          pipe(
            queue.get(),
            Task.map((item) => void woken.push(item))
          )
        )
      )
      for (const item of [1, 2, 3]) rightOf(queue.putNowait(item))
      yield* settled
      expect(woken).toEqual([1, 2, 3])
      yield* group.asyncClose()
    })
  )

  inEveryMode('with getAll wait for one item, and never return an empty array', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const [getter] = yield* arriveInTurn(group, [queue.getAll()])
      expect(getter!.poll()._tag).toBe('None')
      yield* Task.sync(() => {
        for (const item of [1, 2, 3]) rightOf(queue.putNowait(item))
      })
      const got = yield* getter!.join()
      const rest = queue.isEmpty ? [] : yield* queue.getAll()
      expect(got.length).toBeGreaterThan(0)
      expect([...got, ...rest]).toEqual([1, 2, 3])
      yield* group.asyncClose()
    })
  )

  inEveryMode('all fail when the queue closes (30)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const getters = yield* arriveInTurn<unknown>(group, [
        queue.get(),
        queue.getAll(),
        queue.getUntilEmpty(),
        queue.get()
      ])
      queue.close()
      for (const getter of getters) expectTagged(failureOf(yield* getter.wait()), 'QueueClosedError')
      yield* group.asyncClose()
    })
  )

  inEveryMode('keep the item that was handed to them before the close in the same time slice (31)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>()
      const [first, second] = yield* arriveInTurn(group, [queue.get(), queue.get()])
      yield* Task.sync(() => {
        rightOf(queue.putNowait(1))
        queue.close()
        expectTagged(leftOf(queue.putNowait(2)), 'QueueClosedError')
      })
      expect(yield* first!.join()).toBe(1)
      expectTagged(failureOf(yield* second!.wait()), 'QueueClosedError')
      yield* group.asyncClose()
    })
  )
})

describe('waiting puts', () => {
  inEveryMode('put their items in order of arrival as room appears, in the time slice of the get (32)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = full('a', 'b')
      const putters = yield* arriveInTurn(
        group,
        ['c', 'd', 'e'].map((item) => queue.put(item))
      )
      expect(queue.size).toBe(2)
      yield* Task.sync(() => {
        expect(rightOf(queue.getNowait())).toBe('a')
        expect(queue.size).toBe(2)
        expectTagged(leftOf(queue.putNowait('barger')), 'QueueFullError')
      })
      yield* settled
      expect(putters.map((putter) => putter.poll()._tag)).toEqual(['Some', 'None', 'None'])
      const rest = [yield* queue.get(), yield* queue.get(), yield* queue.get(), yield* queue.get()]
      expect(rest).toEqual(['b', 'c', 'd', 'e'])
      yield* Task.all(putters.map((putter) => putter.join()))
      yield* group.asyncClose()
    })
  )

  inEveryMode('keep their order when room for several items appears at once (32)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = full('a', 'b', 'c')
      const putters = yield* arriveInTurn(
        group,
        ['d', 'e'].map((item) => queue.put(item))
      )
      const taken = yield* queue.getAll(2)
      expect(taken).toEqual(['a', 'b'])
      yield* settled
      expect(putters.map((putter) => putter.poll()._tag)).toEqual(['Some', 'Some'])
      expect(yield* queue.getAll()).toEqual(['c', 'd', 'e'])
      yield* group.asyncClose()
    })
  )

  for (const [name, drain] of [
    ['getAll', (queue: Queue<string>) => queue.getAll()],
    [
      'getUntilEmpty',
      (queue: Queue<string>) =>
        pipe(
          queue.getUntilEmpty(),
          Task.map((last) => [last])
        )
    ],
    [
      'getNowaitUntilEmpty',
      (queue: Queue<string>) =>
        Task.suspend(() =>
          pipe(
            Task.fromEither(queue.getNowaitUntilEmpty()),
            Task.map((last) => [last])
          )
        )
    ]
  ] as const) {
    inEveryMode(`all get room when ${name} empties the queue, and lose no item`, () =>
      Task.gen(function* () {
        const group = yield* bench
        const queue = full('a', 'b')
        const putters = yield* arriveInTurn(
          group,
          ['c', 'd'].map((item) => queue.put(item))
        )
        const taken = yield* drain(queue)
        yield* settled
        for (const putter of putters) yield* putter.join()
        const last = taken[taken.length - 1]
        const rest = queue.isEmpty ? [] : yield* queue.getAll()
        const order = ['a', 'b', 'c', 'd']
        expect(rest).toEqual(order.slice(order.indexOf(last as string) + 1))
        expect(order.indexOf(last as string)).toBeGreaterThanOrEqual(1)
        yield* group.asyncClose()
      })
    )
  }

  inEveryMode('fail when the queue closes, and their items are not in it (30)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = full('a')
      const putters = yield* arriveInTurn(
        group,
        ['b', 'c'].map((item) => queue.put(item))
      )
      queue.close()
      for (const putter of putters) expectTagged(failureOf(yield* putter.wait()), 'QueueClosedError')
      expect(yield* queue.getAll()).toEqual(['a'])
      expectTagged(failureOf(yield* Task.exit(queue.get())), 'QueueClosedError')
      yield* group.asyncClose()
    })
  )

  inEveryMode('have succeeded if their item was put before the close in the same time slice (31)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = full('a')
      const [first, second] = yield* arriveInTurn(
        group,
        ['b', 'c'].map((item) => queue.put(item))
      )
      yield* Task.sync(() => {
        expect(rightOf(queue.getNowait())).toBe('a')
        queue.close()
      })
      yield* first!.join()
      expectTagged(failureOf(yield* second!.wait()), 'QueueClosedError')
      expect(yield* queue.getAll()).toEqual(['b'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('are not served by a get after the close, in the same time slice (30)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = full('a')
      const [putter] = yield* arriveInTurn(group, [queue.put('b')])
      yield* Task.sync(() => {
        queue.close()
        expect(rightOf(queue.getNowait())).toBe('a')
        expect(queue.isEmpty).toBe(true)
        expectTagged(leftOf(queue.getNowait()), 'QueueClosedError')
      })
      expectTagged(failureOf(yield* putter!.wait()), 'QueueClosedError')
      yield* group.asyncClose()
    })
  )
})

describe('a queue between producers and consumers', () => {
  for (const maxsize of [0, 1, 2, 5]) {
    inEveryMode(
      `of size ${maxsize} loses and duplicates no item and keeps the order of each producer (32)`,
      () =>
        Task.gen(function* () {
          const queue = yield* Queue.make<readonly [number, number]>(maxsize)
          const got: [Array<readonly [number, number]>, Array<readonly [number, number]>] = [[], []]
          const producer = (id: number): Task.Task<QueueClosedError, void> =>
            Task.gen(function* () {
              for (let item = 0; item < 20; item++) {
                yield* queue.put([id, item])
                if (maxsize > 0) expect(queue.size).toBeLessThanOrEqual(maxsize)
              }
            })
          const consumer = (into: Array<readonly [number, number]>) =>
            queue.forEach((pair) => {
              into.push(pair)
              return Task.yieldNow
            })
          yield* Task.all([
            pipe(
              Task.all([producer(0), producer(1), producer(2)]),
              Task.ensuring(Task.sync(() => queue.close()))
            ),
            consumer(got[0]),
            consumer(got[1])
          ])
          const inOrder = Array.from({ length: 20 }, (_, item) => item)
          for (const id of [0, 1, 2]) {
            const items = got.map((of) => of.filter(([by]) => by === id).map(([, item]) => item))
            for (const own of items) expect(own).toEqual([...own].sort((a, b) => a - b))
            expect(items.flat().sort((a, b) => a - b)).toEqual(inOrder)
          }
          expect(queue.size).toBe(0)
        })
    )
  }

  inEveryMode('has no parked get while there is an item, and no parked put while there is room (32)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>(2)
      const getters = yield* arriveInTurn(group, [queue.get(), queue.get()])
      const putters: Array<Fiber<unknown, void>> = []
      for (const item of [1, 2, 3, 4, 5, 6]) putters.push(yield* group.spawn(queue.put(item)))
      yield* settled
      expect(getters.every((getter) => getter.poll()._tag === 'Some')).toBe(true)
      expect(queue.size).toBe(2)
      expect(putters.filter((putter) => putter.poll()._tag === 'Some').length).toBe(4)
      rightOf(queue.getNowait())
      yield* settled
      expect(queue.size).toBe(2)
      expect(putters.filter((putter) => putter.poll()._tag === 'Some').length).toBe(5)
      yield* group.asyncClose()
    })
  )
})
