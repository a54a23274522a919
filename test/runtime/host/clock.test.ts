/** The host's clock: one timer of the host for all sleeping fibers, which keeps a process alive only while a fiber sleeps. */
import { runFork, runTask, Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
})

describe('the host clock', () => {
  it('follows the timers of a test runner', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    const fiber = runFork(pipe(Task.sleep(60_000), Task.as('woke')))
    await runTask(Task.yieldNow)
    vi.advanceTimersByTime(59_999)
    await runTask(Task.yieldNow)
    expect(fiber.poll()._tag).toBe('None')
    vi.advanceTimersByTime(1)
    expect(await runTask(fiber.join())).toEqual(right('woke'))
  })

  it('uses one timer of the host for many sleeping fibers, and wakes them in order of time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    const woke: Array<number> = []
    const times = [30, 10, 20, 10, 2 ** 31 + 5]
    const fiber = runFork(
      Task.all(
        times.map((ms) =>
          pipe(
            Task.sleep(ms),
            Task.map(() => woke.push(ms))
          )
        )
      )
    )
    await runTask(Task.yieldNow)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(15)
    await runTask(Task.yieldNow)
    expect(woke).toEqual([10, 10])
    vi.advanceTimersByTime(2 ** 31 - 50)
    await runTask(Task.yieldNow)
    expect(woke).toEqual([10, 10, 20, 30])
    vi.advanceTimersByTime(100)
    await runTask(fiber.wait())
    expect(woke).toEqual([...times].sort((a, b) => a - b))
  })

  it('does not keep the process alive for a cancelled timer', async () => {
    await runTask(pipe(Task.unit, Task.timeout(60_000)))
    const held = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const fiber = runFork(Task.sleep(60_000))
    await runTask(Task.yieldNow)
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(held + 1)
    await runTask(fiber.interrupt())
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(held)
  })
})
