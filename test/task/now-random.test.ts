/** `Task.now` and `Task.random`: the runtime's time and random numbers. */

import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Clock, makeRuntime, runTask, Schedule, Task } from '../../src/index.js'
import { replay, runTest } from '../../src/testing/index.js'
import { VirtualClock } from '../../src/testing/run/virtual-clock.js'
import { rightOf, success, summary } from '../support/exits.js'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('Task.now', () => {
  test("is the host's date, read each time it is run", async () => {
    const before = Date.now()
    const result = await runTask(Task.now)
    const now = rightOf(result)
    expect(now >= before && now <= Date.now()).toBe(true)
    vi.useFakeTimers({ toFake: ['Date'], now: 1234 })
    expect(await runTask(Task.now)).toEqual(right(1234))
    vi.setSystemTime(0)
    expect(await runTask(Task.now)).toEqual(right(0))
  })

  test('is the date of the clock, with its `this`', async () => {
    class Dated extends VirtualClock implements Clock {
      readonly epoch = 1_700_000_000_000
      date(): number {
        return this.epoch + this.now()
      }
    }
    const runtime = makeRuntime({ clock: new Dated() })
    expect(await runtime.runTask(Task.now)).toEqual(right(1_700_000_000_000))
  })

  test('is the time of a clock that has no date', async () => {
    const runtime = makeRuntime({ clock: { now: () => 5, setTimer: () => () => undefined } })
    expect(await runtime.runTask(Task.now)).toEqual(right(5))
  })

  test('under test starts at 0 and advances with virtual time (46)', async () => {
    const program = Task.all([
      Task.now,
      pipe(
        Task.sleep(86_400_000),
        Task.flatMap(() => Task.now)
      )
    ])
    expect(summary((await runTest(program)).exit)).toEqual(success([0, 86_400_000]))
  })

  test('a date that is set back changes no duration', async () => {
    const dates = [1000, 0, 0, 0, 0]
    vi.spyOn(Date, 'now').mockImplementation(() => dates.shift() ?? 0)
    const program = pipe(
      Task.now,
      Task.flatMap(() => Task.sleep(1)),
      Task.flatMap(() => Task.now),
      Task.timeout(5000)
    )
    expect(await runTask(program)).toEqual(right(0))
  })

  test('a clock whose date is no function is refused', () => {
    const clock = { now: () => 0, setTimer: () => () => undefined, date: 5 }
    expect(() => makeRuntime({ clock: clock as unknown as Clock })).toThrow(
      'makeRuntime: expected date of the clock to be a function, got 5 (a number)'
    )
  })

  test('dies of a throw of the date', async () => {
    const bug = new Error('no date')
    const clock: Clock = {
      now: () => 0,
      setTimer: () => () => undefined,
      date: () => {
        throw bug
      }
    }
    await expect(makeRuntime({ clock }).runTask(Task.now)).rejects.toBe(bug)
  })
})

describe('Task.random', () => {
  const three = Task.all([Task.random, Task.random, Task.random])

  test('is at least 0 and below 1, and a new number each time', async () => {
    const result = await runTask(three)
    const numbers = rightOf(result)
    expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true)
    expect(new Set(numbers).size).toBe(3)
  })

  test('uses the generator of the runtime', async () => {
    let last = 0
    const runtime = makeRuntime({ random: () => ++last / 10 })
    expect(await runtime.runTask(three)).toEqual(right([0.1, 0.2, 0.3]))
    expect(runtime.runSync(Task.random)).toEqual(right(0.4))
  })

  test('is drawn from the seed under test, with the same numbers in a replay (46)', async () => {
    const of = async (seed: number) => (await runTest(three, { seed })).exit
    const first = await runTest(three, { seed: 1 })
    expect(await of(1)).toEqual(first.exit)
    expect(await of(2)).not.toEqual(first.exit)
    expect((await replay(three, first.schedule)).exit).toEqual(first.exit)
  })

  test('is the source of jitter', async () => {
    const pauses = async (random: number) => {
      const clock = new VirtualClock()
      const set = vi.spyOn(clock, 'setTimer')
      const runtime = makeRuntime({ clock, random: () => random })
      const fiber = runtime.runFork(
        pipe(Task.fail('busy'), Task.retry(pipe(Schedule.spaced(100), Schedule.jittered(0.5))))
      )
      await runTask(Task.yieldNow)
      fiber.interruptNowait()
      return set.mock.calls.map(([ms]) => ms)
    }
    expect(await pauses(0)).toEqual([50])
    expect(await pauses(0.5)).toEqual([100])
  })

  test('dies of a throw of the generator', async () => {
    const bug = new Error('no chance')
    const runtime = makeRuntime({
      random: () => {
        throw bug
      }
    })
    await expect(runtime.runTask(Task.random)).rejects.toBe(bug)
  })
})
