/** The host's queue of ready fibers: their order, and the order with other work of the event loop. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { runFork, runTask, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { say } from '../support/tasks.js'

afterEach(async () => {
  vi.useRealTimers()
  // After its turn the queue begins to measure anew, in real time.
  await runTask(Task.yieldNow)
})

/** The clock stands still but where a test moves it, and the event loop has just had its turn. */
const onFakeTime = async (): Promise<void> => {
  vi.useFakeTimers({ toFake: ['performance'] })
  await runTask(Task.yieldNow)
}

/** Whether a fiber has its turn in a microtask, before anything else the event loop has to do. */
const isServedAtOnce = async (): Promise<boolean> => {
  const fiber = runFork(Task.unit)
  for (let microtask = 0; microtask < 10; microtask++) await undefined
  return fiber.poll()._tag === 'Some'
}

describe("the host's queue", () => {
  it('runs fibers in order of becoming ready, also while it grows, wherever it starts', async () => {
    for (const count of [40, 100, 300, 1000, 3000]) {
      const log: Array<unknown> = []
      const fibers = Array.from({ length: count }, (_, index) => runFork(say(log, index)))
      for (const fiber of fibers) await runTask(fiber.join())
      expect(log).toEqual(Array.from({ length: count }, (_, index) => index))
    }
  })

  it('runs a fiber that a promise woke after those that were ready before', async () => {
    const log: Array<string> = []
    let resolve = (): void => undefined
    const answer = new Promise<void>((settle) => {
      resolve = settle
    })
    const woken = runFork(
      pipe(
        Task.promise(() => answer),
        Task.flatMap(() => say(log, 'woken'))
      )
    )
    await macrotask()
    expect(woken.status()).toMatchObject({ _tag: 'Waiting' })
    resolve()
    const ready = runFork(say(log, 'ready before'))
    await runTask(Task.all([woken.join(), ready.join()]))
    expect(log).toEqual(['ready before', 'woken'])
  })

  it('lets the event loop run before a fiber that yielded', async () => {
    const log: Array<string> = []
    await macrotask()
    const fiber = runFork(
      pipe(
        Task.sync(() => void setImmediate(() => log.push('event loop'))),
        Task.flatMap(() => Task.yieldNow),
        Task.flatMap(() => say(log, 'fiber'))
      )
    )
    await runTask(fiber.join())
    expect(log).toEqual(['event loop', 'fiber'])
  })

  it('does not delay fibers that arrive singly, with macrotasks between them', async () => {
    await onFakeTime()
    for (let count = 0; count < 100; count++) {
      await macrotask()
      vi.advanceTimersByTime(10)
      expect(await isServedAtOnce()).toBe(true)
    }
  })

  it('waits for the event loop if fibers arrive singly without a macrotask between them', async () => {
    await onFakeTime()
    let served = 0
    while (await isServedAtOnce()) {
      served++
      vi.advanceTimersByTime(1)
      expect(served).toBeLessThan(50)
    }
    await macrotask()
    await macrotask()
    expect(await isServedAtOnce()).toBe(true)
  })

  it('waits for the event loop once after blocking it, and no more after that', async () => {
    await onFakeTime()
    expect(await isServedAtOnce()).toBe(true)
    // Its budget used up, and more time gone than a slice has.
    const loop = (n: number): Task.Task<never, unknown> =>
      n === 0
        ? Task.unit
        : pipe(
            Task.unit,
            Task.flatMap(() => loop(n - 1))
          )
    const hog = runFork(
      pipe(
        Task.sync(() => vi.advanceTimersByTime(1e9)),
        Task.flatMap(() => loop(4000))
      )
    )
    for (let microtask = 0; microtask < 10; microtask++) await undefined
    expect(await isServedAtOnce()).toBe(false)
    await macrotask()
    await macrotask()
    expect(hog.poll()._tag).toBe('Some')
    expect(await isServedAtOnce()).toBe(true)
  })
})
