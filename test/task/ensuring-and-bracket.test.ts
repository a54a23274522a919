/** Finalizers: once, however the work ends, masked, and their failures are never dropped. */
import { type Exit, Task } from 'aio-ts'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, type Summary, success, summary } from '../support/exits.js'
import { interruptedAt5 } from '../support/interrupted.js'
import { runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const after = <A>(ms: number, f: () => A): Task.Task<never, A> => pipe(Task.sleep(ms), Task.map(f))

/** Every way to end, with how `tell` tells it. The last two are interrupted from outside at 5 ms. */
const ends: ReadonlyArray<readonly [string, Task.Task<string, number>, Summary]> = [
  ['success', Task.succeed(1), success(1)],
  ['failure', Task.fail('e'), failure(Fail('e'))],
  ['a defect', Task.die('d'), failure(Die('d'))],
  ['success after a wait', after(2, () => 1), success(1)],
  [
    'failure after a wait',
    pipe(
      Task.sleep(2),
      Task.flatMap(() => Task.fail('e'))
    ),
    failure(Fail('e'))
  ],
  ['interruption by itself', Task.interrupt, failure(Interrupt)],
  ['interruption of a wait', Task.never, failure(Interrupt)],
  ['interruption of a sleep', pipe(Task.sleep(100), Task.as(1)), failure(Interrupt)]
]

/** Runs, and interrupts at 5 ms. */
const run = async (task: Task.Task<unknown, unknown>, yieldEvery?: number): Promise<Summary> => {
  const machine = new Machine(yieldEvery === undefined ? {} : { yieldEvery })
  const fiber = machine.fork(task)
  await machine.pass(5)
  fiber.interruptNowait()
  const exit = summary(await machine.finish(fiber))
  expect(machine.leftovers()).toBe('')
  return exit
}

describe.each([1, 2, 2048])('finalizers with a budget of %i (4)', (yieldEvery) => {
  it.each(ends)('ensuring runs its finalizer once after %s, to its end', async (_name, task, expected) => {
    let runs = 0
    const program = pipe(task, Task.ensuring(after(20, () => runs++)))
    expect(await run(program, yieldEvery)).toEqual(expected)
    expect(runs).toBe(1)
  })

  it.each(ends)('onExit receives the exit: %s', async (_name, task, expected) => {
    const seen: Array<Summary> = []
    const program = pipe(
      task,
      Task.onExit((exit) => after(20, () => seen.push(summary(exit))))
    )
    expect(await run(program, yieldEvery)).toEqual(expected)
    expect(seen).toEqual([expected])
  })

  it.each(ends)('onInterrupt runs only for an interruption: %s', async (_name, task, expected) => {
    let runs = 0
    const program = pipe(task, Task.onInterrupt(after(20, () => runs++)))
    expect(await run(program, yieldEvery)).toEqual(expected)
    expect(runs).toBe(JSON.stringify(expected) === JSON.stringify(failure(Interrupt)) ? 1 : 0)
  })

  it.each(ends)(
    'bracket releases once and its release receives the exit of the use: %s',
    async (_name, task, expected) => {
      const log: Array<unknown> = []
      const program = Task.bracket(
        Task.sync(() => {
          log.push('acquired')
          return 'resource'
        }),
        () => task,
        (resource: string, exit: Exit.Exit<string, number>) =>
          after(20, () => log.push(resource, summary(exit)))
      )
      expect(await run(program, yieldEvery)).toEqual(expected)
      expect(log).toEqual(['acquired', 'resource', expected])
    }
  )

  it.each(ends)('the failure of a finalizer follows %s in the cause', async (_name, task, expected) => {
    const more = 'reasons' in expected ? expected.reasons : []
    expect(await run(pipe(task, Task.ensuring(Task.fail('cleanup'))), yieldEvery)).toEqual(
      failure(...more, Fail('cleanup'))
    )
    expect(
      await run(
        pipe(
          task,
          Task.onExit(() => Task.die('cleanup'))
        ),
        yieldEvery
      )
    ).toEqual(failure(...more, Die('cleanup')))
    const bracketed = Task.bracket(
      Task.unit,
      () => task,
      () =>
        pipe(
          Task.sleep(3),
          Task.flatMap(() => Task.fail('r'))
        )
    )
    expect(await run(bracketed, yieldEvery)).toEqual(failure(...more, Fail('r')))
  })
})

describe('several finalizers (4)', () => {
  it('run from the inside out, each also if the previous one failed, and all failures are in the cause in order', async () => {
    const log: Array<number> = []
    const step = (n: number, task: Task.Task<unknown, unknown>) =>
      pipe(
        after(1, () => log.push(n)),
        Task.flatMap(() => task)
      )
    const program = pipe(
      Task.fail('main'),
      Task.ensuring(step(1, Task.fail('one'))),
      Task.ensuring(step(2, Task.die('two'))),
      Task.ensuring(step(3, Task.unit)),
      Task.ensuring(step(4, Task.fail('four')))
    )
    expect(await runSummary(program)).toEqual(failure(Fail('main'), Fail('one'), Die('two'), Fail('four')))
    expect(log).toEqual([1, 2, 3, 4])
  })

  it('onExit receives what inner finalizers have added', async () => {
    let seen: Summary | undefined
    const program = pipe(
      Task.fail('main'),
      Task.ensuring(Task.fail('one')),
      Task.onExit((exit) =>
        Task.sync(() => {
          seen = summary(exit)
        })
      )
    )
    expect(await runSummary(program)).toEqual(failure(Fail('main'), Fail('one')))
    expect(seen).toEqual(failure(Fail('main'), Fail('one')))
  })

  it('a finalizer of a finalizer runs', async () => {
    const log: Array<string> = []
    const say = (word: string) => after(1, () => log.push(word))
    const program = pipe(
      Task.fail('main'),
      Task.ensuring(
        pipe(
          say('inner work'),
          Task.flatMap(() => Task.fail('inner')),
          Task.ensuring(say('inner clean'))
        )
      ),
      Task.ensuring(say('outer clean'))
    )
    expect(await runSummary(program)).toEqual(failure(Fail('main'), Fail('inner')))
    expect(log).toEqual(['inner work', 'inner clean', 'outer clean'])
  })

  it('nested brackets release in reverse order of acquisition', async () => {
    const log: Array<string> = []
    const resource = (name: string) => ({
      acquire: Task.sync(() => {
        log.push(`+${name}`)
        return name
      }),
      release: (r: string) => Task.sync(() => log.push(`-${r}`))
    })
    const [a, b, c] = [resource('a'), resource('b'), resource('c')]
    const program = Task.bracket(
      a.acquire,
      () =>
        Task.bracket(b.acquire, () => Task.bracket(c.acquire, () => Task.fail('use'), c.release), b.release),
      a.release
    )
    expect(await runSummary(program)).toEqual(failure(Fail('use')))
    expect(log).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
  })
})

describe('bracket', () => {
  it('releases nothing and uses nothing if its acquire fails', async () => {
    const log: Array<string> = []
    const program = Task.bracket(
      Task.fail('no room'),
      () => Task.sync(() => log.push('used')),
      () => Task.sync(() => log.push('released'))
    )
    expect(await runSummary(program)).toEqual(failure(Fail('no room')))
    expect(log).toEqual([])
  })

  it('that acquired nothing leaves no frame, nor a name in the trace', async () => {
    const program = Task.bracket(
      Task.fail('no room'),
      () => Task.unit,
      () => Task.unit
    )
    const { exit } = await runVirtual(pipe(program, Task.named('loader')))
    expect(exit).toEqual(left({ reasons: [{ _tag: 'Fail', error: 'no room' }], trace: ['loader'] }))
  })

  it('interrupted while it acquires: acquires to the end, does not use, releases (10)', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(
      Task.bracket(
        after(50, () => log.push('acquired')),
        () => Task.sync(() => log.push('used')),
        (_r, exit) => Task.sync(() => log.push(`released after ${JSON.stringify(summary(exit))}`))
      )
    )
    await machine.pass(10)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['acquired', `released after ${JSON.stringify(failure(Interrupt))}`])
    expect(machine.clock.now()).toBe(50)
  })

  it('has an interruptible use and an uninterruptible release (10)', async () => {
    const machine = new Machine()
    let released = false
    const fiber = machine.fork(
      Task.bracket(
        Task.unit,
        () => Task.never,
        () =>
          after(50, () => {
            released = true
          })
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.pass(10)
    fiber.interruptNowait()
    await machine.pass(10)
    fiber.interruptNowait()
    expect(fiber.poll()._tag).toBe('None')
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(released).toBe(true)
    expect(machine.clock.now()).toBe(50)
  })

  it('in an uninterruptible region has an uninterruptible use', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      Task.uninterruptible(
        Task.bracket(
          Task.unit,
          () => pipe(Task.sleep(30), Task.as('used')),
          () => Task.unit
        )
      )
    )
    await machine.pass(10)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success('used'))
  })

  it('returns the value of the use', async () => {
    expect(
      await runSummary(
        Task.bracket(
          Task.succeed(2),
          (n) => Task.succeed(n * 2),
          () => Task.succeed('dropped')
        )
      )
    ).toEqual(success(4))
  })
})

describe('masked finalizers may run any operation (11)', () => {
  it('they race, time out, spawn, join and wait for each other', async () => {
    const log: Array<unknown> = []
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(
        Task.never,
        Task.ensuring(
          Task.gen(function* () {
            log.push((yield* pipe(Task.never, Task.timeout(20), Task.either))._tag)
            log.push(yield* pipe(Task.never, Task.race(pipe(Task.sleep(5), Task.as('raced')))))
            log.push(
              yield* Task.withGroup((group) =>
                pipe(
                  group.spawn(pipe(Task.sleep(7), Task.as('joined'))),
                  Task.flatMap((child) => child.join())
                )
              )
            )
            log.push(
              yield* pipe(
                [1, 2],
                Task.forEach((n) => pipe(Task.sleep(n), Task.as(n)), { concurrency: 2 })
              )
            )
          })
        )
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['Left', 'raced', 'joined', [1, 2]])
    expect(machine.leftovers()).toBe('')
  })

  it('an interruption during a finalizer is delivered right after it (10)', async () => {
    const log: Array<string> = []
    const work = pipe(
      Task.unit,
      Task.ensuring(Task.sleep(20)),
      Task.map(() => log.push('never'))
    )
    expect(await run(work)).toEqual(failure(Interrupt))
    expect(log).toEqual([])
  })

  it('a slow finalizer delays the end of its run, on virtual time', async () => {
    const run = await runVirtual(pipe(Task.succeed(1), Task.ensuring(Task.sleep(70))))
    expect(run.elapsed).toBe(70)
  })
})

describe('a cleanup', () => {
  it('is not interrupted again by the interruption that started it, whatever it makes interruptible (12)', async () => {
    let isDone = false
    const program = pipe(
      Task.never,
      Task.ensuring(
        pipe(
          Task.interruptible(Task.sleep(10)),
          Task.tap(() =>
            Task.sync(() => {
              isDone = true
            })
          )
        )
      )
    )
    expect((await interruptedAt5(program)).exit).toEqual(failure(Interrupt))
    expect(isDone).toBe(true)
  })

  it('has a new signal, whether the fiber used one before or not (12)', async () => {
    for (const before of [Task.unit, Task.asUnit(Task.signal)]) {
      let isAborted: boolean | undefined
      const program = pipe(
        before,
        Task.flatMap(() => Task.never),
        Task.ensuring(
          pipe(
            Task.signal,
            Task.map((signal) => {
              isAborted = signal.aborted
            })
          )
        )
      )
      await interruptedAt5(program)
      expect(isAborted).toBe(false)
    }
  })
})
