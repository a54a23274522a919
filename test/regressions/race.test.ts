/** Bugs of races in other libraries: a loser left running, a race that could not be interrupted, or ran only once. */
import { Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { inEveryOrder, withFibers } from '../support/every-order.js'
import { failure, Interrupt, rightOf, summary } from '../support/exits.js'

describe('a race', () => {
  test('that is interrupted in the moment of its start does not hang (ZIO#10255)', async () => {
    await withFibers(function* (group) {
      const fiber = yield* group.spawn(pipe(Task.never, Task.race(Task.never)))
      expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
    })
    // Within one turn: it is asked to stop, begins the race all the same, and must be told at its first wait.
    const whole = pipe(
      Task.currentFiber,
      Task.map((fiber) => fiber.interruptNowait()),
      Task.flatMap(() => pipe(Task.never, Task.race(Task.never)))
    )
    const { exit } = await runTest(whole, { yieldEvery: 2048 })
    expect(summary(exit)).toEqual(failure(Interrupt))
  })

  test('has released what a loser was still acquiring when it returns (ZIO#9203, Effect#5446)', () =>
    inEveryOrder(() => {
      let open = 0
      let most = 0
      const acquire = pipe(
        Task.yieldNow,
        Task.map(() => {
          open++
          most++
        })
      )
      const release = pipe(
        Task.sleep(5),
        Task.map(() => void open--)
      )
      const slow = Task.bracket(
        acquire,
        () => Task.never,
        () => release
      )
      return Task.gen(function* () {
        expect(yield* Task.raceAll([slow, Task.succeed('won')])).toBe('won')
        expect(open).toBe(0)
        expect(most).toBeLessThanOrEqual(1)
      })
    }))

  test('in the finalizer of an interrupted fiber runs to its end (ZIO#2226)', async () => {
    const log: Array<string> = []
    const side = (name: string, ms: number) =>
      pipe(
        Task.sleep(ms),
        Task.map(() => void log.push(name))
      )
    const raced = pipe(side('fast', 5), Task.race(side('slow', 50)))
    const run = await runTest(
      Task.withGroup<unknown, unknown, void>((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(pipe(Task.never, Task.ensuring(raced)))
          yield* Task.sleep(1)
          expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
        })
      )
    )
    rightOf(run.exit)
    expect(log).toEqual(['fast'])
  })

  test('of tasks made by a generator can be run twice (Effect#6410)', async () => {
    function* sides(): Generator<Task.Task<never, string>> {
      yield Task.never
      yield Task.succeed('won')
    }
    const race = Task.raceAll(sides())
    const run = await runTest(
      pipe(
        race,
        Task.flatMap((first) =>
          pipe(
            race,
            Task.map((second) => [first, second])
          )
        )
      )
    )
    expect(rightOf(run.exit)).toEqual(['won', 'won'])
  })
})
