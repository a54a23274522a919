/** Jobs and the local executor: it has the same boundary as the others. */
import { Exit, FiberLocal, Task } from 'aio-ts'
import { DecodeError, ExecutorError, job, jobInterrupted, LocalExecutor } from 'aio-ts/executor'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { exitReceived } from '../../src/executor/codecs.js'
import { Fail, failure, Interrupt, lateResults, rightOf, success, summary } from '../support/exits.js'
import { runDefect, runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const Day = new t.Type<Date, string, unknown>(
  'Day',
  (u): u is Date => u instanceof Date,
  (u, c) => (typeof u === 'string' ? t.success(new Date(u)) : t.failure(u, c)),
  (day) => day.toISOString()
)
class TooLate extends Error {
  readonly _tag = 'TooLate' as const
}
const TooLateCodec = new t.Type<TooLate, string, unknown>(
  'TooLate',
  (u): u is TooLate => u instanceof TooLate,
  (u, c) => (typeof u === 'string' ? t.success(new TooLate(u)) : t.failure(u, c)),
  (error) => error.message
)

let ran = 0
const jobs = {
  nextDay: job({ input: Day, output: Day }, (day) => {
    ran++
    if (!(day instanceof Date)) throw new Error('it came in encoded')
    return new Date(day.getTime() + 86_400_000)
  }),
  late: job({ input: t.string, output: t.string, error: TooLateCodec }, (text) =>
    Task.fail(new TooLate(text))
  ),
  lies: job({ input: t.number, output: t.string }, (n): string => n as any),
  liesFailing: job({ input: t.number, output: t.string, error: t.string }, (n) =>
    Task.fail(n as any as string)
  ),
  undeclared: job({ input: t.number, output: t.number }, (n) => Task.fail(n) as any as number),
  promised: job({ input: t.number, output: t.number }, async (n) => n + 1),
  plain: (value: unknown) => value,
  task: (n: number) => (n > 0 ? Task.succeed(n) : Task.fail('no' as const)),
  slow: (ms: number) => pipe(Task.sleep(ms), Task.as('done')),
  boom: (): number => {
    throw new TypeError('a bug')
  },
  error: () => Task.fail(new TooLate('its class stays behind'))
}

const using = <E, A>(
  use: (executor: LocalExecutor<typeof jobs>) => Task.Task<E, A>,
  options?: { readonly onInterrupt?: 'wait' | 'terminate' }
) => pipe(LocalExecutor.make(jobs, options), Task.flatMap(use))

describe('job', () => {
  it('returns its function: a direct call is a plain call', () => {
    expect(jobs.nextDay(new Date(0))).toEqual(new Date(86_400_000))
    expect(jobs.nextDay.name).toBe('')
  })

  it('accepts one function for two jobs', async () => {
    const double = (n: number) => n * 2
    const both = {
      whole: job({ input: t.Int, output: t.number }, double),
      any: job({ input: t.number, output: t.number }, double)
    }
    const task = pipe(
      LocalExecutor.make(both),
      Task.flatMap((executor) =>
        Task.all([executor.call('any', 0.5), Task.either(executor.call('whole', 0.5 as t.Int))])
      )
    )
    expect(await runSummary(task)).toMatchObject(success([1, left({ _tag: 'DecodeError' })]))
  })

  it('throws a TypeError at once for invalid codecs, and for a value that is no function', () => {
    expect(() => job({ input: t.number } as any, () => 1)).toThrow(/output/)
    expect(() => job({ input: 'number', output: t.number } as any, () => 1)).toThrow(/input/)
    expect(() => job({ input: t.number, output: t.number, error: {} } as any, () => 1)).toThrow(/error/)
    expect(() => job(null as any, () => 1)).toThrow(TypeError)
    expect(() => job({ input: t.number, output: t.number }, 5 as any)).toThrow(/a function/)
  })
})

it('reports an error for which only the executing side had a codec', () => {
  const { input, output } = { input: t.number, output: t.number }
  expect(summary(exitReceived({ input, output }, Exit.fail({ from: 'a newer version' })))).toMatchObject(
    failure(Fail({ _tag: 'ExecutorError', problem: 'NotCloneable' }))
  )
})

describe('LocalExecutor', () => {
  it('encodes and decodes inputs and results', async () => {
    expect(await runSummary(using((e) => e.call('nextDay', new Date(0))))).toEqual(
      success(new Date(86_400_000))
    )
    expect(await runSummary(using((e) => e.call('promised', 1)))).toEqual(success(2))
  })

  it('decodes a typed error to its class', async () => {
    const exit = await runSummary(using((e) => Task.either(e.call('late', 'by an hour'))))
    expect(exit).toMatchObject(success(left({ _tag: 'TooLate', message: 'by an hour' })))
    expect((exit as any).value.left).toBeInstanceOf(TooLate)
  })

  it('fails with a DecodeError for an invalid input, and does not run the job', async () => {
    ran = 0
    const exit: any = await runSummary(using((e) => e.call('nextDay', '2026-01-01' as any)))
    expect(exit.reasons[0].Fail).toBeInstanceOf(DecodeError)
    expect(exit.reasons[0].Fail.message).toContain('expected Day, got "2026-01-01"')
    expect(ran).toBe(0)
  })

  it('fails with a DecodeError for an invalid result or error', async () => {
    for (const name of ['lies', 'liesFailing'] as const) {
      const exit: any = await runSummary(using((e) => e.call(name, 5)))
      expect(exit.reasons[0].Fail).toBeInstanceOf(DecodeError)
      expect(exit.reasons[0].Fail.message).toContain('expected string, got 5')
    }
  })

  it('does not pass an error without a codec', async () => {
    const exit: any = await runSummary(using((e) => e.call('undeclared', 5)))
    expect(exit.reasons[0].Fail).toMatchObject({ _tag: 'ExecutorError', problem: 'NotCloneable', cause: 5 })
  })

  it('copies values without codecs, and fails with an ExecutorError for uncloneable ones', async () => {
    const given = { list: [1] }
    const exit: any = await runSummary(using((e) => e.call('plain', given)))
    expect(exit).toEqual(success(given))
    expect(exit.value).not.toBe(given)
    for (const bad of [() => 1, Symbol('s')]) {
      const refused: any = await runSummary(using((e) => e.call('plain', bad)))
      expect(refused.reasons[0].Fail).toBeInstanceOf(ExecutorError)
      expect(refused.reasons[0].Fail.problem).toBe('NotCloneable')
    }
  })

  it('has the same typed errors, defects and missing jobs as the other executors', async () => {
    expect(await runSummary(using((e) => e.call('task', 0)))).toEqual(failure(Fail('no')))
    expect(await runDefect(using((e) => e.call('boom')))).toBeInstanceOf(TypeError)
    const error: any = await runSummary(using((e) => Task.either(e.call('error'))))
    expect(error.value.left).toMatchObject({ _tag: 'TooLate', message: 'its class stays behind' })
    expect(error.value.left).not.toBeInstanceOf(TooLate)
    for (const name of ['missing', 'toString', '__proto__']) {
      const exit: any = await runSummary(using((e) => (e as any).call(name)))
      expect(exit.reasons[0].Fail.problem).toBe('NotExported')
    }
    expect(await runDefect(LocalExecutor.make(null as any))).toBeInstanceOf(TypeError)
  })

  it('dies of a jobId that is not unique in UTF-8', async () => {
    for (const jobId of ['a\ud800', '\udc00b']) {
      const defect = await runDefect(using((e) => e.with({ jobId }).call('task', 1)))
      expect(defect).toBeInstanceOf(TypeError)
      expect(defect).toMatchObject({ message: expect.stringMatching(/half of a surrogate pair: "a?\\ud/) })
    }
    expect(await runSummary(using((e) => e.with({ jobId: '\ud83c\udf89' }).call('task', 1)))).toEqual(
      success(1)
    )
  })

  it('has no control sequence of a name in its messages, and no name of megabytes', async () => {
    for (const name of ['\u001b[31mred', 'x'.repeat(5_000_000)]) {
      const exit: any = await runSummary(using((e) => (e as any).call(name)))
      const { message } = exit.reasons[0].Fail
      expect(message).not.toContain('\u001b')
      expect(message.length).toBeLessThan(300)
    }
  })

  it('fails with TimeoutError after timeoutMs if the job can be interrupted, and returns its late result if it waits', async () => {
    const call = (onInterrupt: 'wait' | 'terminate') =>
      runSummary(using((e) => e.with({ timeoutMs: 10 }).call('slow', 50), { onInterrupt }))
    expect(await call('terminate')).toMatchObject(failure(Fail({ _tag: 'TimeoutError', ms: 10 })))
    expect(await call('wait')).toEqual(success('done'))
  })

  it('does not return an intermediate result of a timed task', async () => {
    const timed = <A>(f: (text: unknown) => A) =>
      runSummary(using((e) => pipe(e.call('slow', 50), Task.map(f), Task.timeout(10))))
    expect(await timed(() => 1)).toMatchObject(failure(Fail({ _tag: 'TimeoutError', ms: 10 })))
    const named = using((e) => pipe(e.call('slow', 50), Task.mapError(String), Task.timeout(10)))
    expect(await runSummary(named)).toEqual(success('done'))
  })

  it.each([
    ['wait', 50, [success('done')]],
    ['terminate', 20, []]
  ] as const)("interrupts a job with '%s'", async (onInterrupt, endsAt, carries) => {
    const machine = new Machine()
    const made = machine.fork(LocalExecutor.make(jobs, { onInterrupt }))
    const made_ = await machine.finish(made)
    const fiber = machine.fork(pipe(rightOf(made_).call('slow', 50), Task.map(String)))
    await machine.pass(20)
    fiber.interruptNowait()
    await machine.settle()
    const exit = await machine.finish(fiber)
    expect(machine.clock.now()).toBe(endsAt)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual(carries)
    expect(machine.leftovers()).toBe('')
  })

  it('refuses, waits or interrupts when it closes', async () => {
    const program = (options: { readonly interrupt: boolean }, onInterrupt: 'wait' | 'terminate') =>
      using(
        (e) =>
          Task.withGroup((group) =>
            Task.gen(function* () {
              const fiber = yield* group.spawn(Task.either(e.call('slow', 50)))
              yield* Task.sleep(10)
              e.close(options)
              const refused = yield* Task.either(e.call('task', 1))
              yield* e.waitClosed()
              return [yield* fiber.join(), refused] as const
            })
          ),
        { onInterrupt }
      )
    const closed = left({ _tag: 'ExecutorError', problem: 'Closed' })
    expect(await runSummary(program({ interrupt: false }, 'terminate'))).toMatchObject(
      success([right('done'), closed])
    )
    expect(await runSummary(program({ interrupt: true }, 'wait'))).toMatchObject(
      success([right('done'), closed])
    )
    expect(await runSummary(program({ interrupt: true }, 'terminate'))).toMatchObject(
      success([closed, closed])
    )
  })

  it('passes the FiberLocals of the caller to a job', async () => {
    const local = new FiberLocal('outer')
    const task = pipe(
      LocalExecutor.make({ read: () => local.get }),
      Task.flatMap((executor) => executor.call('read')),
      local.locally('inner')
    )
    expect(await runSummary(task)).toEqual(success('inner'))
  })

  it('reports jobInterrupted as false outside of a job', () => {
    expect(jobInterrupted()).toBe(false)
  })
})
