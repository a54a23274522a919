/**
 * An item is in exactly one place at every moment: with its producer, in the queue or with its consumer. So each wait is
 * interrupted before, within the time slice of, and after the hand-off, and then all items are counted.
 */
import { Queue, type QueueClosedError, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failure, Interrupt, isInterrupted, rightOf, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import {
  after,
  bench,
  describeMode,
  expectSuccess,
  inEveryMode,
  modes,
  orderedModes,
  settled
} from '../support/modes.js'
import { drain } from '../support/queues.js'

/** Gets one and notes it in the frame that waits for it, so that no turn lies in between. */
const getInto = <X>(queue: Queue<X>, got: Array<X>): Task.Task<QueueClosedError, void> =>
  pipe(
    queue.get(),
    Task.map((item) => void got.push(item))
  )

const getAllInto = <X>(queue: Queue<X>, got: Array<X>): Task.Task<QueueClosedError, void> =>
  pipe(
    queue.getAll(),
    Task.map((items) => void got.push(...items))
  )

const putFrom = <X>(queue: Queue<X>, item: X, put: Array<X>): Task.Task<QueueClosedError, void> =>
  pipe(
    queue.put(item),
    Task.map(() => void put.push(item))
  )

for (const [kind, getter] of [
  ['get', getInto],
  ['getAll', getAllInto]
] as const) {
  describe(`an interrupted ${kind}`, () => {
    inEveryMode('that was parked takes no item (31)', () =>
      Task.gen(function* () {
        const group = yield* bench
        const queue = yield* Queue.make<number>()
        const got: Array<number> = []
        const fiber = yield* group.spawn(getter(queue, got))
        yield* settled
        expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
        rightOf(queue.putNowait(1))
        yield* settled
        expect([got, queue.size]).toEqual([[], 1])
        expect(rightOf(queue.getNowait())).toBe(1)
        yield* group.asyncClose()
      })
    )

    for (const order of ['just before', 'just after'] as const) {
      inEveryMode(
        `loses no item when interrupted ${order} the hand-off, in the same time slice (python/asyncio#256, ZIO#9973) (31)`,
        () =>
          Task.gen(function* () {
            const group = yield* bench
            const queue = yield* Queue.make<number>(2)
            const got: Array<number> = []
            const fiber = yield* group.spawn(getter(queue, got))
            yield* settled
            yield* Task.sync(() => {
              if (order === 'just before') fiber.interruptNowait()
              rightOf(queue.putNowait(1))
              if (order === 'just after') fiber.interruptNowait()
              rightOf(queue.putNowait(2))
            })
            const exit = yield* fiber.wait()
            yield* settled
            expect([...got, ...drain(queue)]).toEqual([1, 2])
            expect(isInterrupted(exit)).toBe(got.length === 0)
            yield* group.asyncClose()
          })
      )

      inEveryMode(
        `leaves the item to the next waiter when interrupted ${order} the hand-off (cpython#90155) (31)`,
        () =>
          Task.gen(function* () {
            const group = yield* bench
            const queue = yield* Queue.make<number>(1)
            const got: [Array<number>, Array<number>, Array<number>] = [[], [], []]
            const first = yield* group.spawn(getter(queue, got[0]))
            yield* settled
            const second = yield* group.spawn(getter(queue, got[1]))
            yield* settled
            yield* group.spawn(getter(queue, got[2]))
            yield* settled
            yield* Task.sync(() => {
              if (order === 'just before') first.interruptNowait()
              rightOf(queue.putNowait(1))
              if (order === 'just after') first.interruptNowait()
            })
            yield* first.wait()
            yield* settled
            expect(queue.size).toBe(0)
            expect(got.flat()).toEqual([1])
            expect(got[2]).toEqual([])
            expect(got[0].length === 1 || second.poll()._tag === 'Some').toBe(true)
            rightOf(queue.putNowait(2))
            yield* settled
            expect(got.flat().sort()).toEqual([1, 2])
            expect(queue.size).toBe(0)
            yield* group.asyncClose()
          })
      )
    }

    inEveryMode(
      'keeps its item when the queue closes and it is interrupted in the time slice of the hand-off (31)',
      () =>
        Task.gen(function* () {
          const group = yield* bench
          const queue = yield* Queue.make<number>(1)
          const got: Array<number> = []
          const fiber = yield* group.spawn(getter(queue, got))
          yield* settled
          yield* Task.sync(() => {
            rightOf(queue.putNowait(1))
            queue.close()
            fiber.interruptNowait()
          })
          yield* fiber.wait()
          expect([...got, ...drain(queue)]).toEqual([1])
          yield* group.asyncClose()
        })
    )
  })
}

describe('an interrupted put', () => {
  inEveryMode('that was parked does not put its item, and leaves the room to the next put (31)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>(1)
      rightOf(queue.putNowait(0))
      const put: Array<number> = []
      const fiber = yield* group.spawn(putFrom(queue, 1, put))
      yield* settled
      yield* group.spawn(putFrom(queue, 2, put))
      yield* settled
      expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
      expect([yield* queue.get(), yield* queue.get()]).toEqual([0, 2])
      yield* settled
      expect(put).toEqual([2])
      expect(queue.size).toBe(0)
      yield* group.asyncClose()
    })
  )

  for (const order of ['just before', 'just after'] as const) {
    inEveryMode(
      `has either succeeded or was interrupted without putting its item, ${order} room appears in the same time slice (31)`,
      () =>
        Task.gen(function* () {
          const group = yield* bench
          const queue = yield* Queue.make<number>(1)
          rightOf(queue.putNowait(0))
          const put: Array<number> = []
          const first = yield* group.spawn(putFrom(queue, 1, put))
          yield* settled
          const second = yield* group.spawn(putFrom(queue, 2, put))
          yield* settled
          yield* Task.sync(() => {
            if (order === 'just before') first.interruptNowait()
            expect(rightOf(queue.getNowait())).toBe(0)
            if (order === 'just after') first.interruptNowait()
            expect(queue.size).toBeLessThanOrEqual(1)
          })
          const exit = yield* first.wait()
          yield* settled
          expect(queue.size).toBe(1)
          expect(put.length).toBe(1)
          expect(isInterrupted(exit)).toBe(!put.includes(1))
          const got = [rightOf(queue.getNowait())]
          yield* settled
          got.push(...drain(queue))
          expect(got).toEqual(put)
          yield* isInterrupted(exit) ? second.join() : Task.unit
          yield* group.asyncClose()
        })
    )
  }

  inEveryMode(
    'has either succeeded or failed without putting its item when room, close and interruption meet in one time slice (31)',
    () =>
      Task.gen(function* () {
        const group = yield* bench
        const queue = yield* Queue.make<number>(1)
        rightOf(queue.putNowait(0))
        const put: Array<number> = []
        const fiber = yield* group.spawn(putFrom(queue, 1, put))
        yield* settled
        yield* Task.sync(() => {
          rightOf(queue.getNowait())
          fiber.interruptNowait()
          queue.close()
        })
        const exit = yield* fiber.wait()
        expect(drain(queue)).toEqual(put)
        expect(isRight(exit)).toBe(put.length === 1)
        yield* group.asyncClose()
      })
  )
})

describe('an operation of a queue that does not have to wait', () => {
  test('is no checkpoint: a pending interruption does not stop it (8)', async () => {
    const run = await runVirtual(
      Task.gen(function* () {
        const group = yield* bench
        const queue = yield* Queue.make<number>(3)
        const done: Array<string> = []
        const fiber = yield* group.spawn(
          Task.gen(function* () {
            for (const item of [1, 2, 3]) {
              yield* queue.put(item)
              done.push(`put ${item}`)
            }
            done.push(`got ${yield* queue.get()}`)
            done.push(`got ${(yield* queue.getAll()).join(' and ')}`)
            yield* queue.get()
            done.push('waited')
          })
        )
        fiber.interruptNowait()
        expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
        expect(done).toEqual(['put 1', 'put 2', 'put 3', 'got 1', 'got 2 and 3'])
        yield* group.asyncClose()
      })
    )
    expectSuccess(run)
  })
})

describe('interrupted at any step', () => {
  /** One victim of several is struck after k turns; afterwards all items are counted. */
  const program = (victim: 'producer' | 'consumer' | 'batcher', step: number): Task.Task<unknown, void> =>
    Task.gen(function* () {
      const group = yield* bench
      const queue = yield* Queue.make<number>(1)
      const put: Array<number> = []
      const got: [Array<number>, Array<number>] = [[], []]
      const producer = (base: number): Task.Task<QueueClosedError, void> =>
        Task.gen(function* () {
          for (let item = base; item < base + 4; item++) yield* putFrom(queue, item, put)
        })
      const fibers = {
        consumer: yield* group.spawn(Task.forever(getInto(queue, got[0]))),
        producer: yield* group.spawn(producer(10)),
        batcher: yield* group.spawn(Task.forever(getAllInto(queue, got[1]))),
        other: yield* group.spawn(producer(20))
      }
      yield* group.spawn(after(step, () => fibers[victim].interruptNowait()))
      yield* settled
      yield* group.asyncClose()
      const inside = drain(queue)
      expect([...got.flat(), ...inside].sort()).toEqual([...put].sort())
      for (const own of got) {
        for (const base of [10, 20]) {
          const items = own.filter((item) => item >= base && item < base + 10)
          expect(items).toEqual([...items].sort())
        }
      }
      expect(inside.length).toBe(0)
      if (victim !== 'producer') expect(put.length).toBe(8)
    })

  for (const victim of ['producer', 'consumer', 'batcher'] as const) {
    test(`a ${victim} loses and duplicates no item, and the other fibers continue (31)`, {
      timeout: 60_000
    }, async () => {
      for (const mode of [...orderedModes, ...modes.slice(3, 9)]) {
        for (let step = 0; step < 40; step++) {
          try {
            expectSuccess(await runVirtual(program(victim, step), mode))
          } catch (thrown) {
            if (thrown instanceof Error) thrown.message += `\n(step ${step}, ${describeMode(mode)})`
            throw thrown
          }
        }
      }
    })
  }
})
