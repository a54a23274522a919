/** `withSpan`: one span per run, ended once with the result of the task, below the span of its fiber. */
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { addHooks, type Cause, Exit, type Fiber, FiberLocal, Group, runTask, Schedule, Task } from 'aio-ts'
import { currentContext, currentSpan, withContext, withSpan } from 'aio-ts/otel'
import { runTest, sweepInterrupts } from 'aio-ts/testing'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { none, some } from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'
import { reasonsOf, rightOf } from '../support/exits.js'
import { hostileErrors, many } from '../support/hostile-errors.js'
import { toldBy, useTraces } from './support.js'

const traces = useTraces()
const nap = (ms = 1) => Task.sleep(ms)

describe('a span', () => {
  test('represents one run: its name, kind and attributes, and the fiber', async () => {
    const task = pipe(Task.succeed(1), withSpan('work', { rows: 3 }, { kind: SpanKind.CLIENT }))
    expect(traces.spans()).toEqual([])
    const exit = await runTask(
      pipe(
        task,
        Task.flatMap(() => task)
      ),
      { name: 'main' }
    )
    expect(exit).toEqual(Exit.succeed(1))
    expect(traces.spans().length).toBe(2)
    const [first] = traces.spans()
    expect(first).toMatchObject({
      name: 'work',
      kind: SpanKind.CLIENT,
      instrumentationScope: { name: 'aio-ts' },
      attributes: { rows: 3, 'aio.fiber.name': 'main', 'aio.outcome': 'success' }
    })
    expect(first?.attributes['aio.fiber.id']).toEqual(expect.any(Number))
    expect(first?.parentSpanContext).toBeUndefined()
  })

  test('of a fiber without a name has no fiber name', async () => {
    await runTask(withSpan('work')(Task.unit))
    expect(traces.span('work').attributes).not.toHaveProperty('aio.fiber.name')
  })

  test('is made by the given tracer, and may be a root', async () => {
    const tracer = trace.getTracer('own')
    await runTask(pipe(Task.unit, withSpan('inner', {}, { tracer, root: true }), withSpan('outer')))
    expect(traces.span('inner').instrumentationScope.name).toBe('own')
    expect(traces.lines()).toEqual(['inner', 'outer'])
  })

  test('lasts as long as the task, finalizers included', async () => {
    const order: Array<string> = []
    const note = (text: string) => Task.sync(() => order.push(`${text} of ${traces.spans().length} ended`))
    await runTest(
      pipe(
        nap(),
        Task.ensuring(
          pipe(
            nap(),
            Task.flatMap(() => note('finalizer'))
          )
        ),
        withSpan('a'),
        Task.tap(() => note('after'))
      )
    )
    expect(order).toEqual(['finalizer of 0 ended', 'after of 1 ended'])
  })

  test('represents each attempt if it is within a retry', async () => {
    let tries = 0
    const flaky = Task.suspend(() => (++tries < 3 ? Task.fail('busy') : Task.succeed('done')))
    const { exit } = await runTest(
      pipe(flaky, withSpan('try'), Task.retry(Schedule.recurs(5)), withSpan('all'))
    )
    expect(exit).toEqual(Exit.succeed('done'))
    expect(traces.lines()).toEqual(['try < all', 'try < all', 'try < all', 'all'])
    expect(traces.spans().map((span) => toldBy(span).outcome)).toEqual([
      'failure',
      'failure',
      'success',
      'success'
    ])
  })
})

class HttpError extends Error {
  readonly _tag = 'HttpError'
}

describe('the end of a span', () => {
  const endOf = async (task: Task.Task<unknown, unknown>) => {
    const run = await runTest(withSpan('work')(task))
    return { ...toldBy(traces.span('work')), exit: run.exit }
  }

  test('leaves the status unset after success', async () => {
    expect(await endOf(nap())).toMatchObject({ status: 'UNSET', events: [], outcome: 'success' })
  })

  test('is an error after a failure, with its kind and its stack', async () => {
    const told = await endOf(Task.fail(new HttpError('gone')))
    expect(told).toMatchObject({ status: 'ERROR', events: ['exception gone'], outcome: 'failure' })
    const span = traces.span('work')
    expect(span.attributes['error.type']).toBe('HttpError')
    expect(span.status.message).toBe('gone')
    expect(span.events[0]?.attributes?.['exception.stacktrace']).toContain('span.test.ts')
  })

  test.each([
    ['a text', 'no', '_OTHER', 'no'],
    ['tagged data', { _tag: 'NotFound', id: 7 }, 'NotFound', 'NotFound {"_tag":"NotFound","id":7}'],
    ['nothing at all', undefined, '_OTHER', 'undefined'],
    [
      'an object that refuses to be looked at',
      {
        get _tag() {
          throw new Error('no')
        }
      },
      '_OTHER',
      'an object'
    ]
  ])('records a failure that is %s', async (_, error, type, message) => {
    const { status, events } = await endOf(Task.fail(error))
    expect({ status, events }).toEqual({ status: 'ERROR', events: [`exception ${message}`] })
    const span = traces.span('work')
    expect(span.attributes['error.type']).toBe(type)
    expect(span.events[0]?.attributes?.['exception.type']).toBe(type)
    expect(span.status.message).toBe(message)
  })

  test.each(hostileErrors)(
    'records an error %s like any other, and adds nothing to the cause',
    async (_, make) => {
      const error = make()
      for (const [outcome, task, exit] of [
        ['failure', Task.fail(error), Exit.fail(error)],
        ['defect', Task.die(error), Exit.die(error)]
      ] as const) {
        traces.exporter.reset()
        const told = await endOf(task)
        expect(told).toMatchObject({ status: 'ERROR', outcome })
        expect(told.events).toEqual([expect.stringMatching(/^exception ./)])
        // Not by `toEqual`, which would look at it.
        const reasons = reasonsOf(told.exit)
        const expected = reasonsOf(exit)
        expect(reasons.map(({ _tag }) => _tag)).toEqual(expected.map(({ _tag }) => _tag))
        expect(Object.values(reasons[0] ?? {}).includes(error)).toBe(true)
      }
      expect(traces.count.started).toBe(traces.count.ended)
    }
  )

  test('records a bounded part of a very large error', async () => {
    const text = 'line\n'.repeat(many / 5)
    await endOf(Task.fail(Object.assign(new Error(text), { stack: text, name: text, _tag: text })))
    const { attributes, status, events } = traces.span('work')
    const texts = [attributes['error.type'], status.message, ...Object.values(events[0]?.attributes ?? {})]
    expect(texts.length).toBe(5)
    for (const told of texts) expect(String(told)).toMatch(/\.\.\. \(\d{7} characters more\)$/)
    for (const told of texts) expect(String(told).length).toBeLessThan(31_000)
  })

  test('happens also if the SDK throws, which is a defect beside the result of the task', async () => {
    const bug = new Error('a broken processor')
    let ended = 0
    const provider = new BasicTracerProvider({
      spanProcessors: [
        {
          onStart: (span) => {
            span.recordException = () => {
              throw bug
            }
          },
          onEnd: () => void ended++,
          forceFlush: async () => undefined,
          shutdown: async () => undefined
        }
      ]
    })
    const tracer = provider.getTracer('broken')
    const { exit } = await runTest(pipe(Task.fail('no'), withSpan('work', {}, { tracer })))
    expect(reasonsOf(exit)).toEqual([
      { _tag: 'Fail', error: 'no' },
      { _tag: 'Die', defect: bug }
    ])
    expect(ended).toBe(1)
  })

  test('is an error after a defect, and not a failure', async () => {
    const told = await endOf(
      Task.sync(() => {
        throw new RangeError('bug')
      })
    )
    expect(told).toMatchObject({ status: 'ERROR', events: ['exception bug'], outcome: 'defect' })
    expect(traces.span('work').attributes['error.type']).toBe('RangeError')
  })

  test('is an event after an interruption, with the requesting fiber, and no error', async () => {
    let by = -1
    await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          by = (yield* Task.currentFiber).id
          const fiber = yield* group.spawn(withSpan('work')(Task.never))
          yield* Task.yieldNow
          yield* fiber.interrupt()
        })
      )
    )
    const told = toldBy(traces.span('work'))
    expect(told).toEqual({ status: 'UNSET', events: [`aio.interrupted ${by}`], outcome: 'interruption' })
  })

  test('is an event after an interruption without a fiber', async () => {
    await runTest(
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.spawn(withSpan('work')(Task.never))
        yield* Task.yieldNow
        yield* group.asyncClose()
      })
    )
    expect(toldBy(traces.span('work'))).toEqual({
      status: 'UNSET',
      events: ['aio.interrupted'],
      outcome: 'interruption'
    })
  })

  test('has an event for each of several reasons, in order, and the first error as the status', async () => {
    const work = pipe(
      Task.fail('first'),
      Task.ensuring(Task.die(new Error('second'))),
      Task.ensuring(Task.die('third'))
    )
    const told = await endOf(work)
    expect(told).toMatchObject({
      status: 'ERROR',
      events: ['exception first', 'exception second', 'exception third'],
      outcome: 'defect'
    })
    expect(traces.span('work').status.message).toBe('first')
  })

  test('is an error after a cleanup that fails during an interruption', async () => {
    await runTest(
      pipe(Task.never, Task.ensuring(Task.fail('not closed')), withSpan('work'), Task.race(nap()), Task.exit),
      { onUnseen: 'ignore' }
    )
    const { status, events } = toldBy(traces.span('work'))
    expect(status).toBe('ERROR')
    expect(events).toEqual([expect.stringMatching(/^aio\.interrupted \d+$/), 'exception not closed'])
  })

  test('records the late result of an interrupted timeout, and a defect in it is an error', async () => {
    const late = (end: Task.Task<never, unknown>) =>
      pipe(
        nap(5),
        Task.flatMap(() => end),
        Task.uninterruptible,
        Task.timeout(100),
        withSpan('work'),
        Task.race(nap(1)),
        Task.exit
      )
    await runTest(late(Task.succeed('late')))
    expect(traces.span('work').events[0]?.attributes?.['aio.interrupted.result']).toBe('success')
    expect(toldBy(traces.span('work')).status).toBe('UNSET')
    traces.exporter.reset()
    await runTest(late(Task.die(new Error('late bug'))), { onUnseen: 'ignore' })
    const span = traces.span('work')
    expect(toldBy(span)).toMatchObject({
      status: 'ERROR',
      events: [expect.stringMatching(/^aio\.inter/), 'exception late bug']
    })
    expect(span.events[0]?.attributes?.['aio.interrupted.result']).toBe('defect')
  })

  test('records defects, and not failures, of late results at any depth', async () => {
    const carrying = (...reasons: NonEmptyArray<Cause.Reason<unknown>>): Cause.Interrupt => ({
      _tag: 'Interrupt',
      by: none,
      result: some(left({ reasons, trace: [] }))
    })
    const inner = carrying({ _tag: 'Die', defect: new Error('deep') }, { _tag: 'Fail', error: 'late' })
    const cause = { reasons: [carrying({ _tag: 'Fail', error: 'late' }, inner)] as const, trace: [] }
    const told = await endOf(Task.failCause({ ...cause, reasons: [...cause.reasons] }))
    expect(told).toMatchObject({
      status: 'ERROR',
      events: ['aio.interrupted', 'exception deep'],
      outcome: 'interruption'
    })
  })

  test('records an error that has lost its name as one without', async () => {
    await endOf(Task.fail(Object.assign(new Error('x'), { name: '' })))
    expect(traces.span('work').attributes['error.type']).toBe('_OTHER')
  })

  test('of an uncancellable task comes at its end, also during an interruption', async () => {
    await runTest(
      pipe(nap(10), Task.as(1), withSpan('work'), Task.uncancellable(), Task.race(nap(1)), withSpan('all'))
    )
    expect(toldBy(traces.span('work'))).toEqual({ status: 'UNSET', events: [], outcome: 'success' })
  })
})

describe('nesting of spans', () => {
  test('includes all fibers started within, also by race, forEach and a group', async () => {
    const leaf = (name: string) => withSpan(name)(nap())
    const program = Task.gen(function* () {
      yield* Task.all([leaf('all 1'), leaf('all 2')])
      yield* pipe(leaf('fast'), Task.race(pipe(Task.never, withSpan('loser'))))
      yield* pipe(['each 1', 'each 2', 'each 3'], Task.forEach(leaf, { concurrency: 2 }))
      yield* pipe(leaf('timed'), Task.timeout(10))
      yield* Task.withGroup((group) =>
        Task.flatMap((fiber: Fiber<never, void>) => fiber.join())(group.spawn(leaf('spawned')))
      )
    })
    await runTest(withSpan('root')(program))
    expect([...traces.lines()].sort()).toEqual(
      ['all 1', 'all 2', 'fast', 'loser', 'each 1', 'each 2', 'each 3', 'timed', 'spawned']
        .map((name) => `${name} < root`)
        .concat('root')
        .sort()
    )
    expect(toldBy(traces.span('loser')).outcome).toBe('interruption')
  })

  test('includes a fiber that outlives the span of its spawn', async () => {
    await runTest(
      Task.withGroup((group) =>
        pipe(
          group.spawn(
            pipe(
              nap(10),
              Task.flatMap(() => withSpan('later')(nap()))
            )
          ),
          withSpan('spawner'),
          Task.flatMap((fiber) => fiber.join())
        )
      )
    )
    expect(traces.spans().map(({ name }) => name)).toEqual(['spawner', 'later'])
    expect(traces.lines()[1]).toBe('later < spawner')
  })

  test('ends with the span, whatever its result', async () => {
    const ends = [Task.unit, Task.fail('e'), Task.die('d'), pipe(Task.interrupt)]
    const program = pipe(
      ends as ReadonlyArray<Task.Task<string, void>>,
      Task.forEach((end, index) =>
        Task.withGroup((group) =>
          pipe(
            group.spawn(
              pipe(
                end,
                withSpan(`inner ${index}`),
                Task.exit,
                Task.flatMap(() => withSpan(`next ${index}`)(Task.unit))
              )
            ),
            Task.flatMap((fiber) => fiber.wait())
          )
        )
      )
    )
    await runTest(withSpan('root')(program))
    expect(traces.lines().filter((line) => line.startsWith('next'))).toEqual(
      [0, 1, 2].map((index) => `next ${index} < root`)
    )
  })

  test('uses an external context as the parent where it is set, and only there', async () => {
    const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true }
    const remote = trace.setSpanContext(ROOT_CONTEXT, spanContext)
    const program = pipe(
      withSpan('inside')(nap()),
      withContext(remote),
      Task.flatMap(() => withSpan('outside')(nap()))
    )
    await runTest(program)
    expect(traces.span('inside').parentSpanContext).toMatchObject({ spanId: '2'.repeat(16) })
    expect(traces.span('inside').spanContext().traceId).toBe('1'.repeat(32))
    expect(traces.span('outside').parentSpanContext).toBeUndefined()
  })

  test('can be read by the fiber', async () => {
    const ask = Task.all([currentSpan, currentContext])
    const { exit } = await runTest(Task.all([ask, withSpan('work')(ask)]))
    const [[none, root], [span, within]] = rightOf(exit)
    expect(none).toBeUndefined()
    expect(root).toBe(ROOT_CONTEXT)
    expect(span?.spanContext()).toEqual(traces.span('work').spanContext())
    expect(trace.getSpan(within)).toBe(span)
  })

  test('does not affect other values of the fiber', async () => {
    const request = new FiberLocal('none')
    const { exit } = await runTest(pipe(request.get, withSpan('a'), request.locally('seven'), withSpan('b')))
    expect(exit).toEqual(Exit.succeed('seven'))
  })
})

describe('a span interrupted at every step', () => {
  const make = () =>
    pipe(
      Task.gen(function* () {
        yield* withSpan('first')(nap())
        yield* pipe(
          Task.all([
            withSpan('a')(nap(2)),
            pipe(nap(), Task.ensuring(withSpan('cleanup')(nap())), withSpan('b'))
          ]),
          withSpan('both')
        )
        yield* pipe(withSpan('worth finishing')(nap()), Task.uncancellable())
        yield* pipe(Task.fail('no'), withSpan('fails'), Task.either)
      }),
      withSpan('root')
    )

  test('ends once for each start', async () => {
    const begun: Array<number> = []
    const { steps } = await sweepInterrupts(make, {
      check: () => {
        const { count } = traces
        begun.push(count.started)
        expect(count.ended).toBe(count.started)
        count.started = 0
        count.ended = 0
        const names = traces.spans().map((span) => span.spanContext().spanId)
        expect(new Set(names).size).toBe(names.length)
        traces.exporter.reset()
      }
    })
    expect(steps).toBeGreaterThan(30)
    expect(Math.max(...begun)).toBe(8)
  })

  test('does not change what its task does', async () => {
    const log: Array<string> = []
    const program = (span: typeof withSpan) =>
      pipe(
        Task.sync(() => log.push('plain step')),
        Task.flatMap(() => nap()),
        Task.ensuring(Task.sync(() => log.push('finalizer'))),
        span('work')
      )
    const early = (task: Task.Task<never, void>) =>
      Task.withGroup((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(task)
          fiber.interruptNowait()
          yield* fiber.wait()
        })
      )
    // A fiber that was interrupted before its first turn runs to its first checkpoint all the same.
    await runTest(early(program(withSpan)), { yieldEvery: 2048 })
    const traced = log.splice(0)
    await runTest(early(program(() => (self) => self)), { yieldEvery: 2048 })
    expect(traced).toEqual(log)
    expect(toldBy(traces.span('work')).outcome).toBe('interruption')
  })
})

test('without an SDK a given tracer is used', async () => {
  trace.disable()
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  await runTask(withSpan('work', {}, { tracer: provider.getTracer('own') })(Task.unit))
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['work'])
})

test('without an SDK a task is unchanged, and no hook is added', async () => {
  trace.disable()
  const seen: Array<unknown> = []
  const undo = addHooks({ fiberEnded: (_, exit) => seen.push(exit) })
  const run = await runTask(pipe(currentContext, withSpan('work')))
  undo()
  expect(run).toEqual(Exit.succeed(ROOT_CONTEXT))
  expect(traces.count.started).toBe(0)
  expect(seen.length).toBe(1)
})
