/** Promises and callbacks of the host may wake the program, so the kit waits for them, in real time if necessary. */
import { readFile } from 'node:fs/promises'
import { Deferred, Latch, Queue, runFork, runTask, Task } from 'aio-ts'
import { DeadlockError, type ExploreError, explore, replay, runTest, type TestRun } from 'aio-ts/testing'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fail, failure, rightOf, success, summary } from '../../support/exits.js'
import { pass, useHandTime, useRealTime } from '../../support/hand-time.js'

const later = <A>(value: A, ms: number): Promise<A> =>
  new Promise((resolve) => setTimeout(resolve, ms, value))

describe('a program that waits for the host is no deadlock', () => {
  it('for a promise that takes many turns of the microtask queue', async () => {
    const many = async () => {
      for (let turn = 0; turn < 1000; turn++) await undefined
      return 'settled'
    }
    const run = await runTest(pipe(Task.promise(many), Task.timeout(1)))
    expect(summary(run.exit)).toEqual(success('settled'))
    expect(run.elapsed).toBe(0)
  })

  it('for a promise that takes real time', async () => {
    expect(summary((await runTest(Task.promise(() => later(1, 20)))).exit)).toEqual(success(1))
  })

  it('for a callback', async () => {
    const calledBack = Task.async<never, number>((resume) => {
      setTimeout(() => resume(Task.succeed(1)), 20)
    })
    expect(summary((await runTest(calledBack)).exit)).toEqual(success(1))
  })

  it('for I/O, while virtual timers stand still', async () => {
    const reading = pipe(
      Task.promise(() => readFile(new URL(import.meta.url), 'utf8')),
      Task.map((text) => text.includes('virtual timers stand still')),
      Task.timeout(1)
    )
    const run = await runTest(reading)
    expect(summary(run.exit)).toEqual(success(true))
    expect(run.elapsed).toBe(0)
  })

  it('nor if other fibers poll meanwhile', async () => {
    let isDone = false
    const working = pipe(
      Task.promise(() => later(1, 20)),
      Task.map(() => {
        isDone = true
      }),
      Task.timeout(10)
    )
    const polling = Task.gen(function* () {
      while (!isDone) yield* Task.yieldNow
    })
    const run = await runTest(Task.all([working, polling]))
    rightOf(run.exit)
    expect(run.elapsed).toBe(0)
  })

  it('for an unannounced callback, such as of a latch or a queue', async () => {
    const latch = new Latch()
    const opened = pipe(
      Task.sync(() => void setTimeout(() => latch.open(), 20)),
      Task.flatMap(() => latch.wait())
    )
    expect(summary((await runTest(opened)).exit)).toEqual(success(undefined))
    const queue = new Queue<string>()
    const filled = pipe(
      Task.sync(() => void Promise.resolve().then(() => queue.putNowait('an item'))),
      Task.flatMap(() => queue.get())
    )
    expect(summary((await runTest(filled)).exit)).toEqual(success('an item'))
  })

  it('for a fiber of another runtime', async () => {
    const other = runFork(pipe(Task.sleep(20), Task.as('from outside')))
    expect(summary((await runTest(other.join())).exit)).toEqual(success('from outside'))
  })

  it('for a fiber of another runtime, while virtual timers stand still', async () => {
    const other = runFork(pipe(Task.sleep(20), Task.as('from outside')))
    expect(summary((await runTest(pipe(other.join(), Task.timeout(1)))).exit)).toEqual(
      success('from outside')
    )
  })

  it('for long, while Node has active resources', async () => {
    const slow = async () => (await Promise.all([later(1, 250), later(2, 250), later(3, 250)])).length
    const run = await runTest(pipe(Task.promise(slow), Task.timeout(1)))
    expect(summary(run.exit)).toEqual(success(3))
  })

  it('but is one once the host has answered', async () => {
    const answered = pipe(
      Task.promise(async () => 1),
      Task.flatMap(() => Task.never)
    )
    await expect(runTest(answered)).rejects.toBeInstanceOf(DeadlockError)
  })

  it('and fibers of the default runtime continue meanwhile', async () => {
    const queue = new Queue<number>()
    const consuming = Task.promise(async () => {
      const items: Array<number> = []
      for await (const item of queue) items.push(item)
      return items
    })
    const producing = Task.gen(function* () {
      for (const item of [1, 2, 3]) {
        yield* Task.sleep(10)
        yield* queue.put(item)
      }
      queue.close()
    })
    const run = await runTest(Task.all([consuming, producing]))
    expect(summary(run.exit)).toEqual(success([[1, 2, 3], undefined]))
  })
})

describe('virtual time advances while the host does not answer', () => {
  it('so that a promise that never settles times out', async () => {
    const run = await runTest(
      pipe(
        Task.promise(() => new Promise(() => {})),
        Task.timeout(1000)
      )
    )
    expect(summary(run.exit)).toEqual(failure(Fail(expect.objectContaining({ _tag: 'TimeoutError' }))))
    expect(run.elapsed).toBe(1000)
  })

  it('and the kit waits for a listener once, and not at each tick', async () => {
    const listening = Task.async<never, never>(() => {})
    const ticking = pipe(
      Task.forEach(() => Task.sleep(1000))(Array.from({ length: 1000 })),
      Task.flatMap(() => Task.fail('over'))
    )
    const begun = performance.now()
    const run = await runTest(pipe(Task.all([listening, ticking])))
    expect(run.elapsed).toBe(1_000_000)
    // A wait at each tick would be 20 seconds and more.
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe('the patience with the host', () => {
  beforeEach(() => useHandTime())
  afterEach(() => useRealTime())

  it('is exactly that of the test', async () => {
    const request = (ms: number) =>
      pipe(
        Task.promise(() => later('answered', ms)),
        Task.timeout(1000)
      )
    // The host's time stands still: it has no chance to answer.
    const impatient = await runTest(request(1), { patienceMs: 0 })
    expect(summary(impatient.exit)).toEqual(failure(Fail(expect.objectContaining({ _tag: 'TimeoutError' }))))
    await expect(runTest(new Deferred().wait(), { patienceMs: 0 })).rejects.toBeInstanceOf(DeadlockError)
    const patient = runTest(request(4900), { patienceMs: 5000 })
    const late = runTest(request(5100), { patienceMs: 5000 })
    await pass(5200)
    expect(summary((await patient).exit)).toEqual(success('answered'))
    expect((await late).elapsed).toBe(1000)
    const again = replay(request(4900), (await patient).schedule, { patienceMs: 5000 })
    const searched = explore(() => request(4900), { patienceMs: 5000, maxRuns: 1, check: expectAnswer })
    // A search begins with two runs of the same, to see whether they are.
    await pass(3 * 5200)
    expect([(await again).elapsed, (await searched).runs]).toEqual([0, 1])
  })
})

describe('a host that does not answer within its patience, without other work', () => {
  const stuck = pipe(
    Task.async<never, never>(() => {}),
    Task.named('the bell')
  )

  it('is a deadlock that names the waiting fiber and the patience', async () => {
    const error = await runTest(stuck, { patienceMs: 0 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DeadlockError)
    expect((error as Error).message).toMatch(
      /^nothing can run: 1 fiber left, at 0 ms, and no promise or callback of the host has come within 0 ms .*\n.*async.*the bell/
    )
  })

  it('is a deadlock again in a replay, and none with more patience', async () => {
    const { message } = (await runTest(stuck, { patienceMs: 0 }).catch((reason: unknown) => reason)) as Error
    const schedule = /replay\(task, '(.*)'\)/.exec(message)?.[1] ?? ''
    await expect(replay(stuck, schedule)).rejects.toBeInstanceOf(DeadlockError)
    const later = Task.async<never, string>((resume) => {
      setTimeout(() => resume(Task.succeed('rang')), 20)
    })
    expect(summary((await runTest(later, { patienceMs: 10_000 })).exit)).toEqual(success('rang'))
    await expect(replay(later, schedule, { patienceMs: 10_000 })).rejects.toThrow(/of another program/)
  })

  it('is found by a search among many runs in which it answers', async () => {
    const make = () =>
      Task.suspend(() => {
        let letter: string | undefined
        let wake = (): void => {}
        // To look and to begin to wait are two steps here, and what comes in between is lost.
        const take = Task.gen(function* () {
          for (;;) {
            const seen = yield* Task.sync(() => letter)
            if (seen !== undefined) return seen
            yield* Task.async<never, void>((resume) => {
              wake = () => resume(Task.unit)
            })
          }
        })
        const put = Task.sync(() => {
          letter = 'a letter'
          wake()
        })
        return Task.all([take, put])
      })
    const error = await explore(make, { patienceMs: 0 }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ _tag: 'ExploreError', cause: { _tag: 'DeadlockError' } })
    await expect(replay(make(), (error as ExploreError).schedule)).rejects.toBeInstanceOf(DeadlockError)
  })

  it('is in the schedule only if a fiber waited for it', async () => {
    expect((await runTest(Task.sleep(5), { patienceMs: 7 })).schedule).not.toContain(':p')
    expect(
      (
        await runTest(
          Task.promise(async () => 1),
          { patienceMs: 7 }
        )
      ).schedule
    ).toContain(':p7:')
    expect((await runTest(Task.promise(async () => 1))).schedule).not.toContain(':p')
  })
})

const expectAnswer = ({ exit }: TestRun<unknown, string>): void => expect(exit).toEqual(right('answered'))

it('two concurrent runs do not affect each other, nor report each other', async () => {
  const stuck = runTest(pipe(Task.never, Task.named('inner')))
  const waiting = runTest(
    pipe(
      Task.promise(() => later(1, 20)),
      Task.timeout(5)
    )
  )
  const parked = new Deferred<never, number>()
  const outside = runFork(parked.wait(), { name: 'outside' })
  const error = await stuck.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DeadlockError)
  expect((error as Error).message).not.toContain('outside')
  expect((error as Error).message).not.toContain('promise')
  expect((await waiting).exit).toEqual(right(1))
  parked.succeed(1)
  await runTask(outside.join())
})
