/** A million deep, a million long, in constant stack. */
import { Deferred, type Fiber, runFork, runTask, Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { recursion } from '../support/recursion.js'

const million = 1_000_000

describe('any depth in constant stack (5)', { timeout: 60_000 }, () => {
  it('a loop through flatMap', async () => {
    const loop = (n: number): Task.Task<never, number> =>
      n === million ? Task.succeed(n) : pipe(Task.succeed(n + 1), Task.flatMap(loop))
    expect(await runSummary(loop(0))).toEqual(success(million))
  })

  it('a chain of maps built to the left', async () => {
    let task: Task.Task<never, number> = Task.succeed(0)
    for (let i = 0; i < million; i++)
      task = pipe(
        task,
        Task.map((n) => n + 1)
      )
    expect(await runSummary(task)).toEqual(success(million))
  })

  it('a chain of flatMaps built to the left', async () => {
    let task: Task.Task<never, number> = Task.succeed(0)
    for (let i = 0; i < million; i++)
      task = pipe(
        task,
        Task.flatMap((n) => Task.succeed(n + 1))
      )
    expect(await runSummary(task)).toEqual(success(million))
  })

  it('recursion that is not in tail position, through suspend and map', async () => {
    expect(await runSummary(recursion(million))).toEqual(success(million))
  })

  it('orElse within orElse, to the last that succeeds', async () => {
    const attempt = (n: number): Task.Task<never, number> =>
      n === million
        ? Task.succeed(n)
        : pipe(
            Task.fail(n),
            Task.orElse((k) => attempt(k + 1))
          )
    expect(await runSummary(attempt(0))).toEqual(success(million))
  })

  it('handlers around handlers, a failure through all of them', async () => {
    let task: Task.Task<number, never> = Task.fail(0)
    for (let i = 0; i < million; i++)
      task = pipe(
        task,
        Task.mapError((n) => n + 1)
      )
    expect(await runSummary(task)).toEqual(failure(Fail(million)))
    let passed: Task.Task<string, number> = Task.fail('e')
    for (let i = 0; i < million; i++)
      passed = pipe(
        passed,
        Task.map((n) => n + 1)
      )
    expect(await runSummary(passed)).toEqual(failure(Fail('e')))
  })

  it('finalizers around finalizers', async () => {
    let runs = 0
    const count = Task.sync(() => {
      runs++
    })
    let task: Task.Task<never, number> = Task.succeed(1)
    for (let i = 0; i < million; i++) task = pipe(task, Task.ensuring(count))
    expect(await runSummary(task)).toEqual(success(1))
    expect(runs).toBe(million)
  })

  it('nested uninterruptible regions', async () => {
    const nest = (n: number): Task.Task<never, number> =>
      n === 0 ? Task.succeed(7) : Task.uninterruptible(Task.suspend(() => nest(n - 1)))
    expect(await runSummary(nest(million))).toEqual(success(7))
  })

  it('a callback that resumes at once, with one that resumes at once, and so on', async () => {
    const again = (n: number): Task.Task<never, number> =>
      n === 0 ? Task.succeed(0) : Task.async((resume) => resume(again(n - 1)))
    expect(await runSummary(again(million))).toEqual(success(0))
  })

  it('forever over callbacks that resume at once', async () => {
    let n = 0
    const tick = Task.async<string, void>((resume) =>
      resume(++n === million ? Task.fail('enough') : Task.unit)
    )
    expect(await runSummary(Task.forever(tick))).toEqual(failure(Fail('enough')))
  })

  it('a generator with a million steps, and generators that return into generators', async () => {
    const long = Task.gen(function* () {
      let n = 0
      while (n < million) n += yield* Task.succeed(1)
      return n
    })
    expect(await runSummary(long)).toEqual(success(million))
    const deep = (n: number): Task.Task<never, number> =>
      Task.gen(function* () {
        return n === 0 ? 0 : 1 + (yield* deep(n - 1))
      })
    expect(await runSummary(deep(100_000))).toEqual(success(100_000))
  })

  it('a failure through generators within generators, each with a finally', async () => {
    let cleaned = 0
    const deep = (n: number): Task.Task<string, number> =>
      Task.gen(function* () {
        try {
          return n === 0 ? yield* Task.fail('bottom') : yield* deep(n - 1)
        } finally {
          cleaned++
        }
      })
    expect(await runSummary(deep(50_000))).toEqual(failure(Fail('bottom')))
    expect(cleaned).toBe(50_001)
  })

  it('interrupting a million frames runs all their finalizers', async () => {
    const machine = new Machine()
    let runs = 0
    const count = Task.sync(() => {
      runs++
    })
    const deep = (n: number): Task.Task<never, never> =>
      n === 0
        ? Task.never
        : pipe(
            Task.suspend(() => deep(n - 1)),
            Task.ensuring(count)
          )
    const fiber = machine.fork(deep(million))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(runs).toBe(million)
  })

  it('a chain of fibers, each joining its predecessor: the exit passes down the chain', async () => {
    const start = new Deferred<never, number>()
    let last: Fiber<never, number> = runFork(start.wait())
    for (let i = 0; i < 100_000; i++) {
      last = runFork(
        pipe(
          last.join(),
          Task.map((n) => n + 1)
        )
      )
    }
    await runTask(Task.yieldNow)
    expect(last.status()._tag).toBe('Waiting')
    start.succeed(0)
    expect(await runTask(last.join())).toEqual(right(100_000))
  })

  it('nested races, and nested all', async () => {
    let race: Task.Task<never, string> = pipe(Task.sleep(1), Task.as('innermost'))
    let all: Task.Task<never, unknown> = Task.succeed(0)
    for (let i = 0; i < 10_000; i++) {
      race = pipe(race, Task.race(Task.never))
      all = Task.all([all])
    }
    expect(await runSummary(race)).toEqual(success('innermost'))
    const wrapped = await runSummary(pipe(all, Task.map(Array.isArray)))
    expect(wrapped).toEqual(success(true))
  })
})
