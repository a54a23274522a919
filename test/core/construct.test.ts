/** The exit of each constructor, and that building one runs nothing. */
import { Exit, runTask, Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, rightOf, success, summary } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'

describe('a Task is data (1)', () => {
  let calls = 0
  const touch = <A>(a: A): A => {
    calls++
    return a
  }
  /** Each with how often it calls the user's function when it is run. */
  const builders: ReadonlyArray<readonly [string, () => Task.Task<unknown, unknown>]> = [
    ['sync', () => Task.sync(() => touch(1))],
    ['suspend', () => Task.suspend(() => touch(Task.unit))],
    ['tryCatch', () => Task.tryCatch(() => touch(1), String)],
    ['promise', () => Task.promise(() => touch(Promise.resolve(1)))],
    ['async', () => Task.async<never, number>((resume) => resume(Task.succeed(touch(1))))],
    [
      'gen',
      () =>
        Task.gen(function* () {
          return touch(yield* Task.succeed(1))
        })
    ],
    ['fromIO', () => Task.fromIO(() => touch(1))],
    ['fromIOEither', () => Task.fromIOEither(() => touch(right(1)))],
    ['fromTask', () => Task.fromTask(() => touch(Promise.resolve(1)))],
    ['fromTaskEither', () => Task.fromTaskEither(() => touch(Promise.resolve(right(1))))],
    ['map', () => pipe(Task.unit, Task.map(touch))],
    [
      'flatMap',
      () =>
        pipe(
          Task.unit,
          Task.flatMap(() => touch(Task.unit))
        )
    ],
    [
      'tap',
      () =>
        pipe(
          Task.unit,
          Task.tap(() => touch(Task.unit))
        )
    ],
    [
      'orElse',
      () =>
        pipe(
          Task.fail('e'),
          Task.orElse(() => touch(Task.unit))
        )
    ],
    [
      'catchCause',
      () =>
        pipe(
          Task.fail('e'),
          Task.catchCause(() => touch(Task.unit))
        )
    ],
    ['match', () => pipe(Task.unit, Task.match(touch, touch))],
    ['getOrElse', () => pipe(Task.fail('e'), Task.getOrElse(touch))],
    ['ensuring', () => pipe(Task.unit, Task.ensuring(Task.sync(() => touch(1))))],
    [
      'onExit',
      () =>
        pipe(
          Task.unit,
          Task.onExit(() => touch(Task.unit))
        )
    ],
    [
      'bracket',
      () =>
        Task.bracket(
          Task.sync(() => touch(1)),
          Task.succeed,
          () => Task.unit
        )
    ],
    ['uninterruptibleMask', () => Task.uninterruptibleMask(() => touch(Task.unit))],
    [
      'forEach',
      () =>
        pipe(
          [1],
          Task.forEach((n) => touch(Task.succeed(n)))
        )
    ],
    ['all', () => Task.all([Task.sync(() => touch(1))])],
    [
      'race',
      () =>
        pipe(
          Task.sync(() => touch(1)),
          Task.race(Task.never)
        )
    ],
    ['withGroup', () => Task.withGroup(() => touch(Task.unit))],
    [
      'timeout',
      () =>
        pipe(
          Task.sync(() => touch(1)),
          Task.timeout(5)
        )
    ]
  ]

  it.each(builders)(
    'building %s runs nothing, running one value twice runs it twice',
    async (_name, build) => {
      calls = 0
      const task = build()
      expect(calls).toBe(0)
      const first = await runSummary(task)
      expect(calls).toBe(1)
      const second = await runSummary(task)
      expect(calls).toBe(2)
      expect(second).toEqual(first)
      expect('value' in first).toBe(true)
    }
  )

  it('two concurrent runs of one value share no state', async () => {
    const counting = Task.gen(function* () {
      let n = 0
      for (let i = 0; i < 5; i++) {
        n += 1
        yield* Task.yieldNow
      }
      return n
    })
    expect(await runSummary(Task.all([counting, counting, counting]))).toEqual(success([5, 5, 5]))
  })

  it('one value can occur twice in one program, also within itself', async () => {
    let runs = 0
    const once = Task.sync(() => ++runs)
    expect(
      await runSummary(
        pipe(
          once,
          Task.flatMap(() => once),
          Task.flatMap(() => once)
        )
      )
    ).toEqual(success(3))
    expect(await runSummary(Task.all({ a: once, b: once }))).toEqual(success({ a: 4, b: 5 }))
  })
})

describe('constructors: one exit each (2)', () => {
  it('succeed, of, unit and sync succeed', async () => {
    const object = {}
    expect(await runTask(Task.succeed(object))).toEqual(right(object))
    expect(await runSummary(Task.of(2))).toEqual(success(2))
    expect(await runSummary(Task.unit)).toEqual(success(undefined))
    expect(await runSummary(Task.sync(() => 3))).toEqual(success(3))
  })

  it('succeed holds anything, also a Task, a promise, a function, undefined', async () => {
    const inner = Task.fail('not run')
    const { exit } = await runVirtual(Task.succeed(inner))
    expect(rightOf(exit)).toBe(inner)
    const fn = () => 1
    expect(await runSummary(Task.succeed(fn))).toEqual(success(fn))
    expect(await runSummary(Task.succeed(undefined))).toEqual(success(undefined))
    const promise = Promise.resolve(1)
    const held = await runVirtual(Task.succeed(promise))
    expect(rightOf(held.exit)).toBe(promise)
  })

  it('fail, die and interrupt end with their own kind of reason', async () => {
    expect(await runSummary(Task.fail('e'))).toEqual(failure(Fail('e')))
    expect(await runSummary(Task.die('d'))).toEqual(failure(Die('d')))
    expect(await runSummary(Task.interrupt)).toEqual(failure(Interrupt))
  })

  it('undefined and null are valid errors and defects', async () => {
    expect(await runSummary(Task.fail(undefined))).toEqual(failure(Fail(undefined)))
    expect(await runSummary(Task.fail(null))).toEqual(failure(Fail(null)))
    expect(await runSummary(Task.die(undefined))).toEqual(failure(Die(undefined)))
    expect(
      await runSummary(
        pipe(
          Task.fail(undefined),
          Task.orElse((e) => Task.succeed([e]))
        )
      )
    ).toEqual(success([undefined]))
  })

  it('fromExit returns the exit that exit took', async () => {
    for (const task of [Task.succeed(1), Task.fail('e'), Task.die('d')]) {
      const again = pipe(
        task,
        Task.exit,
        Task.flatMap((exit) => Task.fromExit<string, number>(exit))
      )
      expect(await runSummary(again)).toEqual(await runSummary(task))
    }
    expect(await runSummary(Task.fromExit(Exit.interrupt(1)))).toEqual(failure(Interrupt))
  })

  it('never does not end', async () => {
    expect(
      await runSummary(pipe(Task.never, Task.as('never'), Task.race(pipe(Task.sleep(1e9), Task.as('time')))))
    ).toEqual(success('time'))
  })

  it('sleep ends after its milliseconds, and at once for 0', async () => {
    const run = await runVirtual(Task.sleep(1500))
    expect(run.elapsed).toBe(1500)
    expect(summary(run.exit)).toEqual(success(undefined))
    expect((await runVirtual(Task.sleep(0))).elapsed).toBe(0)
  })

  it('currentFiber is the fiber that runs it (1)', async () => {
    const { exit } = await runVirtual(
      Task.gen(function* () {
        const me = yield* Task.currentFiber
        const again = yield* Task.currentFiber
        const other = yield* Task.all([Task.currentFiber, Task.currentFiber])
        return [me.id === again.id, other[0].id !== other[1].id, me.status()._tag] as const
      })
    )
    expect(exit).toEqual(right([true, true, 'Running']))
  })
})

describe('yieldNow', () => {
  it('lets every other ready fiber run first (6)', async () => {
    const log: Array<string> = []
    const say = (word: string) => Task.sync(() => void log.push(word))
    await runSummary(
      Task.all([
        pipe(
          say('a1'),
          Task.flatMap(() => Task.yieldNow),
          Task.flatMap(() => say('a2'))
        ),
        pipe(
          say('b1'),
          Task.flatMap(() => say('b2'))
        ),
        pipe(
          say('c1'),
          Task.flatMap(() => say('c2'))
        )
      ])
    )
    expect(log).toEqual(['a1', 'b1', 'b2', 'c1', 'c2', 'a2'])
  })

  it('lets the I/O of the event loop run first (6)', async () => {
    let served = false
    const exit = await runTask(
      Task.gen(function* () {
        setImmediate(() => {
          served = true
        })
        for (let i = 0; i < 3; i++) yield* Task.yieldNow
        return served
      })
    )
    expect(exit).toEqual(right(true))
  })
})

describe('conversions to and from fp-ts', () => {
  it('fromEither succeeds with a Right and fails with a Left', async () => {
    expect(await runSummary(Task.fromEither(right(1)))).toEqual(success(1))
    expect(await runSummary(Task.fromEither(left('e')))).toEqual(failure(Fail('e')))
  })

  it('toTaskEither runs on each call, and resolves to the Either', async () => {
    let runs = 0
    const call = Task.toTaskEither(Task.sync(() => ++runs))
    expect(runs).toBe(0)
    expect(await call()).toEqual(right(1))
    expect(await call()).toEqual(right(2))
    expect(await Task.toTaskEither(Task.fail('e'))()).toEqual(left('e'))
  })

  it('toTaskEither rejects with a defect and with an interruption', async () => {
    const bug = new Error('bug')
    await expect(Task.toTaskEither(Task.die(bug))()).rejects.toBe(bug)
    await expect(Task.toTaskEither(Task.interrupt)()).rejects.toMatchObject({ _tag: 'InterruptedError' })
  })
})
