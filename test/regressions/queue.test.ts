/** Bugs of queues in other libraries: an item lost, duplicated or out of order, a waiter never woken. */
import { type Fiber, Queue, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { inEveryOrder, keeping, withFibers } from '../support/every-order.js'
import { rightOf, tagsOf } from '../support/exits.js'
import { drain } from '../support/queues.js'

/** All fibers that can go on have gone on. */
const settled = Task.sleep(1)

describe('an interrupted get', () => {
  test('has its item, or has left it in the queue (cats-effect#2920)', () =>
    withFibers(function* (group) {
      const queue = new Queue<string>()
      const got: Array<string> = []
      const taker = yield* group.spawn(keeping(queue.get(), (item) => got.push(item)))
      yield* Task.all([queue.put('item'), taker.interrupt()])
      expect([...got, ...drain(queue)]).toEqual(['item'])
    }))

  test('leaves the item to the other waiter, which does not hang (cats-effect#3998)', () =>
    withFibers(function* (group) {
      const queue = new Queue<string>()
      const got: Array<string> = []
      const take = keeping(queue.get(), (item) => got.push(item))
      const first: Fiber<unknown, void> = yield* group.spawn(take)
      const second: Fiber<unknown, void> = yield* group.spawn(take)
      yield* Task.all([first.interrupt(), queue.put('one')])
      if (second.poll()._tag === 'None' && got.length > 0) yield* queue.put('two')
      yield* second.join()
      expect([...got, ...drain(queue)]).toHaveLength(isRight(yield* first.wait()) ? 2 : 1)
    }, 0))

  test('takes none of several items that are put in one step (ZIO#10884)', () =>
    withFibers(function* (group) {
      const queue = new Queue<number>()
      const got: Array<number> = []
      const take = keeping(queue.get(), (item) => got.push(item))
      const first = yield* group.spawn(take)
      const second = yield* group.spawn(take)
      yield* Task.all([
        first.interrupt(),
        Task.sync(() => {
          for (const item of [1, 2, 3]) queue.putNowait(item)
        })
      ])
      yield* second.join()
      expect([...got, ...drain(queue)].sort()).toEqual([1, 2, 3])
    }, 0))

  test('by a timeout takes no later item (anyio#146)', async () => {
    const queue = new Queue<number>()
    const got: Array<number> = []
    const receive = pipe(
      queue.get(),
      Task.timeout(100),
      Task.map((item) => got.push(item)),
      Task.either
    )
    const run = await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(Task.forever(receive))
          for (let item = 0; item < 10; item++) {
            yield* Task.sleep(250)
            yield* Task.either(queue.put(item))
          }
          yield* settled
        })
      )
    )
    rightOf(run.exit)
    expect([...got, ...drain(queue)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('by a timeout in the moment of a put loses no item (python/asyncio#201, python/asyncio#343)', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const queue = new Queue<number>()
      const got: Array<number> = []
      const consumer = Task.gen(function* () {
        while (got.at(-1) !== 8) {
          const item = yield* pipe(queue.get(), Task.timeout(3), Task.either)
          if (isRight(item)) got.push(item.right)
        }
      })
      const producer = Task.gen(function* () {
        for (let item = 0; item <= 8; item++) {
          yield* queue.put(item)
          yield* Task.sleep(item)
        }
      })
      rightOf((await runTest(Task.all([consumer, producer]), { seed })).exit)
      expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    }
  })

  test('within two timeouts that end with the put returns its item to the outer one (cats-effect#4571)', () =>
    inEveryOrder(() => {
      const queue = new Queue<number>()
      return Task.gen(function* () {
        const [taken] = yield* Task.all([
          pipe(queue.get(), Task.timeout(5), Task.timeout(5), Task.either),
          pipe(queue.put(42), Task.delay(5))
        ])
        expect([...(isRight(taken) ? [taken.right] : []), ...drain(queue)]).toEqual([42])
      })
    }, 0))
})

describe('an interrupted put', () => {
  test('that was given room is done, or the next waiter has the room (python/asyncio#269)', () =>
    withFibers(function* (group) {
      const queue = new Queue<string>(1)
      yield* queue.put('in')
      const first = yield* group.spawn(queue.put('first'))
      const second = yield* group.spawn(queue.put('second'))
      const [item] = yield* Task.all([queue.get(), first.interrupt()])
      expect(item).toBe('in')
      const isDone = isRight(yield* first.wait())
      if (isDone) expect(yield* queue.get()).toBe('first')
      yield* second.join()
      expect(drain(queue)).toEqual(['second'])
    }))
})

describe('a closing queue', () => {
  test('in the moment of a get leaves no fiber waiting (ZIO#1467)', () =>
    inEveryOrder(() => {
      const queue = new Queue<number>()
      return Task.gen(function* () {
        const [exit] = yield* Task.all([Task.exit(queue.get()), Task.sync(() => queue.close())])
        expect(tagsOf(exit)).toEqual(['Fail'])
      })
    }))

  test('in the moment of a put leaves no fiber waiting (ZIO#1449)', () =>
    inEveryOrder(() => {
      const queue = new Queue<number>(1)
      return Task.gen(function* () {
        yield* queue.put(1)
        const [exit] = yield* Task.all([Task.exit(queue.put(2)), Task.sync(() => queue.close())])
        expect(tagsOf(exit)).toEqual(['Fail'])
        expect(drain(queue)).toEqual([1])
      })
    }))
})
