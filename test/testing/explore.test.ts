/** `explore` finds faults of single interleavings, and reports how to replay them. */
import { Deferred, Group, Latch, Semaphore, Task } from 'aio-ts'
import {
  DeadlockError,
  explore,
  LeakError,
  LivelockError,
  NondeterminismError,
  replay,
  runTest,
  type TestRun,
  UnseenFailureError
} from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { success, summary } from '../support/exits.js'
import { exploreErrorOf } from './support.js'

/** Two fibers that read, and write what they read and one more. */
const counter =
  (fibers = 2, rounds = 1) =>
  (): Task.Task<never, number> =>
    Task.suspend(() => {
      let count = 0
      const increment = Task.gen(function* () {
        for (let round = 0; round < rounds; round++) {
          yield* Task.sleep(1)
          const before = yield* Task.sync(() => count)
          yield* Task.sync(() => {
            count = before + 1
          })
        }
      })
      return pipe(
        Task.all(Array.from({ length: fibers }, () => increment)),
        Task.map(() => count)
      )
    })

const counts = (expected: number) => (run: TestRun<never, number>) =>
  expect(summary(run.exit)).toEqual(success(expected))

describe('a lost update', () => {
  it('is found with one preemption, and not without', async () => {
    expect((await explore(counter(), { preemptions: 0, check: counts(2) })).complete).toBe(true)
    const error = await exploreErrorOf(explore(counter(), { check: counts(2) }))
    expect(error._tag).toBe('ExploreError')
    expect(error.cause).toMatchObject({ name: 'AssertionError' })
    expect(error.message).toContain('exhaustive, with 1 of at most 2 preemptions')
    expect(error.runs).toBeGreaterThan(1)
  })

  it('occurs again in a replay of its schedule', async () => {
    const error = await exploreErrorOf(explore(counter(), { check: counts(2) }))
    const run = await replay(counter()(), error.schedule)
    expect(() => counts(2)(run)).toThrow()
    expect(summary(run.exit)).toEqual(success(1))
  })

  it('is reported with its error, its execution trace, and a line of code that replays it', async () => {
    const { message, schedule } = await exploreErrorOf(explore(counter(), { check: counts(2) }))
    expect(message).toMatch(/^run \d+ \(.*\) went wrong; .*: AssertionError: expected/)
    expect(message).toMatch(/\n +1 ms {2}#2 +1 step\n +1 ms {2}#3 +2 steps, ends\n/)
    expect(message.endsWith(`check(await replay(make(), '${schedule}'))`)).toBe(true)
  })

  it('is found by random seeds, and the message names the seed', async () => {
    const error = await exploreErrorOf(
      explore(counter(), { strategy: 'random', seed: 100, check: counts(2) })
    )
    const [, seed] = /\(random, seed (\d+)\)/.exec(error.message) ?? []
    expect(Number(seed)).toBe(100 + error.runs - 1)
    const run = await runTest(counter()(), { seed: Number(seed) })
    expect(() => counts(2)(run)).toThrow()
    expect(() => counts(2)(run)).toThrow()
    expect(summary((await replay(counter()(), error.schedule)).exit)).toEqual(success(1))
  })

  it('is shrunk to one preemption, from a run that is full of them', async () => {
    const make = counter(4, 10)
    const error = await exploreErrorOf(explore(make, { strategy: 'random', seed: 1, check: counts(40) }))
    // One deviation from letting each go on as long as it can.
    expect(error.schedule).toMatch(/:d[0-9a-z]+\.[0-9a-z]+:/)
    const run = await replay(make(), error.schedule)
    expect(() => counts(40)(run)).toThrow()
  })
})

describe('explore also finds', () => {
  const philosophers = () =>
    Task.suspend(() => {
      const forks = [new Semaphore(1), new Semaphore(1)] as const
      return Task.all([
        pipe(Task.unit, forks[0].withPermits(1), forks[1].withPermits(1)),
        pipe(Task.unit, forks[1].withPermits(1), forks[0].withPermits(1))
      ])
    })

  it.each(['exhaustive', 'random'] as const)('a deadlock, by %s', async (strategy) => {
    const error = await exploreErrorOf(explore(philosophers, { strategy }))
    expect(error.cause).toBeInstanceOf(DeadlockError)
    expect(error.message).toContain('waits for Semaphore.withPermits')
    const again = await replay(philosophers(), error.schedule).catch((reason: unknown) => reason)
    expect(again).toBeInstanceOf(DeadlockError)
  })

  it('a leak', async () => {
    const leaking = () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(Task.sleep(1))
        yield* Task.sleep(1)
        return fiber.poll()._tag
      })
    const error = await exploreErrorOf(explore(leaking))
    expect(error.cause).toBeInstanceOf(LeakError)
  })

  it('an unobserved failure', async () => {
    const dying = () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.spawn(Task.die('bug'))
        yield* Task.yieldNow
        yield* group.asyncClose()
      })
    expect((await exploreErrorOf(explore(dying))).cause).toBeInstanceOf(UnseenFailureError)
    expect((await explore(dying, { onUnseen: 'ignore' })).complete).toBe(true)
  })

  it('a program without an end', async () => {
    const error = await exploreErrorOf(explore(() => Task.forever(Task.unit), { maxSteps: 500 }))
    expect(error.cause).toBeInstanceOf(LivelockError)
    const again = await replay(Task.forever(Task.unit), error.schedule).catch((reason: unknown) => reason)
    expect(again).toBeInstanceOf(LivelockError)
  })

  it('a defect, without a check that could see it', async () => {
    const bug = new Error('bug')
    const error = await exploreErrorOf(explore(() => Task.die(bug)))
    expect(error.cause).toBe(bug)
    expect((await explore(() => Task.die(bug), { check: () => {} })).complete).toBe(true)
    expect((await explore(() => Task.fail('typed'))).complete).toBe(true)
  })

  it('a fault, and leaves no fiber running', async () => {
    let open = 0
    const held = () =>
      Task.bracket(
        Task.sync(() => open++),
        () => Task.never,
        () => Task.sync(() => open--)
      )
    await exploreErrorOf(explore(held))
    expect(open).toBe(0)
  })
})

describe('a nondeterministic program', () => {
  it('is reported at once if two runs differ', async () => {
    let ms = 0
    const error = await explore(() => Task.sleep(ms++)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(NondeterminismError)
    expect((error as NondeterminismError)._tag).toBe('NondeterminismError')
    expect((error as Error).message).toContain('does not do the same under the same schedule')
  })

  it('is reported if the runs only wait for different things', async () => {
    let runs = 0
    const waiting = () =>
      Task.suspend(() => {
        const latch = new Latch()
        const deferred = new Deferred<never, void>()
        const release = Task.sync(() => {
          latch.open()
          deferred.succeed(undefined)
        })
        return Task.all([runs++ % 2 === 0 ? latch.wait() : deferred.wait(), release])
      })
    await expect(explore(waiting)).rejects.toBeInstanceOf(NondeterminismError)
  })

  it('is reported if a later run reaches another choice point', async () => {
    let runs = 0
    const changing = (): Task.Task<never, unknown> => (runs++ === 5 ? Task.unit : counter()())
    await expect(explore(changing)).rejects.toThrow(
      /it (ended before|came to another place by) (its )?decision/
    )
  })

  it('is reported if a fault does not occur again', async () => {
    let runs = 0
    const check = () => {
      if (runs++ === 7) throw new Error('once')
    }
    const error = await explore(counter(), { check }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(NondeterminismError)
    expect((error as Error).message).toContain('did not when it was repeated')
    expect((error as Error).cause).toMatchObject({ message: 'once' })
  })
})

describe('bad input', () => {
  const make = () => Task.unit
  it.each([
    ['no function', () => explore(Task.unit as never), 'explore: expected a function that makes a Task'],
    ['a function that makes no Task', () => explore((() => 1) as never), 'expected a Task, got 1'],
    ['an unknown strategy', () => explore(make, { strategy: 'dfs' as never }), "'exhaustive' or 'random'"],
    ['negative preemptions', () => explore(make, { preemptions: -1 }), 'preemptions, a whole number'],
    ['no run at all', () => explore(make, { maxRuns: 0 }), 'maxRuns, a whole number of at least 1'],
    ['a negative seed', () => explore(make, { seed: -1 }), 'a seed, a whole number'],
    ['no check', () => explore(make, { check: 1 as never }), 'check to be a function, got 1'],
    ['a check that returns a promise', () => explore(make, { check: async () => {} }), 'got a promise']
  ])('%s', async (_, running, words) => {
    await expect(running()).rejects.toThrow(words)
  })

  it('throws what `make` throws', async () => {
    const thrown = new Error('no')
    const making = explore(() => {
      throw thrown
    })
    await expect(making).rejects.toBe(thrown)
  })
})
