/** The hard time limit of a job, in the local executor. */
import { Task } from 'aio-ts'
import { LocalExecutor, type LocalExecutorOptions } from 'aio-ts/executor'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  Die,
  Fail,
  failure,
  Interrupt,
  lateResults,
  reasonSummaries,
  rightOf,
  success,
  summary
} from '../support/exits.js'
import { runDefect, runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const ends: Array<string> = []
const note = (line: string) => Task.sync(() => void ends.push(line))

const jobs = {
  slow: (ms: number) => pipe(Task.sleep(ms), Task.as('done')),
  /** Its finalizer takes `ms`. */
  cleaning: (ms: number) =>
    pipe(
      Task.never,
      Task.onInterrupt(
        pipe(
          Task.sleep(ms),
          Task.flatMap(() => note('cleaned'))
        )
      )
    ),
  /** Cannot be interrupted. */
  masked: (ms: number) =>
    Task.uninterruptible(
      pipe(
        Task.sleep(ms),
        Task.flatMap(() => note('ended')),
        Task.as('late')
      )
    ),
  /** Goes on after its interruption. */
  finishes: (ms: number) => pipe(Task.sleep(ms), Task.as('late'), Task.uncancellable({ raiseCancel: false })),
  failsLate: (ms: number) =>
    pipe(
      Task.sleep(ms),
      Task.flatMap(() => Task.fail('late' as const)),
      Task.uncancellable({ raiseCancel: false })
    ),
  breaks: () => pipe(Task.never, Task.onInterrupt(Task.die('cleanup'))),
  promise: () => new Promise<never>(() => {}),
  interruptsItself: () => Task.interrupt,
  quick: (n: number) => n
}

const using = <E, A>(
  use: (executor: LocalExecutor<typeof jobs>) => Task.Task<E, A>,
  options?: LocalExecutorOptions
) => pipe(LocalExecutor.make(jobs, options), Task.flatMap(use))

const TimedOut = (message = '') =>
  Fail(expect.objectContaining({ problem: 'TimedOut', message: expect.stringContaining(message) }))

describe('maxMs', () => {
  it.each(['wait', 'terminate'] as const)(
    "interrupts the job at its limit, and the call fails with TimedOut, also with onInterrupt '%s'",
    async (onInterrupt) => {
      ends.length = 0
      const call = using((e) => e.with({ maxMs: 100 }).call('cleaning', 50), { onInterrupt })
      const { exit, elapsed } = await runVirtual(call)
      expect(summary(exit)).toMatchObject(failure(Fail({ problem: 'TimedOut' })))
      expect(elapsed).toBe(150)
      expect(ends).toEqual(['cleaned'])
    }
  )

  it('does not affect a job that ends in time', async () => {
    expect(await runSummary(using((e) => e.with({ maxMs: 100 }).call('slow', 99)))).toEqual(success('done'))
    expect(await runSummary(using((e) => e.with({ maxMs: 0 }).call('quick', 1)))).toEqual(success(1))
  })

  it('does not affect a job that interrupts itself, which ends interrupted', async () => {
    expect(await runSummary(using((e) => e.call('interruptsItself')))).toEqual(failure('Interrupt'))
    const limited = using((e) => e.with({ maxMs: 100 }).call('interruptsItself'))
    expect(await runSummary(limited)).toEqual(failure('Interrupt'))
  })

  it('can be set for all calls of the executor; the smaller limit applies', async () => {
    const elapsedOf = async (maxMs: number | undefined) => {
      const options = maxMs === undefined ? {} : { maxMs }
      return (await runVirtual(using((e) => e.with(options).call('slow', 1000), { maxMs: 100 }))).elapsed
    }
    expect(await elapsedOf(undefined)).toBe(100)
    expect(await elapsedOf(50)).toBe(50)
    expect(await elapsedOf(500)).toBe(100)
  })

  it('accepts a late result within graceMs', async () => {
    const call = (name: 'finishes' | 'masked' | 'failsLate') =>
      runSummary(using((e) => e.with({ maxMs: 100 }).call(name, 150), { graceMs: 60 }))
    expect(await call('finishes')).toEqual(success('late'))
    expect(await call('masked')).toEqual(success('late'))
    expect(await call('failsLate')).toEqual(failure(Fail('late')))
  })

  it('abandons a job that does not end within graceMs, which runs to its end', async () => {
    ends.length = 0
    const call = using(
      (e) =>
        Task.gen(function* () {
          const calls = e.with({ maxMs: 100 })
          const cause = yield* pipe(
            calls.call('masked', 500),
            Task.as(undefined),
            Task.catchCause(Task.succeed)
          )
          yield* e.asyncClose()
          return cause
        }),
      { graceMs: 60 }
    )
    const { exit, elapsed } = await runVirtual(
      pipe(
        call,
        Task.tap(() => Task.sleep(400))
      )
    )
    const cause: any = rightOf(exit)
    expect(reasonSummaries(cause)).toEqual([TimedOut('left behind and may still run')])
    expect(elapsed).toBe(560)
    expect(ends).toEqual(['ended'])
  })

  it('reports the failure of an abandoned job', async () => {
    const call = using((e) => pipe(Task.either(e.with({ maxMs: 100 }).call('failsLate', 500))), {
      graceMs: 60
    })
    const { reports } = await runVirtual(
      pipe(
        call,
        Task.tap(() => Task.sleep(400))
      )
    )
    expect(reports.map(reasonSummaries)).toEqual([
      [Die(expect.objectContaining({ message: expect.stringContaining('failsLate'), cause: 'late' }))]
    ])
  })

  it('abandons a promise, which cannot be stopped', async () => {
    const machine = new Machine()
    const fiber = machine.fork(using((e) => e.with({ maxMs: 100 }).call('promise'), { graceMs: 50 }))
    await machine.pass(149)
    expect(fiber.status()._tag).not.toBe('Done')
    await machine.pass(1)
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toMatchObject(failure(Fail({ problem: 'TimedOut' })))
  })

  it('precedes failures of the cleanup in the cause', async () => {
    const call = using((e) => e.with({ maxMs: 100 }).call('breaks'))
    expect(await runSummary(call)).toEqual(failure(TimedOut('limit of 100 ms'), Die('cleanup')))
  })

  it('still applies after an interruption of the caller, which reaches the job', async () => {
    const machine = new Machine()
    const options = { onInterrupt: 'terminate', graceMs: 50 } as const
    const start = (name: 'slow' | 'masked', ms: number) =>
      machine.fork(using((e) => e.with({ maxMs: 100 }).call(name, ms), options))
    const soft = start('slow', 1000)
    const hard = start('masked', 1000)
    await machine.pass(20)
    for (const fiber of [soft, hard]) fiber.interruptNowait()
    await machine.settle()
    expect(lateResults(await machine.finish(soft))).toEqual([])
    expect(machine.clock.now()).toBe(20)
    await machine.pass(130)
    const exit = await machine.finish(hard)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([failure(TimedOut('left behind'))])
  })

  it('is a defect if it is invalid', async () => {
    for (const maxMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5'] as Array<any>) {
      expect(await runDefect(using((e) => e.with({ maxMs }).call('quick', 1)))).toBeInstanceOf(RangeError)
      expect(await runDefect(using((e) => e.call('quick', 1), { maxMs }))).toBeInstanceOf(RangeError)
      expect(await runDefect(using((e) => e.call('quick', 1), { graceMs: maxMs }))).toBeInstanceOf(RangeError)
    }
    expect(await runDefect(LocalExecutor.make(jobs, null as any))).toBeInstanceOf(TypeError)
  })
})
