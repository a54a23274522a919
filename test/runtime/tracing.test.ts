/**
 * The lines where failing operations were built. Tracing applies to the whole process and stays on: what is built here before it is
 * switched on is compared with the rest of this file.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Cause, Deferred, Group, makeRuntime, Queue, runSync, Schedule, Task } from 'aio-ts'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { FiberState } from '../../src/runtime/fiber-state.js'
import { framesOf } from '../../src/runtime/frames.js'
import { leftOf, rightOf } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const boom = (): never => {
  throw new TypeError('broken')
}
const closed = new Queue<number>()
closed.close()
const deferred = new Deferred<string, never>()
deferred.fail('broken')

/** Operations that fail, each built anew where it is asked for. */
const failing: Readonly<Record<string, () => Task.Task<unknown, unknown>>> = {
  fail: () => Task.fail('broken'),
  die: () => Task.die('broken'),
  failCause: () => Task.failCause(Cause.fail('broken')),
  sync: () => Task.sync(boom),
  'a promise that rejects': () => Task.promise(() => Promise.reject('broken')),
  'tryCatch of a promise': () => Task.tryCatch(() => Promise.reject('broken'), String),
  'tryCatch of a function that throws': () => Task.tryCatch(boom, String),
  'tryCatch whose handler throws': () => Task.tryCatch(boom, boom),
  'an input that makes no sense': () => Task.sleep(-1),
  'get of a closed queue': () => closed.get(),
  'getAll of a closed queue': () => closed.getAll(),
  'put to a closed queue': () => closed.put(1),
  'a deferred': () => deferred.wait(),
  timeout: () => pipe(Task.never, Task.timeout(5)),
  'race of tasks without a line': () => Task.raceAll([pipe(Task.unit, Task.map(boom))]),
  'all of tasks without a line': () => Task.all([Task.never, pipe(Task.unit, Task.map(boom))]),
  withGroup: () => Task.withGroup(boom),
  fromOption: () => Task.fromOption(() => 'broken')({ _tag: 'None' }) as Task.Task<unknown, unknown>,
  fromEither: () => Task.fromEither(left('broken'))
}

/** What runs on, in the tails of its own loops: only what it is made of may differ. */
const endless: Readonly<Record<string, () => Task.Task<unknown, unknown>>> = {
  flatMap: () => {
    const loop = (): Task.Task<unknown, unknown> =>
      pipe(
        Task.sync(() => 1),
        Task.flatMap(loop)
      )
    return loop()
  },
  'a generator': () =>
    Task.gen(function* () {
      for (;;) {
        yield* Task.sync(() => 1)
        yield* pipe(
          Task.fail('no'),
          Task.orElse(() => Task.unit)
        )
      }
    }),
  forever: () => Task.forever(Task.sync(() => 1)),
  'a handler': () => {
    const loop = (): Task.Task<unknown, unknown> => pipe(Task.fail('no'), Task.matchTask(loop, loop))
    return loop()
  },
  'a callback': () => {
    const loop: Task.Task<unknown, unknown> = Task.async((resume) => resume(loop))
    return loop
  },
  'a promise': () => {
    const loop = (): Task.Task<unknown, unknown> =>
      pipe(
        Task.tryCatch(() => 1, String),
        Task.flatMap(loop)
      )
    return loop()
  },
  'a retry': () => Task.retry(Schedule.recurs(Number.MAX_SAFE_INTEGER))(Task.fail('no'))
}

/** What takes something, or marks the bounds of regions: nothing may come in between. */
const exact: Readonly<Record<string, () => Task.Task<unknown, unknown>>> = {
  ...failing,
  'a failure of a queue': () => {
    const queue = new Queue<number>()
    for (const item of [1, 2, 3]) queue.putNowait(item)
    return pipe(
      queue.get(),
      Task.flatMap(() => queue.getAll()),
      Task.flatMap(() => queue.put(4)),
      Task.flatMap(() => queue.getUntilEmpty())
    )
  },
  'steps of a generator': () => {
    const [step, promise] = [Task.sync(() => 1), Task.promise(() => Promise.resolve(1))]
    return Task.gen(function* () {
      yield* step
      yield* promise
      yield* step
    })
  },
  'the work of forEach': () => {
    const step = Task.sync(() => 1)
    return Task.forEach(() => step)([1, 2, 3])
  },
  'a mask': () => {
    const step = Task.sync(() => 1)
    return Task.uninterruptibleMask((restore) => restore(step))
  }
}

const turnsOf = async (task: Task.Task<unknown, unknown>): Promise<number> => {
  const machine = new Machine({ yieldEvery: 1 })
  let turns = 0
  const fiber = machine.fork(task)
  for (;;) {
    while (machine.turn()) turns++
    await macrotask()
    if (machine.ready > 0) continue
    if (fiber.poll()._tag === 'Some') return turns
    machine.clock.fireNext()
  }
}

const builtBefore = Object.entries(exact).map(([name, build]) => ({ name, task: build() }))

makeRuntime({ trace: true })

const prettyOf = async (task: Task.Task<unknown, unknown>): Promise<string> => {
  const { exit } = await runVirtual(task)
  return Cause.pretty(leftOf(exit))
}

const builtAt = (text: string): ReadonlyArray<string> =>
  text.split('\n').flatMap((line) => /^ {2}built at (.*)$/.exec(line)?.[1] ?? [])

/** The line of the one who asks. */
const lineHere = (): string =>
  /tracing\.test\.ts:(\d+)/.exec(new Error().stack?.split('\n')[2] ?? '')?.[1] ?? '?'

describe('the source line of a failing operation', () => {
  for (const [name, build] of Object.entries(failing)) {
    it(`is recorded for ${name}`, async () => {
      const [line, ...others] = builtAt(await prettyOf(build()))
      expect(others).toEqual([])
      // The function's name, or its place in this file.
      expect(line).toMatch(/tracing\.test\.ts:\d+:\d+\)?$/)
    })
  }

  it('is the exact line', async () => {
    const [line, task] = [lineHere(), Task.fail('broken')]
    expect(builtAt(await prettyOf(task))[0]).toContain(`tracing.test.ts:${line}:`)
  })

  it('is that of the innermost operation', async () => {
    const inner = Task.fail('broken')
    const line = builtAt(await prettyOf(inner))
    expect(line).toHaveLength(1)
    const outer = Task.withGroup(() => Task.all([pipe(inner, Task.timeout(5)), Task.never]))
    expect(builtAt(await prettyOf(outer))).toEqual(line)
  })

  it('is that of the caller if a pipe calls', async () => {
    const [before, task] = [lineHere(), pipe(Task.never, Task.timeout(5))]
    expect(builtAt(await prettyOf(task))[0]).toContain(`tracing.test.ts:${before}:`)
  })

  it('stays with an error that handlers pass on or map', async () => {
    const error = new Error('broken')
    const task = Task.fail(error)
    const line = builtAt(await prettyOf(task))
    const passed = pipe(
      task as Task.Task<{ readonly _tag: 'A' } | Error, never>,
      Task.tapError(() => Task.unit),
      Task.retry(Schedule.recurs(1))
    )
    expect(builtAt(await prettyOf(passed))).toEqual(line)
    const other = pipe(
      passed,
      Task.mapError(() => 'another')
    )
    expect(builtAt(await prettyOf(other))).toEqual(line)
    expect(builtAt(await prettyOf(pipe(passed, Task.orDie)))).toEqual(line)
  })

  it('is the later one if an error fails twice', async () => {
    const error = { _tag: 'NotFound' }
    const one = Task.fail(error)
    const other = Task.fail(error)
    const [line] = builtAt(await prettyOf(one))
    const [otherLine] = builtAt(await prettyOf(other))
    expect(line).toBeDefined()
    expect(otherLine).toBeDefined()
    expect(otherLine).not.toBe(line)
  })

  it('is recorded for each reason', async () => {
    const text = await prettyOf(pipe(Task.fail('one'), Task.ensuring(Task.die('two'))))
    expect(new Set(builtAt(text)).size).toBe(2)
  })

  it('is not recorded for an interruption, nor if it is unknown', async () => {
    expect(builtAt(await prettyOf(Task.interrupt))).toEqual([])
    expect(builtAt(await prettyOf(Task.all([Task.interrupt])))).toEqual([])
    expect(builtAt(await prettyOf(pipe(Task.unit, Task.map(boom))))).toEqual([])
  })

  it('is not that of the code that runs what the library builds', () => {
    const refuse = Task.fromPredicate(
      () => false,
      () => 'refused'
    )
    const task = pipe(Task.unit, Task.flatMap(refuse))
    const wrong = pipe(task, Task.exit)
    const exit = runSync(wrong)
    expect(builtAt(Cause.pretty(leftOf(rightOf(exit))))).toEqual([])
  })

  it('does not change the cause', async () => {
    const { exit } = await runVirtual(pipe(Task.fail('broken'), Task.timeout(5)))
    expect(exit).toStrictEqual(left({ reasons: [{ _tag: 'Fail', error: 'broken' }], trace: [] }))
  })

  it('is recorded for a refused spawn', async () => {
    const group = new Group()
    group.close()
    expect(builtAt(await prettyOf(group.spawn(Task.unit)))).toHaveLength(1)
    expect(builtAt(await prettyOf(group.spawn(Task.unit, { name: 'worker' })))).toHaveLength(1)
  })
})

describe('with tracing on', () => {
  for (const [name, build] of Object.entries(endless)) {
    it(`an endless loop uses constant memory: ${name}`, () => {
      const machine = new Machine({ yieldEvery: 7 })
      // Holds because whoever is handed a fiber has its record.
      const fiber = machine.fork(build()) as unknown as FiberState
      let most = 0
      for (let turn = 0; turn < 500; turn++) {
        expect(machine.turn()).toBe(true)
        most = Math.max(most, framesOf(fiber)?.length ?? 0)
      }
      expect(most).toBeLessThanOrEqual(12)
    })
  }

  for (const { name, task } of builtBefore) {
    it(`an operation yields as often as without: ${name}`, async () => {
      const build = exact[name]
      expect(await turnsOf(build === undefined ? Task.unit : build())).toBe(await turnsOf(task))
    })
  }
})

describe('makeRuntime', () => {
  it('refuses a trace that is neither true nor false', () => {
    expect(() => makeRuntime({ trace: 'yes' as unknown as boolean })).toThrow(
      'makeRuntime: expected trace to be true or false, got "yes" (a string)'
    )
  })
})
