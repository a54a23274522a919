/** The program's edge: runTask, runTaskExit, runFork, runSync and makeRuntime. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Cause, InterruptedError, makeRuntime, runFork, runSync, runTask, runTaskExit, Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  Die,
  Fail,
  failure,
  Interrupt,
  type ReasonSummary,
  reasonSummaries,
  rightOf,
  success,
  summary
} from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (reason: unknown) => reason
  )

describe('runTask (37)', () => {
  it('resolves to the Either', async () => {
    expect(await runTask(Task.succeed(1))).toEqual(right(1))
    expect(await runTask(Task.fail('e'))).toEqual(left('e'))
    expect(await runTask(pipe(Task.yieldNow, Task.as(2)))).toEqual(right(2))
  })

  it('rejects with the defect itself, whatever it is', async () => {
    const bug = new Error('bug')
    expect(await rejection(runTask(Task.die(bug)))).toBe(bug)
    expect(await rejection(runTask(Task.die('text')))).toBe('text')
    expect(await rejection(runTask(Task.die(undefined)))).toBe(undefined)
  })

  it('rejects with InterruptedError, which has the cause', async () => {
    const reason = await rejection(runTask(Task.interrupt))
    if (!(reason instanceof InterruptedError)) throw new Error('expected an InterruptedError')
    expect(Cause.isInterruptedOnly(reason.cause)).toBe(true)
  })

  it('several failures: the first is the Left', async () => {
    expect(await runTask(pipe(Task.fail('main'), Task.ensuring(Task.fail('cleanup'))))).toEqual(left('main'))
  })

  it('rejects with a defect that is beside a failure', async () => {
    const bug = new Error('bug')
    expect(await rejection(runTask(pipe(Task.fail('e'), Task.ensuring(Task.die(bug)))))).toBe(bug)
  })

  it('resolves to a promise or thenable value without awaiting it', async () => {
    const inner = Promise.resolve('inner')
    const either = await runTask(Task.succeed(inner))
    expect(rightOf(either) === inner).toBe(true)
    const thenable = { then: () => {} }
    const held = await runTask(Task.succeed(thenable))
    expect(rightOf(held) === thenable).toBe(true)
  })
})

describe('runTaskExit (37)', () => {
  it('never rejects', async () => {
    expect(summary(await runTaskExit(Task.succeed(1)))).toEqual(success(1))
    expect(summary(await runTaskExit(Task.fail('e')))).toEqual(failure(Fail('e')))
    expect(summary(await runTaskExit(Task.die('d')))).toEqual(failure(Die('d')))
    expect(summary(await runTaskExit(Task.interrupt))).toEqual(failure(Interrupt))
  })

  it('resolves to the interruption if its signal aborts', async () => {
    const controller = new AbortController()
    const promise = runTaskExit(Task.never, { signal: controller.signal })
    await macrotask()
    controller.abort()
    expect(summary(await promise)).toEqual(failure(Interrupt))
  })
})

describe('runSync', () => {
  it('returns the Either at once', () => {
    expect(runSync(Task.succeed(1))).toEqual(right(1))
    expect(runSync(Task.fail('e'))).toEqual(left('e'))
    expect(
      runSync(
        Task.gen(function* () {
          const a = yield* Task.sync(() => 1)
          const b = yield* Task.async<never, number>((resume) => resume(Task.succeed(2)))
          return a + b
        })
      )
    ).toEqual(right(3))
  })

  it('returns at once also if the budget is used up many times', () => {
    const loop = (n: number): Task.Task<never, number> =>
      n === 100_000 ? Task.succeed(n) : pipe(Task.succeed(n + 1), Task.flatMap(loop))
    expect(runSync(loop(0))).toEqual(right(100_000))
    expect(makeRuntime({ yieldEvery: 1 }).runSync(loop(99_000))).toEqual(right(100_000))
  })

  it('throws the defect itself', () => {
    const bug = new Error('bug')
    let thrown: unknown
    try {
      runSync(Task.die(bug))
    } catch (reason) {
      thrown = reason
    }
    expect(thrown).toBe(bug)
  })

  it('throws an InterruptedError for an interruption', () => {
    expect(() => runSync(Task.interrupt)).toThrow(InterruptedError)
  })

  it('throws if the task has to wait, and names the wait', () => {
    expect(() => runSync(Task.sleep(500))).toThrow(/sleep 500ms/)
    expect(() => runSync(Task.never)).toThrow(Error)
    expect(() => runSync(Task.promise(() => Promise.resolve(1)))).toThrow(Error)
  })

  it('within a time slice leaves the frames of the outer fiber unchanged', async () => {
    const within = () => runSync(Task.uninterruptible(Task.succeed(1)))
    const program = pipe(
      Task.uninterruptibleMask(() => {
        within()
        return Task.succeed('region')
      }),
      Task.flatMap((region) =>
        Task.async<never, string>((resume) => {
          within()
          resume(Task.succeed(`${region}, callback`))
        })
      ),
      Task.map((word) => `${word}, end`)
    )
    expect(await runSummary(program)).toEqual(success('region, callback, end'))
  })

  it('does not leave a task running that had to wait', async () => {
    const machine = new Machine()
    let finalized = 0
    let went = false
    const program = pipe(
      Task.sleep(500),
      Task.map(() => {
        went = true
      }),
      Task.ensuring(
        Task.sync(() => {
          finalized++
        })
      )
    )
    expect(() => machine.runtime.runSync(program)).toThrow()
    machine.run()
    await macrotask()
    machine.run()
    expect(finalized).toBe(1)
    expect(machine.clock.size).toBe(0)
    expect(went).toBe(false)
  })
})

describe('runFork and RunOptions', () => {
  it('return the fiber before it has run', async () => {
    let started = false
    const fiber = runFork(
      Task.sync(() => {
        started = true
        return 5
      }),
      { name: 'worker' }
    )
    expect(started).toBe(false)
    expect(fiber.name).toBe('worker')
    expect(await runTask(fiber.join())).toEqual(right(5))
  })

  it('give a fiber no name by default, and unique ids', () => {
    const machine = new Machine()
    const [one, two] = [machine.fork(Task.unit), machine.fork(Task.unit)]
    expect(one.name).toBeUndefined()
    expect(typeof one.id).toBe('number')
    expect(one.id).not.toBe(two.id)
  })
})

describe('makeRuntime', () => {
  it('uses its clock', async () => {
    const machine = new Machine()
    const fiber = machine.fork(Task.sleep(3_600_000))
    await machine.settle()
    expect(machine.clock.size).toBe(1)
    machine.clock.advance(3_599_999)
    await machine.settle()
    expect(fiber.poll()._tag).toBe('None')
    machine.clock.advance(1)
    await machine.settle()
    expect(fiber.poll()._tag).toBe('Some')
  })

  it('runs a fiber only when its scheduler says so, once for each scheduled callback', async () => {
    const scheduled: Array<() => void> = []
    const runtime = makeRuntime({ scheduler: { schedule: (_fiber, run) => void scheduled.push(run) } })
    const log: Array<string> = []
    const fiber = runtime.runFork(
      Task.gen(function* () {
        log.push('one')
        yield* Task.yieldNow
        log.push('two')
      })
    )
    await macrotask()
    expect([log.length, scheduled.length]).toEqual([0, 1])
    scheduled.shift()?.()
    expect([log, scheduled.length]).toEqual([['one'], 1])
    await macrotask()
    expect(log).toEqual(['one'])
    scheduled.shift()?.()
    expect(log).toEqual(['one', 'two'])
    expect(scheduled).toHaveLength(0)
    expect(fiber.poll()._tag).toBe('Some')
  })

  it('passes the fiber to its scheduler', () => {
    const told: Array<number> = []
    const runs: Array<() => void> = []
    const runtime = makeRuntime({
      scheduler: {
        schedule: (fiber, run) => {
          told.push(fiber.id)
          runs.push(run)
        }
      }
    })
    const one = runtime.runFork(Task.unit)
    const two = runtime.runFork(Task.unit)
    expect(told).toEqual([one.id, two.id])
    for (const run of runs) run()
  })

  it('lets a scheduler distinguish fibers that yield to all others', () => {
    const told: Array<string> = []
    const runs: Array<() => void> = []
    const runtime = makeRuntime({
      yieldEvery: 1,
      scheduler: {
        schedule: (_fiber, run) => {
          told.push('now')
          runs.push(run)
        },
        scheduleLater: (_fiber, run) => {
          told.push('later')
          runs.push(run)
        }
      }
    })
    runtime.runFork(pipe(Task.yieldNow, Task.asUnit, Task.asUnit))
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) run()
    expect(told).toEqual(['now', 'now', 'now', 'later'])
  })

  it('refuses a scheduleLater that is no function', () => {
    const scheduler = { schedule: () => {}, scheduleLater: 1 as unknown as () => void }
    expect(() => makeRuntime({ scheduler })).toThrow(
      'makeRuntime: expected scheduleLater of the scheduler to be a function, got 1 (a number)'
    )
  })

  it('is inherited by child fibers', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      Task.all([pipe(Task.sleep(1000), Task.as('a')), pipe(Task.sleep(2000), Task.as('b'))])
    )
    expect(summary(await machine.finish(fiber))).toEqual(success(['a', 'b']))
    expect(machine.clock.now()).toBe(2000)
  })

  it('returns the four run functions, which work without `this`', async () => {
    const { runTask: run, runTaskExit: runExit, runSync: sync, runFork: fork } = makeRuntime({})
    expect(summary(await run(Task.succeed(1)))).toEqual(success(1))
    expect(summary(await runExit(Task.fail('e')))).toEqual(failure(Fail('e')))
    expect(sync(Task.succeed(2))).toEqual(right(2))
    expect(summary(await run(fork(Task.succeed(3)).join()))).toEqual(success(3))
  })
})

describe('the reporter', () => {
  /** A race whose loser dies while it is being stopped: nobody but the reporter can see that. */
  const quietly = pipe(
    pipe(Task.never, Task.ensuring(Task.die('while being stopped'))),
    Task.race(pipe(Task.sleep(5), Task.as('won')))
  )

  it('receives failures without any other observer, with the fiber', async () => {
    const seen: Array<[ReadonlyArray<ReasonSummary>, string]> = []
    const machine = new Machine({
      reporter: (cause, fiber) => seen.push([reasonSummaries(cause), typeof fiber.id])
    })
    expect(summary(await machine.finish(machine.fork(quietly)))).toEqual(success('won'))
    expect(seen).toHaveLength(1)
    expect(seen[0]?.[0]).toContainEqual(Die('while being stopped'))
    expect(seen[0]?.[1]).toBe('number')
  })

  it('does not receive what the caller receives', async () => {
    const machine = new Machine()
    await machine.finish(machine.fork(pipe(Task.die('seen'), Task.exit)))
    await machine.finish(
      machine.fork(
        pipe(
          Task.die('seen'),
          Task.catchCause(() => Task.unit)
        )
      )
    )
    void machine.runtime.runTaskExit(Task.die('seen'))
    await machine.settle()
    await machine.finish(machine.fork(pipe(Task.fail('seen'), Task.timeout(5), Task.either)))
    expect(machine.reports).toEqual([])
  })

  it('receives the failures after the first that a handler or a promise takes (4)', async () => {
    const twice = pipe(Task.fail('main'), Task.ensuring(Task.fail('cleanup')))
    const machine = new Machine()
    const handled = pipe(
      twice,
      Task.orElse(() => Task.unit)
    )
    expect(summary(await machine.finish(machine.fork(handled)))).toEqual(success(undefined))
    expect(machine.reports.flatMap(reasonSummaries)).toEqual([Fail('cleanup')])
    const atTheEdge = new Machine()
    const promise = atTheEdge.runtime.runTask(twice)
    await atTheEdge.settle()
    expect(await promise).toEqual(left('main'))
    expect(atTheEdge.reports.flatMap(reasonSummaries)).toContainEqual(Fail('cleanup'))
  })

  it('receives the defect of a fiber without an observer, and not of a fiber that is joined', async () => {
    const machine = new Machine()
    machine.fork(Task.die('unseen'))
    await machine.settle()
    expect(machine.reports.flatMap(reasonSummaries)).toEqual([Die('unseen')])
    const seen = machine.fork(Task.die('seen'))
    const looking = machine.fork(seen.wait())
    await machine.finish(looking)
    expect(machine.reports).toHaveLength(1)
  })

  it('does not receive the interruption of a fiber', async () => {
    const machine = new Machine()
    machine.fork(Task.never).interruptNowait()
    await machine.settle()
    expect(machine.reports).toEqual([])
  })

  it('that throws stops no fiber (40)', async () => {
    const machine = new Machine({
      reporter: () => {
        throw new Error('the reporter is broken')
      }
    })
    expect(summary(await machine.finish(machine.fork(quietly)))).toEqual(success('won'))
    expect(summary(await machine.finish(machine.fork(pipe(Task.sleep(5), Task.as('still going')))))).toEqual(
      success('still going')
    )
  })
})
