/** `runTest`: virtual time, the order of fibers, and the faults that a test reports beside the exit of the program. */
import { Cause, Deferred, type Fiber, Group, Latch, Queue, Schedule, Semaphore, Task } from 'aio-ts'
import {
  DeadlockError,
  LeakError,
  LivelockError,
  replay,
  runTest,
  type TestOptions,
  TimeLimitError,
  UnseenFailureError
} from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, success, summary } from '../support/exits.js'

/** What it rejects with, which must be one of those. */
const rejection = async <C extends abstract new (...args: any) => Error>(
  running: Promise<unknown>,
  expected: C
): Promise<InstanceType<C>> => {
  const outcome = await running.then(
    () => 'resolved',
    (error) => error
  )
  expect(outcome).toBeInstanceOf(expected)
  return outcome
}

describe('the exit of the program is the result, whatever it is:', () => {
  it('a value', async () => {
    const run = await runTest(Task.succeed(1))
    expect(summary(run.exit)).toEqual(success(1))
    expect(run.elapsed).toBe(0)
    expect(run.schedule).toMatch(/^aio1:/)
  })

  it('a failure, a defect, an interruption', async () => {
    expect(summary((await runTest(Task.fail('e'))).exit)).toEqual(failure(Fail('e')))
    expect(summary((await runTest(Task.die('d'))).exit)).toEqual(failure(Die('d')))
    expect(summary((await runTest(Task.interrupt)).exit)).toEqual(failure('Interrupt'))
  })
})

describe('time is virtual', () => {
  it('an hour takes no real time', async () => {
    const begun = performance.now()
    const run = await runTest(pipe(Task.sleep(3_600_000), Task.timeout(7_200_000)))
    expect(summary(run.exit)).toEqual(success(undefined))
    expect(run.elapsed).toBe(3_600_000)
    expect(performance.now() - begun).toBeLessThan(60_000)
  })

  it('timers fire in the order of their times, whatever the order of their making', async () => {
    const log: Array<number> = []
    const sleeper = (ms: number) =>
      pipe(
        Task.sleep(ms),
        Task.map(() => log.push(ms))
      )
    for (const seed of [0, 1, 2, 3]) await runTest(Task.all([30, 10, 20, 5, 25].map(sleeper)), { seed })
    expect(log).toEqual([1, 2, 3, 4].flatMap(() => [5, 10, 20, 25, 30]))
  })

  it('timers of the same time fire in the order of their making, all before any fiber reacts', async () => {
    const log: Array<number> = []
    const fibers: Array<Fiber<never, unknown>> = []
    let seen: unknown
    const sleeper = (index: number) =>
      pipe(
        Task.sleep(10),
        Task.map(() => {
          log.push(index)
          seen ??= fibers[1]?.status()
        })
      )
    const program = Task.withGroup((group) =>
      Task.gen(function* () {
        for (let index = 0; index < 100; index++) fibers.push(yield* group.spawn(sleeper(index)))
        for (const fiber of fibers) yield* fiber.wait()
      })
    )
    await runTest(program)
    expect(log).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(seen).toEqual({ _tag: 'Ready' })
  })

  it('a timer that is cancelled while it is due does not fire, and is not leaked', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const run = await runTest(Task.raceAll([1, 2, 3].map(() => Task.sleep(10))), { seed })
      expect(summary(run.exit)).toEqual(success(undefined))
    }
  })

  it('the random numbers of schedules are the same for the same seed', async () => {
    const times = async (seed: number) => {
      const tries = pipe(
        Task.fail('busy'),
        Task.retry(
          pipe(Schedule.spaced(1000), Schedule.intersect(Schedule.recurs(3)), Schedule.jittered(0.5))
        ),
        Task.either
      )
      return (await runTest(tries, { seed })).elapsed
    }
    expect(await times(1)).toBe(await times(1))
    expect(await times(1)).not.toBe(await times(2))
  })

  it('time passes beside a fiber that polls with yieldNow', async () => {
    let isDone = false
    const polling = Task.gen(function* () {
      while (!isDone) yield* Task.yieldNow
    })
    const working = pipe(
      Task.sleep(1000),
      Task.map(() => {
        isDone = true
      })
    )
    for (const seed of [0, 1, 2]) {
      isDone = false
      expect((await runTest(Task.all([polling, working]), { seed })).elapsed).toBe(1000)
    }
  })
})

describe('the seed determines the order', () => {
  const order = async (options: TestOptions) => {
    const log: Array<string> = []
    const say = (name: string) =>
      pipe(
        Task.sync(() => log.push(name)),
        Task.flatMap(() => Task.sync(() => log.push(name)))
      )
    await runTest(Task.all(['a', 'b', 'c'].map(say)), options)
    return log.join('')
  }

  it('0, and none, are first in, first out', async () => {
    expect(await order({})).toBe('abcabc')
    expect(await order({ seed: 0 })).toBe('abcabc')
  })

  it('each other seed is an order of its own, the same each time', async () => {
    const seeds = Array.from({ length: 40 }, (_, index) => index)
    const orders = await Promise.all(seeds.map((seed) => order({ seed })))
    expect(await Promise.all(seeds.map((seed) => order({ seed })))).toEqual(orders)
    expect(new Set(orders).size).toBeGreaterThan(15)
  })

  it('a larger budget keeps the steps of a fiber together', async () => {
    const orders = await Promise.all([1, 2, 3, 4, 5].map((seed) => order({ seed, yieldEvery: 100 })))
    for (const text of orders) expect(text).toMatch(/^(aa|bb|cc){3}$/)
  })

  it('some seeds switch often, some seldom', async () => {
    const switches = async (kind: number) => {
      let total = 0
      for (let seed = kind; seed < 80; seed += 4) {
        const text = await order({ seed })
        for (let index = 1; index < text.length; index++) if (text[index] !== text[index - 1]) total++
      }
      return total
    }
    expect(await switches(1)).toBeGreaterThan(1.3 * (await switches(3)))
  })

  it('a seed may have 53 bits', async () => {
    const seed = Number.MAX_SAFE_INTEGER
    expect(await order({ seed })).toBe(await order({ seed }))
    const orders = (offset: number) =>
      Promise.all([1, 5, 9, 13, 17, 21].map((low) => order({ seed: low + offset })))
    expect(await orders(2 ** 32)).not.toEqual(await orders(0))
  })

  it('yieldNow lets every other ready fiber go first, whatever the seed', async () => {
    for (let seed = 0; seed < 30; seed++) {
      let others = 0
      const other = pipe(
        Task.sync(() => others++),
        Task.flatMap(() => Task.sync(() => others++))
      )
      const seen = Task.gen(function* () {
        yield* Task.yieldNow
        return others
      })
      const run = await runTest(Task.all([other, seen, other]), { seed })
      expect(summary(run.exit)).toMatchObject(success([expect.anything(), 4, expect.anything()]))
    }
  })
})

describe('a DeadlockError shows the waits', () => {
  it('with the name of each fiber and its wait', async () => {
    const queue = new Queue<number>()
    const program = Task.withGroup((group) =>
      Task.gen(function* () {
        const consumer = yield* group.spawn(pipe(queue.get(), Task.orDie), { name: 'consumer' })
        yield* consumer.join()
      })
    )
    const error = await rejection(runTest(program), DeadlockError)
    expect(error._tag).toBe('DeadlockError')
    expect(error.name).toBe('DeadlockError')
    expect(error.message).toMatch(/fiber #3 consumer .* waits for Queue\.get/)
    expect(error.message).toMatch(/await replay\(task, 'aio1:[^']+'\)/)
  })

  it('with the wait cycle', async () => {
    const program = Task.withGroup((group) =>
      Task.gen(function* () {
        const right = new Deferred<never, { join(): Task.Task<never, void> }>()
        const left = yield* group.spawn(
          pipe(
            right.wait(),
            Task.flatMap((fiber) => fiber.join())
          ),
          {
            name: 'left'
          }
        )
        right.succeed(yield* group.spawn(left.join(), { name: 'right' }))
        yield* left.join()
      })
    )
    const { message } = await rejection(runTest(program), DeadlockError)
    expect(message).toMatch(/wait cycle: #3 left joins #4 right, #4 right joins #3 left$/m)
  })

  it('also if the cycle passes through a fiber that waits for its children', async () => {
    const program = Task.gen(function* () {
      const self = yield* Task.currentFiber
      yield* Task.all([pipe(self.wait(), Task.asUnit), Task.unit])
    })
    const { message } = await rejection(runTest(program), DeadlockError)
    expect(message).toMatch(/wait cycle: #1 main waits for #2, which it has started, #2 joins #1 main$/m)
  })

  it('and no cycle for a program that only waits for a latch', async () => {
    const { message } = await rejection(runTest(new Latch().wait()), DeadlockError)
    expect(message).toMatch(/fiber #1 main .* waits for Latch\.wait/)
    expect(message).not.toContain('wait cycle')
  })

  it('and earlier reports, which may be its cause', async () => {
    const semaphore = new Semaphore(1)
    const holder = pipe(Task.never, semaphore.withPermits(1))
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(Task.die(new Error('the bug')))
      yield* group.spawn(holder)
      yield* Task.sleep(1)
      yield* semaphore.withPermits(1)(Task.unit)
    })
    const error = await rejection(runTest(program), DeadlockError)
    expect(error.message).toContain('the bug')
    expect(error.cause).toMatchObject({ message: 'the bug' })
  })

  it('and stops the fibers as far as possible', async () => {
    let released = 0
    const release = Task.sync(() => released++)
    await rejection(runTest(pipe(Task.never, Task.ensuring(release))), DeadlockError)
    expect(released).toBe(1)
  })
})

describe('a LeakError shows', () => {
  const leaving = (task: Task.Task<never, unknown>, name: string) =>
    Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(task, { name })
      yield* Task.sleep(5)
      return 'done'
    })

  it('a fiber that waits', async () => {
    const error = await rejection(runTest(leaving(Task.never, 'idler')), LeakError)
    expect(error._tag).toBe('LeakError')
    expect(error.message).toMatch(/left 1 fiber behind, at 5 ms/)
    expect(error.message).toMatch(/fiber #2 idler .* waits for never/)
    expect(error.message).toContain('await replay(task, ')
  })

  it('a fiber that sleeps, and its timer', async () => {
    const { message } = await rejection(runTest(leaving(Task.sleep(10), 'sleeper')), LeakError)
    expect(message).toMatch(/left 1 fiber and 1 timer behind/)
  })

  it('a fiber whose timer is due in that very moment', async () => {
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(Task.sleep(0))
      for (let step = 0; step < 5; step++) yield* Task.sync(() => step)
    })
    // Time stands still for what the main fiber leaves behind.
    const outcomes = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      outcomes.add(
        await runTest(program, { seed }).then(
          () => 'ended',
          (error) => error._tag
        )
      )
    }
    expect([...outcomes].sort()).toEqual(['LeakError', 'ended'])
  })

  it('a fiber that runs forever', async () => {
    const { message } = await rejection(runTest(leaving(Task.forever(Task.yieldNow), 'runner')), LeakError)
    expect(message).toContain('runner')
  })

  it('not a fiber that ends by itself in that moment', async () => {
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(pipe(Task.never, Task.ensuring(Task.yieldNow)))
      group.close()
    })
    for (const seed of [0, 1, 2, 3])
      expect(summary((await runTest(program, { seed })).exit)).toEqual(success(undefined))
  })

  it('the exit of the main fiber, if that says more', async () => {
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(Task.never)
      throw new Error('what a test expected')
    })
    const error = await rejection(runTest(program), LeakError)
    expect(error.message).toContain('what a test expected')
    expect(error.cause).toMatchObject({ message: 'what a test expected' })
  })
})

describe('an unobserved failure', () => {
  const unseen = Task.gen(function* () {
    const group = yield* Group.make()
    yield* group.spawn(Task.die(new Error('unseen')), { name: 'worker' })
    yield* Task.sleep(1)
    yield* group.asyncClose()
    return 'done'
  })

  it('is a failure of the test', async () => {
    const error = await rejection(runTest(unseen), UnseenFailureError)
    expect(error._tag).toBe('UnseenFailureError')
    expect(error.message).toMatch(/fiber #2 worker died of a defect: Error: unseen/)
    // Where the program threw is of interest, what the loop that runs everything was called by is not.
    expect(error.message).toContain('run-test.test.ts')
    expect(error.message).not.toContain('runFiber')
    expect(error.cause).toMatchObject({ message: 'unseen' })
  })

  it('is none if the option says so', async () => {
    expect(summary((await runTest(unseen, { onUnseen: 'ignore' })).exit)).toEqual(success('done'))
  })

  it('is passed to the test if it has a handler', async () => {
    const heard: Array<unknown> = []
    const run = await runTest(unseen, {
      onUnseen: (cause, fiber) => heard.push(...Cause.defects(cause), fiber.name)
    })
    expect(summary(run.exit)).toEqual(success('done'))
    expect(heard).toEqual([expect.objectContaining({ message: 'unseen' }), 'worker'])
  })

  it('and a throw of a listener are failures of the test', async () => {
    const listening = runTest(unseen, {
      onUnseen: () => {
        throw new Error('not expected')
      }
    })
    expect((await rejection(listening, UnseenFailureError)).cause).toMatchObject({ message: 'not expected' })
  })

  it('is reported also if the main fiber dies', async () => {
    const both = pipe(
      unseen,
      Task.flatMap(() => Task.die(new Error('main')))
    )
    const { message } = await rejection(runTest(both), UnseenFailureError)
    expect(message).toContain('Error: main')
    expect(message).toContain('Error: unseen')
  })
})

describe('a program without an end', () => {
  it('is a LivelockError if no time passes', async () => {
    const error = await rejection(runTest(Task.forever(Task.unit), { maxSteps: 1000 }), LivelockError)
    expect(error._tag).toBe('LivelockError')
    expect(error.message).toContain('no end after 1000 steps')
  })

  it('has a truncated execution trace', async () => {
    const circles = Task.all([Task.forever(Task.unit), Task.forever(Task.unit)])
    const { message } = await rejection(runTest(circles, { maxSteps: 5000 }), LivelockError)
    expect(message).toMatch(/\n {2}\.\.\. \d+ before that \.\.\.\n/)
    expect(message.split('\n').length).toBeLessThan(100)
  })

  it('is a LivelockError also if time passes, for fibers that poll', async () => {
    await rejection(runTest(Task.forever(Task.sleep(1)), { maxSteps: 1000 }), LivelockError)
    await rejection(runTest(Task.forever(Task.yieldNow), { maxSteps: 1000 }), LivelockError)
  })

  it.each([
    ['runs', Task.forever(Task.unit)],
    ['polls', Task.forever(Task.yieldNow)]
  ])('lets the event loop run meanwhile, if it %s', async (_, circle) => {
    let turns = 0
    const turn = () => {
      turns++
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    await rejection(runTest(circle, { maxSteps: 200_000 }), LivelockError)
    clearImmediate(next)
    expect(turns).toBeGreaterThan(5)
  })
})

describe('a limit of virtual time', () => {
  const ticking = Task.forever(Task.sleep(10))

  it('is a TimeLimitError if it is not enough', async () => {
    const error = await rejection(runTest(ticking, { maxMs: 25 }), TimeLimitError)
    expect(error._tag).toBe('TimeLimitError')
    expect(error.message).toContain('timed out after 25 ms of virtual time; the next timer is due at 30 ms')
    const [, schedule] = /replay\(task, '([^']+)'\)/.exec(error.message) ?? []
    await rejection(replay(ticking, String(schedule)), TimeLimitError)
  })

  it('is none if it is just enough', async () => {
    expect((await runTest(Task.sleep(25), { maxMs: 25 })).elapsed).toBe(25)
  })

  it('also ends fibers that poll', async () => {
    const polling = Task.all([Task.forever(Task.yieldNow), Task.forever(Task.sleep(10))])
    await rejection(runTest(polling, { maxMs: 25 }), TimeLimitError)
  })
})

describe('many fibers', () => {
  // A ready list or a timer list that is searched or shifted would take minutes, and the test its limit.
  it('100,000 sleep, wake and end', { timeout: 120_000 }, async () => {
    const sleepers = Array.from({ length: 100_000 }, (_, index) => Task.sleep(index % 1000))
    const run = await runTest(Task.all(sleepers), { seed: 5, yieldEvery: 100 })
    expect(run.elapsed).toBe(999)
  })
})

describe('bad input', () => {
  it.each([
    ['no Task', () => runTest(1 as never), 'runTest: expected a Task, got 1 (a number)'],
    ['options that are none', () => runTest(Task.unit, 1 as never), 'runTest: expected an object of options'],
    [
      'a negative seed',
      () => runTest(Task.unit, { seed: -1 }),
      'a seed, a whole number of at least 0, got -1'
    ],
    ['half a seed', () => runTest(Task.unit, { seed: 0.5 }), 'a seed, a whole number'],
    ['a budget of none', () => runTest(Task.unit, { yieldEvery: 0 }), 'yieldEvery in operations'],
    [
      'no patience at all',
      () => runTest(Task.unit, { patienceMs: -1 }),
      'patienceMs: expected a finite time'
    ],
    ['no step at all', () => runTest(Task.unit, { maxSteps: 0 }), 'maxSteps, a whole number of at least 1'],
    [
      'a listener that is none',
      () => runTest(Task.unit, { onUnseen: 'no' as never }),
      "onUnseen to be 'fail'"
    ]
  ])('%s', async (_, running, words) => {
    await expect(running()).rejects.toThrow(words)
  })
})

it('a run is interrupted by its signal', async () => {
  const controller = new AbortController()
  const program = pipe(
    Task.sync(() => controller.abort()),
    Task.flatMap(() => Task.never)
  )
  expect(summary((await runTest(program, { signal: controller.signal })).exit)).toEqual(failure('Interrupt'))
})
