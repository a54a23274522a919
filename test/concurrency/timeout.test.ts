/** `timeout`, hat.aio's `wait_for`: a result is never dropped, and no fiber is left running. */
import {
  Cause,
  callOnCancel,
  dump,
  FiberLocal,
  type Group,
  runTask,
  Schedule,
  Semaphore,
  Task,
  TimeoutError
} from 'aio-ts'
import { isRight, left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  Die,
  Fail,
  failure,
  Interrupt,
  lateResults,
  reasonsOf,
  rightOf,
  success,
  summary
} from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after, giving } from '../support/tasks.js'

const expectTimeout = (
  exit: Awaited<ReturnType<typeof runVirtual<unknown, unknown>>>['exit'],
  ms: number
) => {
  const all = reasonsOf(exit)
  expect(all).toHaveLength(1)
  const first = all[0]
  expect(first?._tag === 'Fail' && first.error).toBeInstanceOf(TimeoutError)
  expect(first?._tag === 'Fail' && first.error).toMatchObject({ _tag: 'TimeoutError', ms })
}

describe('timeout (35)', () => {
  it('gives a value or an error that comes in time, and leaves no timer', async () => {
    const good = await runVirtual(pipe(giving(10, 'a'), Task.timeout(50)))
    expect([summary(good.exit), good.elapsed]).toEqual([success('a'), 10])
    const bad = await runVirtual(pipe(after(10, Task.fail('e')), Task.timeout(50)))
    expect([summary(bad.exit), bad.elapsed]).toEqual([failure(Fail('e')), 10])
    expect(await runSummary(pipe(after(10, Task.die('d')), Task.timeout(50)))).toEqual(failure(Die('d')))
  })

  it('otherwise fails with TimeoutError, after its milliseconds', async () => {
    const run = await runVirtual(pipe(Task.never, Task.timeout(50)))
    expectTimeout(run.exit, 50)
    expect(run.elapsed).toBe(50)
    expect(await runSummary(pipe(Task.never, Task.timeout(50), Task.either))).toMatchObject(
      success(left({ _tag: 'TimeoutError', ms: 50 }))
    )
  })

  it('returns only when the task has ended (9)', async () => {
    let cleaned = false
    const slow = pipe(
      Task.never,
      Task.ensuring(
        after(
          70,
          Task.sync(() => void (cleaned = true))
        )
      )
    )
    const run = await runVirtual(pipe(slow, Task.timeout(30)))
    expectTimeout(run.exit, 30)
    expect(run.elapsed).toBe(100)
    expect(cleaned).toBe(true)
  })

  it('gives a value of the same time slice as the result', async () => {
    for (const pick of [() => 0, (count: number) => count - 1]) {
      const machine = new Machine({ pick })
      let resume: (task: Task.Task<never, string>) => void = () => {}
      const waiting = Task.async<never, string>((callback) => {
        resume = callback
      })
      const fiber = machine.fork(pipe(waiting, Task.timeout(30)))
      await machine.settle()
      resume(Task.succeed('just in time'))
      machine.clock.advance(30)
      expect(summary(await machine.finish(fiber))).toEqual(success('just in time'))
      expect(machine.leftovers()).toBe('')
    }
  })

  it('gives an error of the same time slice as the result', async () => {
    const machine = new Machine()
    let resume: (task: Task.Task<string, never>) => void = () => {}
    const waiting = Task.async<string, never>((callback) => {
      resume = callback
    })
    const fiber = machine.fork(pipe(waiting, Task.timeout(30)))
    await machine.settle()
    resume(Task.fail('just in time'))
    machine.clock.advance(30)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Fail('just in time')))
  })

  it('gives the late result of a masked task', async () => {
    const run = await runVirtual(pipe(Task.uninterruptible(giving(100, 'late')), Task.timeout(30)))
    expect([summary(run.exit), run.elapsed]).toEqual([success('late'), 100])
    expect(
      await runSummary(pipe(Task.uninterruptible(after(100, Task.fail('e'))), Task.timeout(30)))
    ).toEqual(failure(Fail('e')))
  })

  it('gives the result of a task that absorbs the interruption', async () => {
    expect(
      await runSummary(
        pipe(
          callOnCancel(() => 'absorbed'),
          Task.timeout(30)
        )
      )
    ).toEqual(success('absorbed'))
    const stubborn = pipe(
      Task.sleep(100),
      Task.uncancellable({ raiseCancel: false }),
      Task.flatMap(() => giving(20, 'went on'))
    )
    const run = await runVirtual(pipe(stubborn, Task.timeout(30)))
    expect([summary(run.exit), run.elapsed]).toEqual([success('went on'), 120])
  })

  it('keeps what fails while the task is stopped (4)', async () => {
    for (const cleanup of [Task.fail('cleanup'), Task.die('cleanup')]) {
      const run = await runVirtual(pipe(Task.never, Task.ensuring(cleanup), Task.timeout(30)))
      const heard = [...reasonsOf(run.exit), ...run.reports.flatMap((cause) => cause.reasons)]
      const cleanups = heard.filter(
        (reason) =>
          (reason._tag === 'Fail' && reason.error === 'cleanup') ||
          (reason._tag === 'Die' && reason.defect === 'cleanup')
      )
      expect(cleanups).toHaveLength(1)
    }
  })

  it('succeeds with a task that never waits even with 0 ms', async () => {
    const program = Task.gen(function* () {
      let sum = 0
      for (let i = 0; i < 100; i++) sum += yield* Task.succeed(i)
      return sum
    })
    expect(await runSummary(pipe(program, Task.timeout(0)))).toEqual(success(4950))
    expect(await runSummary(pipe(program, Task.timeout(0)), { yieldEvery: 1 })).toEqual(success(4950))
    expect(await runSummary(pipe(Task.succeed(1), Task.timeout(0)))).toEqual(success(1))
    for (let seed = 0; seed < 20; seed++)
      expect(await runSummary(pipe(Task.succeed(1), Task.timeout(0)), { seed })).toEqual(success(1))
    expect(await runTask(pipe(program, Task.timeout(0)))).toEqual(right(4950))
  })

  it('times out a task that waits with 0 ms', async () => {
    expectTimeout((await runVirtual(pipe(Task.never, Task.timeout(0)))).exit, 0)
  })

  describe('an intermediate result', () => {
    const number = pipe(giving(30, 1), Task.uncancellable())
    const text = (n: number) => `number ${n}`

    it.each<[string, Task.Task<unknown, unknown>]>([
      ['a map', pipe(number, Task.map(text))],
      ['a flatMap', pipe(number, Task.flatMap(Task.succeed))],
      [
        'a handler of an error',
        pipe(after(30, Task.fail('no')), Task.uncancellable(), Task.orElse(Task.succeed))
      ],
      [
        'a handler of the error of a region',
        pipe(after(30, Task.fail('no')), Task.uninterruptible, Task.orElse(Task.succeed))
      ],
      [
        'a generator',
        Task.gen(function* () {
          return text(yield* number)
        })
      ],
      [
        'a race, of which it is a side',
        pipe(pipe(number, Task.map(text)), Task.race<never, string>(Task.never))
      ],
      ['a race around it', pipe(number, Task.race(Task.never), Task.map(text))],
      ['an outer timeout', pipe(number, Task.timeout(1000), Task.map(text))],
      ['the rest of a finalizer', pipe(Task.sleep(30), Task.ensuring(number), Task.map(String))],
      [
        'a worker',
        pipe(
          [1],
          Task.forEach(() => number)
        )
      ],
      [
        'a handler of both ends',
        pipe(
          number,
          Task.matchTask(
            () => Task.unit,
            (n) => Task.succeed(text(n))
          )
        )
      ]
    ])('is not the result if %s was to follow', async (_, task) => {
      expectTimeout((await runVirtual(pipe(task, Task.timeout(5)))).exit, 5)
    })

    it.each<[string, Task.Task<unknown, unknown>]>([
      ['a name', pipe(number, Task.named('name'))],
      ['a finalizer', pipe(number, Task.ensuring(Task.unit))],
      [
        'the release of a bracket',
        Task.bracket(
          Task.succeed(1),
          () => number,
          () => Task.unit
        )
      ],
      ['the bound of a region', pipe(number, Task.interruptible, Task.uninterruptible)],
      ['a value of a FiberLocal put back', pipe(number, new FiberLocal(0).locally(1))],
      ['permits given back', pipe(number, new Semaphore(1).withPermits(1))],
      ['a race', pipe(number, Task.race(Task.never))],
      ['another timeout', pipe(number, Task.timeout(1000))],
      ['a shield', pipe(number, Task.uncancellable())],
      ['another error', pipe(number, Task.mapError(text))],
      ['a handler of errors', pipe(number, Task.orElse(Task.succeed))],
      ['an observer of errors', pipe(number, Task.tapError(Task.succeed))],
      ['an observer of causes', pipe(number, Task.catchCause(Task.succeed))],
      ['another run after an error', pipe(number, Task.retry(Schedule.recurs(1)))]
    ])('is the final result if only %s was to follow', async (_, task) => {
      expect(summary((await runVirtual(pipe(task, Task.timeout(5)))).exit)).toEqual(success(1))
    })

    it.each<[string, (failing: Task.Task<string, never>) => Task.Task<unknown, unknown>]>([
      ['a map', Task.map(text)],
      ['a flatMap', Task.flatMap(() => Task.unit)],
      [
        'a generator',
        (failing) =>
          Task.gen(function* () {
            yield* failing
          })
      ]
    ])('is the final result if it is an error, which %s passes through', async (_, around) => {
      const failing = pipe(after(30, Task.fail('no')), Task.uncancellable())
      const { exit } = await runVirtual(pipe(around(failing), Task.timeout(5)))
      expect(summary(exit)).toEqual(failure(Fail('no')))
    })

    it('is not the final result if it came with the interruption of a joined fiber', async () => {
      const joining = (around: <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>) =>
        Task.withGroup((group: Group<never>) =>
          Task.gen(function* () {
            const fiber = yield* group.spawn(number)
            yield* group.spawn(
              after(
                10,
                Task.sync(() => fiber.interruptNowait())
              )
            )
            return yield* pipe(
              around(pipe(Task.uninterruptible(fiber.join()), Task.map(text))),
              Task.timeout(5)
            )
          })
        )
      expectTimeout((await runVirtual(joining((task) => task))).exit, 5)
      expectTimeout((await runVirtual(joining(Task.race(Task.never)))).exit, 5)
    })
  })

  it('interrupted from outside: the exit has the late value', async () => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.uninterruptible(giving(100, 'given')), Task.timeout(1000)))
    await machine.pass(10)
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('given')])
    expect(machine.clock.now()).toBe(100)
    expect(machine.leftovers()).toBe('')
  })

  it('interrupted from outside: the exit has the late error', async () => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.uninterruptible(after(100, Task.fail('given'))), Task.timeout(1000)))
    await machine.pass(10)
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([failure(Fail('given'))])
  })

  it('interrupted from outside in the time slice in which the task succeeds: the value is kept', async () => {
    for (const pick of [() => 0, (count: number) => count - 1]) {
      const machine = new Machine({ pick })
      let resume: (task: Task.Task<never, string>) => void = () => {}
      const waiting = Task.async<never, string>((callback) => {
        resume = callback
      })
      const fiber = machine.fork(pipe(waiting, Task.timeout(1000)))
      await machine.settle()
      resume(Task.succeed('given'))
      fiber.interruptNowait()
      const exit = await machine.finish(fiber)
      expect(isRight(exit) ? summary(exit) : lateResults(exit)[0]).toEqual(success('given'))
    }
  })

  it('interrupted from outside without a result: the exit has none and no fiber is left', async () => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.never, Task.ensuring(Task.sleep(20)), Task.timeout(1000)), {
      name: 'the-timed'
    })
    await machine.pass(10)
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([])
    expect(machine.clock.now()).toBe(30)
    expect(machine.leftovers()).toBe('')
    expect(dump()).not.toContain('the-timed')
  })

  it('interrupted from outside does not time out any more: a task that absorbed the interruption runs to its end', async () => {
    const machine = new Machine()
    const task = pipe(
      Task.sleep(20),
      Task.uncancellable({ raiseCancel: false }),
      Task.flatMap(() => giving(100, 'done'))
    )
    const fiber = machine.fork(pipe(task, Task.timeout(50)))
    await machine.pass(5)
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('done')])
    expect(machine.clock.now()).toBe(120)
  })

  it('returns the result of an uncancellable task, which is in the interruption', async () => {
    const run = await runVirtual(pipe(giving(30, 'kept'), Task.uncancellable(), Task.timeout(10)))
    expect([summary(run.exit), run.elapsed]).toEqual([success('kept'), 30])
    const failed = pipe(after(30, Task.fail('e')), Task.uncancellable(), Task.timeout(10))
    expect(await runSummary(failed)).toEqual(failure(Fail('e')))
  })

  it('in an uninterruptible region still times out, and gives its result when interrupted', async () => {
    const machine = new Machine()
    const fiber = machine.fork(Task.uninterruptible(pipe(giving(100, 'a'), Task.timeout(1000))))
    await machine.pass(10)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success('a'))
    expectTimeout((await runVirtual(Task.uninterruptible(pipe(Task.never, Task.timeout(5))))).exit, 5)
  })

  it('within another: the shorter timeout fires, with its own ms', async () => {
    expectTimeout((await runVirtual(pipe(Task.never, Task.timeout(100), Task.timeout(10)))).exit, 10)
    const inner = await runVirtual(pipe(Task.never, Task.timeout(10), Task.timeout(100)))
    expectTimeout(inner.exit, 10)
    expect(inner.elapsed).toBe(10)
  })

  it('around a task that interrupts itself is no timeout (13)', async () => {
    const program = pipe(
      Task.interrupt,
      Task.timeout(100),
      Task.catchCause((cause) => Task.succeed(Cause.isInterruptedOnly(cause)))
    )
    expect(await runSummary(program)).toEqual(success(true))
  })

  it('around a thousand tasks at once leaves no fiber and no timer', async () => {
    const one = (n: number) =>
      pipe(
        Task.sleep(n),
        Task.timeout(500),
        Task.either,
        Task.map((either) => either._tag)
      )
    const run = await runVirtual(
      Task.all(Array.from({ length: 1000 }, (_, n) => one(n + 1 + 1000 * (n % 2))))
    )
    expect(run.elapsed).toBe(500)
    const tags = rightOf(run.exit)
    expect(tags.filter((tag) => tag === 'Left')).toHaveLength(500 + 250)
  })
})
