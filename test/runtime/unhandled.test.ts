/** Whatever the timing, the host never hears of an unhandled rejection, and nothing stays behind on real runs. */
import { getEventListeners } from 'node:events'
import { setImmediate as macrotask } from 'node:timers/promises'
import { Group, runFork, runTask, runTaskExit, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const seen: Array<unknown> = []
const note = (reason: unknown) => {
  seen.push(reason)
}
beforeEach(() => {
  seen.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  for (let i = 0; i < 5; i++) await macrotask()
  process.off('unhandledRejection', note)
  expect(seen).toEqual([])
})

/** A promise that rejects when the test says so. */
const later = () => {
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  return { promise, reject }
}

describe('nothing is ever reported as an unhandled rejection because of timing (3)', () => {
  it('a promise that rejects at once', async () => {
    await runTaskExit(Task.promise(() => Promise.reject('x')))
    await runTaskExit(Task.tryCatch(() => Promise.reject('x'), String))
  })

  it('a promise that rejects after its fiber was interrupted', async () => {
    for (const make of [Task.promise<never>, <A>(f: () => PromiseLike<A>) => Task.tryCatch(f, String)]) {
      const { promise, reject } = later()
      const fiber = runFork(make(() => promise))
      await macrotask()
      fiber.interruptNowait()
      await macrotask()
      reject('late')
      await macrotask()
    }
  })

  it('a promise that rejects because its signal aborted', async () => {
    const fiber = runFork(
      Task.promise(
        (signal) =>
          new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')))
          })
      )
    )
    await macrotask()
    await runTaskExit(fiber.interrupt())
  })

  it('a promise that rejects in the very turn of the interruption', async () => {
    const { promise, reject } = later()
    const fiber = runFork(Task.promise(() => promise))
    await macrotask()
    reject('now')
    fiber.interruptNowait()
    await runTaskExit(fiber.wait())
  })

  it('a promise whose fiber loses a race, times out or is stopped by a failure', async () => {
    const { promise, reject } = later()
    const slow = Task.promise(() => promise)
    await runTaskExit(pipe(slow, Task.race(Task.yieldNow)))
    await runTaskExit(pipe(slow, Task.timeout(1)))
    await runTaskExit(Task.all([slow, Task.fail('e')]))
    reject('too late')
  })

  it('a fiber that dies and is joined much later', async () => {
    const fiber = runFork(Task.die('d'))
    for (let i = 0; i < 5; i++) await macrotask()
    expect((await runTaskExit(fiber.join()))._tag).toBe('Left')
  })

  it('a promise that is wrapped late and has rejected before', async () => {
    const rejected = Promise.reject('before')
    rejected.catch(() => {})
    const group = new Group({ onFailure: () => {} })
    await runTaskExit(
      pipe(
        group.wrap(rejected),
        Task.flatMap((fiber) => fiber.wait())
      )
    )
    await runTask(group.asyncClose())
  })

  it('a promise function whose fiber was interrupted before it began', async () => {
    const { promise, reject } = later()
    const fiber = runFork(Task.promise(() => promise))
    fiber.interruptNowait()
    await runTaskExit(fiber.wait())
    reject('late')
  })
})

describe('nothing outlives a run (14)', () => {
  it('an aborted run leaves no listener on the signal and no timer that keeps the process', async () => {
    const controller = new AbortController()
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const run = runTaskExit(pipe(Task.sleep(60_000), Task.timeout(50_000)), { signal: controller.signal })
    await macrotask()
    expect(timers()).toBeGreaterThan(before)
    controller.abort()
    await run
    expect(timers()).toBe(before)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })
})
