/**
 * Leaving a wait queue costs the same at every position. A linear search would make the close of a big group quadratic: fifty times the
 * fibers, 2,500 times the work. The limit is
 * far from both ends: a hundred thousand fibers also miss the caches, and few fibers have code that is not optimized yet.
 */
import { Deferred, type Fiber, Group, Latch, Queue, runTask, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { randomFrom } from '../../src/testing/run/random.js'
import { rightOf } from '../support/exits.js'

type Order = 'first to last' | 'last to first' | 'shuffled' | 'by closing the group'

/** A primitive on which any number of fibers wait: what each does, and how to tell that nobody waits any longer. */
type Place = () => { readonly wait: Task.Task<unknown, unknown>; readonly isEmpty?: () => boolean }

/** Holds the fibers that are joined, on the default runtime as all here. */
const joined = new Group({ name: 'joined' })

const places: Readonly<Record<string, Place>> = {
  'Queue.get': () => {
    const queue = new Queue<number>()
    // Whoever still stood in the line would take this item with him.
    const isEmpty = () => rightOf(queue.putNowait(1)) === undefined && queue.size === 1
    return { wait: queue.get(), isEmpty }
  },
  'Queue.put': () => {
    const queue = new Queue<number>(1)
    rightOf(queue.putNowait(0))
    const isEmpty = () => rightOf(queue.getNowait()) === 0 && queue.size === 0
    return { wait: queue.put(1), isEmpty }
  },
  'Deferred.wait': () => ({ wait: new Deferred<never, void>().wait() }),
  'Semaphore.withPermits': () => {
    const semaphore = new Semaphore(1)
    const wait = pipe(Task.never, semaphore.withPermits(1))
    return { wait, isEmpty: () => semaphore.available === 1 }
  },
  'Latch.wait': () => ({ wait: new Latch().wait() }),
  'Fiber.join': () => {
    const target = rightOf(joined.spawnNowait(Task.never))
    return { wait: target.join() }
  },
  'Fiber.wait': () => ({ wait: rightOf(joined.spawnNowait(Task.never)).wait() }),
  'Group.waitClosed': () => ({ wait: new Group().waitClosed() })
}
/** Milliseconds that it takes to interrupt `count` parked fibers in this order. */
async function closing(place: Place, count: number, order: Order): Promise<number> {
  const { wait, isEmpty } = place()
  const group = new Group<unknown>({ onFailure: () => {} })
  const fibers: Array<Fiber<unknown, unknown>> = []
  for (let index = 0; index < count; index++) fibers.push(rightOf(group.spawnNowait(wait)))
  // All have come to their wait when one spawned after them has run and slept.
  await runTask(Task.sleep(1))
  await runTask(Task.sleep(1))
  expect(group.size).toBe(count)
  expect(fibers[count - 1]!.status()._tag).toBe('Waiting')
  if (order === 'last to first') fibers.reverse()
  if (order === 'shuffled') {
    const next = randomFrom(count, 0)
    for (let index = count - 1; index > 0; index--) {
      const other = Math.floor(next() * (index + 1))
      ;[fibers[index], fibers[other]] = [fibers[other]!, fibers[index]!]
    }
  }
  const start = performance.now()
  if (order !== 'by closing the group') for (const fiber of fibers) fiber.interruptNowait()
  await runTask(group.asyncClose())
  const elapsed = performance.now() - start
  expect(group.isClosed).toBe(true)
  expect(group.size).toBe(0)
  expect(isEmpty?.() ?? true).toBe(true)
  return elapsed
}

describe('closing 100,000 parked fibers', () => {
  for (const [name, place] of Object.entries(places)) {
    for (const order of ['first to last', 'last to first', 'shuffled', 'by closing the group'] as const) {
      test(`on ${name}, ${order}, costs time linear in their number (28)`, { timeout: 120_000 }, async () => {
        const ratios: Array<number> = []
        // A slow moment of the machine makes one round slow, not each of them.
        for (let round = 0; round < 4; round++) {
          const few = Math.min(await closing(place, 2_000, order), await closing(place, 2_000, order))
          const many = await closing(place, 100_000, order)
          ratios.push(many / Math.max(few, 1))
          if (ratios[round]! < 120) return
        }
        expect(Math.min(...ratios)).toBeLessThan(120)
      })
    }
  }
})

describe('a long queue', () => {
  /** Milliseconds to take everything from a queue that holds so many. */
  const emptying = async (count: number): Promise<number> => {
    const queue = new Queue<number>()
    for (let item = 0; item < count; item++) rightOf(queue.putNowait(item))
    const start = performance.now()
    for (let item = 0; item < count; item++) {
      if (rightOf(queue.getNowait()) !== item) throw new Error(`item ${item} came out of its turn`)
    }
    return performance.now() - start
  }

  test('is emptied item by item in time linear in its length', { timeout: 60_000 }, async () => {
    const ratios: Array<number> = []
    for (let round = 0; round < 4; round++) {
      await emptying(20_000)
      const [few, many] = [await emptying(20_000), await emptying(400_000)]
      ratios.push(many / Math.max(few, 1))
      if (ratios[round]! < 100) return
    }
    expect(Math.min(...ratios)).toBeLessThan(100)
  })
})
