/** A queue does not retain items that were taken. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Queue, runTask, Task } from 'aio-ts'
import { describe, expect, test } from 'vitest'
import { leftOf, rightOf } from '../support/exits.js'
import { collect } from '../support/gc.js'

/** Megabytes in use when everything that can be freed has been. */
const heap = (): number => {
  collect()
  collect()
  return process.memoryUsage().heapUsed / 1e6
}

const bulky = (id: number): ReadonlyArray<number> => Array.from({ length: 100 }, () => id)

describe('the memory of a queue', () => {
  test('is constant while 100,000 items pass from producer to consumer', {
    timeout: 60_000
  }, async () => {
    const queue = new Queue<ReadonlyArray<number>>(16)
    let seen = 0
    const through = (count: number) =>
      Task.all([
        Task.gen(function* () {
          for (let item = 0; item < count; item++) yield* queue.put(bulky(item))
        }),
        Task.gen(function* () {
          for (let item = 0; item < count; item++) seen += (yield* queue.get()).length
        })
      ])
    await runTask(through(10_000))
    const before = heap()
    await runTask(through(100_000))
    // Kept items would be 80 MB.
    expect(heap() - before).toBeLessThan(10)
    expect(seen).toBe(11_000_000)
    expect(queue.size).toBe(0)
  })

  test('is released after 100,000 items were in it at once and have been taken', { timeout: 60_000 }, () => {
    const queue = new Queue<ReadonlyArray<number>>()
    const before = heap()
    for (let item = 0; item < 100_000; item++) rightOf(queue.putNowait(bulky(item)))
    expect(heap() - before).toBeGreaterThan(40)
    for (let item = 0; item < 100_000; item++) rightOf(queue.getNowait())
    expect(heap() - before).toBeLessThan(10)
    expect(queue.size).toBe(0)
  })

  test('keeps no capacity for 1,000,000 items that have been taken', { timeout: 60_000 }, () => {
    const queue = new Queue<number>()
    const before = heap()
    for (let item = 0; item < 1_000_000; item++) rightOf(queue.putNowait(item))
    while (!queue.isEmpty) rightOf(queue.getNowait())
    expect(heap() - before).toBeLessThan(3)
    rightOf(queue.putNowait(1))
  })

  test('holds no reference to an item that was taken', { timeout: 60_000 }, async () => {
    const queue = new Queue<object>(1)
    const pass = (): WeakRef<object> => {
      const item = { bulky: bulky(0) }
      rightOf(queue.putNowait(item))
      rightOf(queue.getNowait())
      return new WeakRef(item)
    }
    const reference = pass()
    // A WeakRef holds on to what it was made for until the turn of the host is over.
    await macrotask()
    collect()
    expect(reference.deref()).toBe(undefined)
    expect(queue.size).toBe(0)
  })

  test('is constant while 2,000 gets wait and time out, and none of them takes a later item', {
    timeout: 60_000
  }, async () => {
    const queue = new Queue<number>()
    const waits = (count: number) =>
      Task.gen(function* () {
        for (let turn = 0; turn < count; turn++) {
          const exit = yield* Task.exit(Task.timeout(0)(queue.get()))
          leftOf(exit)
        }
      })
    await runTask(waits(100))
    const before = heap()
    const done = waits(2_000)
    await runTask(done)
    expect(heap() - before).toBeLessThan(5)
    expect(rightOf(await runTask(queue.put(1)))).toBe(undefined)
    expect(queue.size).toBe(1)
  })
})
