/** Timer buckets: many cancelled timers leave nothing behind, and the others fire in order, none early. */
import { runTask, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CallbackTimer, HostTimers } from '../../../src/runtime/host/timers.js'

describe('timers of the host', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('fire in order of time, and those of one millisecond in order of creation', async () => {
    const woken: Array<string> = []
    const sleeper = (name: string, ms: number) =>
      pipe(
        Task.sleep(ms),
        Task.map(() => woken.push(`${name} ${performance.now() - began}`))
      )
    const began = performance.now()
    const done = runTask(
      Task.all([sleeper('c', 30), sleeper('a', 10), sleeper('b', 10), sleeper('d', 2 ** 31 + 5)])
    )
    await vi.advanceTimersByTimeAsync(9)
    expect(woken).toEqual([])
    await vi.advanceTimersByTimeAsync(2 ** 31 + 10)
    await done
    expect(woken.map((entry) => entry.split(' ')[0])).toEqual(['a', 'b', 'c', 'd'])
    for (const [index, ms] of [10, 10, 30, 2 ** 31 + 5].entries())
      expect(Number(woken[index]?.split(' ')[1])).toBeGreaterThanOrEqual(ms)
  })

  it('never exceed the maximal delay of the host', () => {
    const asked = vi.spyOn(globalThis, 'setTimeout')
    const timers = new HostTimers()
    const fired: Array<number> = []
    timers.add(new CallbackTimer(() => fired.push(performance.now() - began)), 2 ** 32)
    expect(asked.mock.lastCall?.[1]).toBe(2 ** 31 - 1)
    const began = performance.now()
    vi.advanceTimersByTime(2 ** 32 - 1)
    expect(fired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(fired).toEqual([2 ** 32])
    expect(asked).toHaveBeenCalledTimes(3)
  })

  it('use few buckets for cancelled timeouts, however far ahead', () => {
    const timers = new HostTimers()
    const stays = new CallbackTimer(() => undefined)
    timers.add(stays, 5e5)
    for (let round = 0; round < 10_000; round++) {
      const alarm = new CallbackTimer(() => expect.unreachable('it was cancelled'))
      timers.add(alarm, 1e6 + 7 * round)
      timers.cancel(alarm)
      expect(timers.length).toBeLessThan(150)
    }
    timers.cancel(stays)
    vi.advanceTimersByTime(2e6)
  })

  it('fire the remaining ones when the buckets around them are removed', () => {
    const timers = new HostTimers()
    const fired: Array<number> = []
    const alarms = Array.from({ length: 1000 }, (_, index) => new CallbackTimer(() => fired.push(index)))
    // The later ones first, so that the heap has to put them in order.
    for (const [index, alarm] of [...alarms.entries()].reverse()) timers.add(alarm, 10 + 10 * index)
    for (const [index, alarm] of alarms.entries()) if (index % 10 !== 0) timers.cancel(alarm)
    vi.advanceTimersByTime(20_000)
    expect(fired).toEqual(Array.from({ length: 100 }, (_, index) => 10 * index))
  })
})
