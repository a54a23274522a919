/** The kit never hangs: a promise or callback that does not come is a deadlock after a while if nothing else can run. */
import { Task } from 'aio-ts'
import { DeadlockError, type ExploreError, explore, replay, runTest, sweepInterrupts } from 'aio-ts/testing'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Die, failure, success, summary } from '../../support/exits.js'
import { pass, rejectionOf, useHandTime, useRealTime } from '../../support/hand-time.js'

const later = <A>(value: A, ms: number): Promise<A> =>
  new Promise((resolve) => setTimeout(resolve, ms, value))

/** Nobody will ever call back. */
const stuck = pipe(
  Task.async<never, never>(() => {}),
  Task.named('the bell')
)

const scheduleIn = ({ message }: Error): string => /replay\([^']*'(aio1:[^']*)'/.exec(message)?.[1] ?? ''

describe('a host whose clock the test moves', () => {
  beforeEach(() => useHandTime())
  afterEach(() => useRealTime())

  it('reports a callback that never comes as a deadlock after two seconds, with the waiting fiber and its schedule', async () => {
    const { error, after } = await rejectionOf(runTest(stuck))
    expect(error).toBeInstanceOf(DeadlockError)
    expect(after).toBeGreaterThanOrEqual(2000)
    expect(after).toBeLessThan(2200)
    expect(error.message).toMatch(
      /^nothing can run: 1 fiber left, at 0 ms, and no promise or callback of the host has come within 2000 ms \(`hostWaitMs` is the limit\)\n {2}fiber #1 main .* waits for async .*, in the bell\n/
    )
    const again = await rejectionOf(replay(stuck, scheduleIn(error)))
    expect(again.error).toBeInstanceOf(DeadlockError)
    expect(again.after).toBeLessThan(2200)
  })

  it('reports a promise that never settles, also beside other waits, and after virtual time', async () => {
    const program = pipe(
      Task.sleep(3_600_000),
      Task.flatMap(() => Task.all([Task.promise(() => new Promise(() => {})), Task.never]))
    )
    const { error, after } = await rejectionOf(runTest(program))
    expect(error).toBeInstanceOf(DeadlockError)
    expect(error.message).toMatch(/3 fibers left, at 3600000 ms,/)
    expect(error.message).toMatch(/waits for promise .*\n.*waits for never/)
    expect(after).toBeLessThan(2200)
  })

  it('reports a promise that does not settle although its signal has aborted', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const deaf = Task.promise((signal) => new Promise<never>(() => void signal))
    const { error, after } = await rejectionOf(runTest(pipe(deaf, Task.timeout(10))))
    expect(error).toBeInstanceOf(DeadlockError)
    expect(error.message).toMatch(/waits for timeout 10ms\n.*waits for promise \(aborted, not settled\)/)
    // Before it has its chance to answer twice: before virtual time goes on, and before a person is warned.
    expect(after).toBeLessThan(4500)
  })

  it('has the patience of the test or of a schedule', async () => {
    const { error, after } = await rejectionOf(runTest(stuck, { hostWaitMs: 300 }))
    expect(error.message).toContain('within 300 ms')
    expect(after).toBeLessThan(400)
    expect(scheduleIn(error)).toContain(':w300:')
    expect((await rejectionOf(replay(stuck, scheduleIn(error)))).after).toBeLessThan(400)
    const longer = await rejectionOf(replay(stuck, scheduleIn(error), { hostWaitMs: 5000 }))
    expect(longer.after).toBeGreaterThanOrEqual(5000)
    expect(longer.error.message).toContain('within 5000 ms')
  })

  it('has `patienceMs` if only that is given', async () => {
    const alone = await rejectionOf(runTest(stuck, { patienceMs: 500 }))
    expect(alone.after).toBeGreaterThanOrEqual(500)
    expect(alone.after).toBeLessThan(700)
    expect(alone.error.message).toContain('within 500 ms')
    const both = await rejectionOf(runTest(stuck, { patienceMs: 5000, hostWaitMs: 100 }))
    expect(both.after).toBeLessThan(200)
  })

  it('accepts an answer that takes longer than usual if the test waits for it', async () => {
    const slow = Task.promise(() => later('answered', 9000))
    const patient = runTest(slow, { hostWaitMs: 10_000 })
    await pass(9100)
    expect(summary((await patient).exit)).toEqual(success('answered'))
    expect((await rejectionOf(runTest(slow))).error).toBeInstanceOf(DeadlockError)
  })

  it('reports nothing while callbacks keep coming', async () => {
    // Each is a second and a half after the one before, six seconds in all.
    const ticks = Task.forEach((tick: number) => Task.promise(() => later(tick, 1500)))([1, 2, 3, 4])
    const running = runTest(ticks)
    await pass(6500)
    expect((await running).exit).toEqual(right([1, 2, 3, 4]))
    // So it is for one that others wait beside.
    const beside = runTest(Task.race(ticks)(stuck))
    await pass(6500)
    expect((await beside).exit).toEqual(right([1, 2, 3, 4]))
  })

  it('shows during a long wait what the kit waits for', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const request = pipe(
      Task.promise(() => later(1, 3500)),
      Task.named('the request')
    )
    const running = runTest(request, { hostWaitMs: 10_000 })
    await pass(2900)
    expect(said).not.toHaveBeenCalled()
    await pass(800)
    await running
    expect(said.mock.calls).toEqual([
      [
        expect.stringMatching(
          /still waiting for .* the host; after 10000 ms \(`hostWaitMs`\) .*\n {2}fiber #1 main .* in the request/
        )
      ]
    ])
  })

  it('ends a search soon as well, with the dump and the schedule', async () => {
    const { error, after } = await rejectionOf(explore(() => Task.all([stuck, Task.unit])))
    expect(error).toMatchObject({ _tag: 'ExploreError', runs: 1, cause: { _tag: 'DeadlockError' } })
    expect(error.message).toMatch(/no promise or callback of the host has come within 2000 ms/)
    expect(error.message).toMatch(/waits for async .*, in the bell/)
    expect(after).toBeLessThan(3500)
    const random = await rejectionOf(explore(() => stuck, { strategy: 'random' }))
    expect(random.error).toMatchObject({ _tag: 'ExploreError', cause: { _tag: 'DeadlockError' } })
    expect(random.after).toBeLessThan(3500)
  })

  /** Both wait for the host first. To look and to begin to wait are two steps, and what comes in between is lost. */
  const lostWakeUp = (answerMs: number) => () =>
    Task.suspend(() => {
      let letter: string | undefined
      let wake = (): void => {}
      const take = Task.gen(function* () {
        yield* Task.promise(() => later(undefined, answerMs))
        while ((yield* Task.sync(() => letter)) === undefined) {
          yield* Task.async<never, void>((resume) => {
            wake = () => resume(Task.unit)
          })
        }
      })
      const put = Task.gen(function* () {
        yield* Task.promise(() => later(undefined, answerMs))
        yield* Task.sync(() => {
          letter = 'a letter'
          wake()
        })
      })
      return Task.all([take, put])
    })

  it.each([1, 40, 400])(
    'shortens a schedule found among runs that the host answers in %d ms, in bounded time',
    async (answerMs) => {
      let runs = 0
      const make = () => {
        runs++
        return lostWakeUp(answerMs)()
      }
      const { error, after } = await rejectionOf(explore(make))
      expect(error).toMatchObject({ _tag: 'ExploreError', cause: { _tag: 'DeadlockError' } })
      const found = (error as ExploreError).runs
      // Every run waits for an answer; beside that it is the last wait, and a second or so of shortening.
      const answers = (found + 2) * answerMs
      expect(after).toBeLessThan(answers * 1.2 + 2000 + 1000 + 3 * (10 + 5 * answerMs) + 500)
      const again = await rejectionOf(replay(lostWakeUp(answerMs)(), (error as ExploreError).schedule))
      expect(again.error).toBeInstanceOf(DeadlockError)
      expect(runs).toBeGreaterThan(found)
    }
  )

  it('leaves a schedule unshortened after a second if each run is slow', async () => {
    const make = () => {
      const bystander = Task.forEach((step: number) => Task.sync(() => step))([1, 2, 3, 4, 5])
      return Task.all([lostWakeUp(40)(), bystander, bystander, bystander])
    }
    const { error, after } = await rejectionOf(explore(make, { strategy: 'random', seed: 1 }))
    expect(error).toMatchObject({ _tag: 'ExploreError', cause: { _tag: 'DeadlockError' } })
    const { runs } = error as ExploreError
    expect(after).toBeLessThan((runs + 4) * 60 + 2000 + 1000 + 1000)
  })

  it('ends a sweep soon, in runs with and without an interruption', async () => {
    const inPeace = await rejectionOf(sweepInterrupts(() => stuck))
    expect(inPeace.error.message).toMatch(/^in peace, it went wrong: DeadlockError: nothing can run/)
    expect(inPeace.after).toBeLessThan(2200)
    const cleaning = () =>
      Task.gen(function* () {
        yield* pipe(Task.yieldNow, Task.onInterrupt(stuck))
      })
    const interrupted = await rejectionOf(sweepInterrupts(cleaning))
    expect(interrupted.error.message).toMatch(/^interrupted at step \d+ of \d+, it went wrong: DeadlockError/)
    expect(interrupted.after).toBeLessThan(2200)
  })

  it('counts an interruption by the signal as an answer', async () => {
    const controller = new AbortController()
    const running = runTest(stuck, { signal: controller.signal })
    await pass(1500)
    controller.abort()
    expect(summary((await running).exit)).toEqual(failure('Interrupt'))
  })
})

describe('a real host', () => {
  const spin = (ms: number): void => {
    for (const until = performance.now() + ms; performance.now() < until; );
  }

  it('reports no deadlock for a program that blocks the event loop for long', async () => {
    const held = Task.promise(() => {
      setTimeout(() => spin(800), 5)
      return later('after that', 50)
    })
    expect(summary((await runTest(held, { hostWaitMs: 300 })).exit)).toEqual(success('after that'))
    // Nor does it take from the time that the host has before virtual time goes on.
    const timed = pipe(
      Task.async<never, string>((resume) => {
        setTimeout(() => spin(400), 5)
        setTimeout(() => resume(Task.succeed('in time')), 50)
      }),
      Task.timeout(1)
    )
    expect(summary((await runTest(timed, { patienceMs: 200 })).exit)).toEqual(success('in time'))
  })

  it('reports none for a program that blocks it again and again', async () => {
    const busy = Task.promise(async () => {
      for (const until = performance.now() + 1000; performance.now() < until; ) {
        spin(90)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return 'done'
    })
    expect(summary((await runTest(busy, { hostWaitMs: 30 })).exit)).toEqual(success('done'))
  })

  it('reports none in a long search, each run of which waits for the host', async () => {
    const make = () => Task.promise(() => later(1, 5))
    const { runs } = await explore(make, { strategy: 'random', maxRuns: 60, hostWaitMs: 100 })
    expect(runs).toBe(60)
    // So it is within another run, which waits for all of them.
    const searching = Task.promise(() => explore(make, { strategy: 'random', maxRuns: 60 }))
    expect(summary((await runTest(searching, { hostWaitMs: 100 })).exit)).toMatchObject({
      value: { runs: 60 }
    })
  })

  it('reports none in a search within the run', async () => {
    const began = performance.now()
    const counting = () => Task.all([1, 2].map(() => Task.forEach(() => Task.yieldNow)([1, 2, 3])))
    // It ends when it has taken long.
    const check = () => {
      if (performance.now() - began > 1000) throw new Error('long enough')
    }
    const searching = Task.promise(() => explore(counting, { strategy: 'random', maxRuns: 1e9, check }))
    const { exit } = await runTest(searching, { hostWaitMs: 60 })
    expect(summary(exit)).toMatchObject(failure(Die({ cause: { message: 'long enough' } })))
  })

  it('delivers callbacks of one turn of the event loop together, as a choice point', async () => {
    const orders = new Set<string>()
    for (let seed = 1; seed <= 20; seed++) {
      const log: Array<string> = []
      // Their timers are made in this order, whichever fiber comes first.
      const answers = ['a', 'b'].map((name) => later(name, 40))
      const say = (answer: Promise<string>) =>
        pipe(
          Task.promise(() => answer),
          Task.map((name) => log.push(name))
        )
      await runTest(Task.all(answers.map(say)), { seed })
      orders.add(log.join(''))
    }
    expect(orders.size).toBeGreaterThan(1)
  })

  it('reports the inner one of nested runs', async () => {
    for (const hostWaitMs of [50, 100, 150]) {
      const inner = Task.promise(() => runTest(stuck, { hostWaitMs }))
      const { exit } = await runTest(pipe(inner, Task.onInterrupt(Task.unit)), { hostWaitMs: 100 })
      expect(summary(exit)).toMatchObject(failure(Die({ _tag: 'DeadlockError' })))
    }
  })

  it('ends many concurrent runs', async () => {
    const all = Array.from({ length: 20 }, () => runTest(stuck, { hostWaitMs: 100 }).catch((error) => error))
    for (const error of await Promise.all(all)) expect(error).toBeInstanceOf(DeadlockError)
  })

  it('is not affected by fake timers of a test runner', async () => {
    vi.useFakeTimers()
    try {
      const asleep = Task.promise(() => later(1, 10))
      await expect(runTest(asleep, { hostWaitMs: 50 })).rejects.toBeInstanceOf(DeadlockError)
      const { exit } = await runTest(
        Task.promise(() => {
          const answer = later('moved', 60_000)
          void Promise.resolve().then(() => vi.advanceTimersByTime(60_000))
          return answer
        })
      )
      expect(summary(exit)).toEqual(success('moved'))
    } finally {
      vi.useRealTimers()
    }
  })
})

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('%d is no valid patience', async (hostWaitMs) => {
  const words = 'hostWaitMs: expected a finite time'
  await expect(runTest(Task.unit, { hostWaitMs })).rejects.toThrow(words)
  await expect(explore(() => Task.unit, { hostWaitMs })).rejects.toThrow(words)
  await expect(sweepInterrupts(() => Task.unit, { hostWaitMs })).rejects.toThrow(words)
  await expect(replay(Task.unit, 'aio1:y1:s0:n0:h0', { hostWaitMs })).rejects.toThrow(words)
})
