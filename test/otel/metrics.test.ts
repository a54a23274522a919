/** `fiberMetrics` and `executorMetrics`: what the real SDK collects, and that nothing is left after their removal. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Attributes, metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { type Fiber, Group, Queue, runFork, runTask, Task } from 'aio-ts'
import { type ExecutorError, JobExecutor, LocalExecutor } from 'aio-ts/executor'
import { executorMetrics, fiberMetrics } from 'aio-ts/otel'
import { runTest } from 'aio-ts/testing'
import { isRight } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

let exporter: InMemoryMetricExporter
let provider: MeterProvider
const undos: Array<() => void> = []

beforeEach(() => {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  // Only when it is asked to.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2_000_000_000 })
  provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
})
afterEach(async () => {
  for (const undo of undos.splice(0)) undo()
  await provider.shutdown()
  metrics.disable()
})
const measure = (options?: Parameters<typeof fiberMetrics>[0]) => {
  const stop = fiberMetrics(options)
  undos.push(stop)
  return stop
}

const wordsOf = (attributes: Attributes): string =>
  Object.values(attributes)
    .map((value) => ` ${value}`)
    .join('')

/** Every point, as `name attributes`: its value, or of a histogram its count. */
const collect = async (): Promise<Record<string, number>> => {
  exporter.reset()
  await provider.forceFlush()
  const points: Record<string, number> = {}
  for (const { scopeMetrics } of exporter.getMetrics()) {
    for (const { metrics: found } of scopeMetrics) {
      for (const metric of found) {
        for (const { attributes, value } of metric.dataPoints) {
          points[`${metric.descriptor.name}${wordsOf(attributes)}`] =
            metric.dataPointType === DataPointType.HISTOGRAM
              ? (value as { readonly count: number }).count
              : (value as number)
        }
      }
    }
  }
  return points
}

/** Those whose names begin so. */
const collectOf = async (prefix: string): Promise<Record<string, number>> =>
  Object.fromEntries(Object.entries(await collect()).filter(([name]) => name.startsWith(prefix)))

describe('the metrics of fibers', () => {
  test('count running fibers, starts, and ends by result', async () => {
    measure()
    const waiting = [1, 2].map(() => runFork(Task.never))
    await runTest(Task.all([Task.unit, Task.unit]))
    await runTest(Task.fail('no'))
    await runTest(Task.die('bug'))
    waiting[0]?.interruptNowait()
    await runTask(Task.yieldNow)
    expect(await collectOf('aio.fiber.')).toEqual({
      'aio.fiber.count': 1,
      'aio.fiber.started': 8,
      'aio.fiber.ended success': 4,
      'aio.fiber.ended failure': 1,
      'aio.fiber.ended defect': 1,
      'aio.fiber.ended interruption': 1
    })
    waiting[1]?.interruptNowait()
  })

  test('count existing fibers as running, and not as started', async () => {
    const fiber = runFork(Task.never)
    await runTask(Task.yieldNow)
    measure()
    expect(await collectOf('aio.fiber.count')).toEqual({ 'aio.fiber.count': 1 })
    fiber.interruptNowait()
    await runTask(fiber.wait())
    const found = await collectOf('aio.fiber.')
    expect(found['aio.fiber.count']).toBe(0)
    expect(found['aio.fiber.started']).toBe(1)
  })

  test('include durations if the option says so', async () => {
    measure({ durations: true })
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 250))
    undos.push(() => clock.mockRestore())
    await runTest(Task.all([Task.unit, Task.sleep(1)]))
    await runTest(Task.fail('no'))
    expect(await collectOf('aio.fiber.duration')).toEqual({
      'aio.fiber.duration success': 3,
      'aio.fiber.duration failure': 1
    })
    const [duration] = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics: found }) => found)
      .filter(({ descriptor }) => descriptor.name === 'aio.fiber.duration')
    expect(duration?.descriptor.unit).toBe('s')
    const ofFailure = duration?.dataPoints.find(({ attributes }) => attributes['aio.outcome'] === 'failure')
    // Begun and ended with one look at the clock each.
    expect(ofFailure?.value).toMatchObject({ sum: 0.25 })
  })

  test('include no durations by default', async () => {
    measure()
    await runTest(Task.unit)
    expect(await collectOf('aio.fiber.duration')).toEqual({})
  })
})

test('the metrics of groups count them by state until they are closed', async () => {
  const held = Task.never
  const early = new Group()
  const late = new Group()
  measure()
  const group = new Group()
  const closing = new Group()
  closing.spawnNowait(held)
  closing.close({ interrupt: false })
  expect(await collectOf('aio.group.')).toEqual({ 'aio.group.count open': 1, 'aio.group.count closing': 1 })
  // It was there and empty, so that nothing was told of it before.
  early.close()
  late.spawnNowait(held)
  late.close({ interrupt: false })
  expect((await collectOf('aio.group.'))['aio.group.count closing']).toBe(2)
  late.close()
  group.close()
  await runTask(late.waitClosed())
  expect(await collectOf('aio.group.')).toEqual({ 'aio.group.count open': 0, 'aio.group.count closing': 1 })
})

describe('the metrics of queues', () => {
  test('are kept by name, and added up for queues without a name', async () => {
    measure()
    const lines = new Queue<number>(2, { name: 'lines' })
    const others = [new Queue<number>(), new Queue<number>()]
    for (const queue of others) queue.putNowait(1)
    lines.putNowait(1)
    lines.putNowait(2)
    const putters = [3, 4].map((item) => runFork(lines.put(item)))
    const getter = runFork(Task.all(others.map((queue) => Task.forever(queue.get()))))
    await runTask(Task.yieldNow)
    expect(await collectOf('aio.queue.')).toEqual({
      'aio.queue.size': 0,
      'aio.queue.items': 2,
      'aio.queue.waiting get': 2,
      'aio.queue.waiting put': 0,
      'aio.queue.size lines': 2,
      'aio.queue.items lines': 2,
      'aio.queue.waiting lines get': 0,
      'aio.queue.waiting lines put': 2
    })
    while (lines.getNowait()._tag === 'Right');
    lines.close()
    getter.interruptNowait()
    await runTask(Task.all([...putters, getter].map((fiber: Fiber<unknown, unknown>) => fiber.wait())))
    expect(await collectOf('aio.queue.')).toMatchObject({
      'aio.queue.size lines': 0,
      'aio.queue.items lines': 4,
      'aio.queue.waiting get': 0
    })
  })

  test('count from construction, and until a closed queue is empty', async () => {
    measure()
    const queue = new Queue<number>(0, { name: 'q' })
    const getter = runFork(queue.get())
    await runTask(Task.yieldNow)
    expect(await collectOf('aio.queue.waiting')).toMatchObject({ 'aio.queue.waiting q get': 1 })
    for (const item of [1, 2, 3]) queue.putNowait(item)
    queue.close()
    await runTask(getter.wait())
    expect(await collectOf('aio.queue.size')).toEqual({ 'aio.queue.size q': 2 })
    queue.getNowait()
    queue.getNowait()
    expect(await collectOf('aio.queue.size')).toEqual({ 'aio.queue.size q': 0 })
  })

  test('of existing queues start with the first item taken', async () => {
    const early = new Queue<number>(0, { name: 'early' })
    early.putNowait(1)
    early.putNowait(2)
    measure()
    early.getNowait()
    expect(await collectOf('aio.queue.size')).toEqual({ 'aio.queue.size early': 1 })
  })

  test('of existing queues start with the first item put', async () => {
    const early = new Queue<number>(0, { name: 'early' })
    early.putNowait(1)
    measure()
    expect(await collectOf('aio.queue.')).toEqual({})
    early.putNowait(2)
    expect(await collectOf('aio.queue.')).toMatchObject({
      'aio.queue.size early': 2,
      'aio.queue.items early': 1
    })
  })
})

test('measured queues, groups and executors are held weakly', async () => {
  measure()
  const make = async () => {
    const queue = new Queue<number>(0, { name: 'gone' })
    queue.putNowait(1)
    const group = new Group()
    const executor = { load: { calls: 7, running: undefined } }
    undos.push(executorMetrics(executor, 'gone'))
    expect(await collect()).toMatchObject({
      'aio.queue.size gone': 1,
      'aio.group.count open': 1,
      'aio.executor.calls gone': 7
    })
    return [queue, group, executor].map((item) => new WeakRef(item))
  }
  const refs = await make()
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined])
  expect(await collect()).toMatchObject({
    'aio.queue.size gone': 0,
    'aio.queue.items gone': 1,
    'aio.group.count open': 0,
    'aio.executor.calls gone': 0
  })
})

describe('the metrics of executors', () => {
  const notMade = (error: unknown): never => {
    throw error
  }
  const made = async <A>(task: Task.Task<ExecutorError, A>): Promise<A> => {
    const result = await runTask(task)
    return isRight(result) ? result.right : notMade(result.left)
  }

  test('are kept by the given name', async () => {
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const executor = await made(LocalExecutor.make({ wait: () => gate }))
    undos.push(executorMetrics(executor, 'local'))
    const calls = [1, 2].map(() => runFork(executor.call('wait')))
    await runTask(Task.yieldNow)
    expect(await collectOf('aio.executor.')).toEqual({
      'aio.executor.calls local': 2,
      'aio.executor.running local': 2
    })
    open()
    for (const call of calls) await runTask(call.wait())
    expect(await collectOf('aio.executor.')).toEqual({
      'aio.executor.calls local': 0,
      'aio.executor.running local': 0
    })
  })

  test('and of servers of a queue include what they know of the queue and what they have counted', async () => {
    const server = {
      load: { calls: 2, running: 2, waiting: 5, depth: 9, retried: 3, stalled: 1, connected: true }
    }
    undos.push(executorMetrics(server, 'served'))
    expect(await collectOf('aio.executor.')).toEqual({
      'aio.executor.calls served': 2,
      'aio.executor.running served': 2,
      'aio.executor.waiting served': 5,
      'aio.executor.depth served': 9,
      'aio.executor.retried served': 3,
      'aio.executor.stalled served': 1,
      'aio.executor.connected served': 1
    })
    server.load = { ...server.load, retried: 4, connected: false }
    expect(await collectOf('aio.executor.')).toMatchObject({
      'aio.executor.retried served': 4,
      'aio.executor.connected served': 0
    })
  })

  test('that cannot tell running calls count only calls', async () => {
    class Elsewhere extends JobExecutor<{ job: () => number }> {
      readonly asyncGroup = new Group()
      protected readonly jobs = undefined
      protected execute(): Task.Task<unknown, unknown> {
        return Task.flatMap((fiber: Fiber<unknown, unknown>) => fiber.join())(
          this.asyncGroup.spawn(Task.never)
        )
      }
    }
    const executor = new Elsewhere()
    undos.push(executorMetrics(executor, 'elsewhere', { meter: metrics.getMeter('own') }))
    const call = runFork(executor.call('job'))
    await runTask(Task.yieldNow)
    expect(await collectOf('aio.executor.')).toEqual({ 'aio.executor.calls elsewhere': 1 })
    expect(exporter.getMetrics()[0]?.scopeMetrics[0]?.scope.name).toBe('own')
    call.interruptNowait()
    await runTask(executor.asyncClose())
  })
})

test('after the removal nothing is counted or observed', async () => {
  const stop = measure({ durations: true })
  const executor = new (class {
    readonly load = { calls: 1, running: 1 }
  })()
  const stopExecutor = executorMetrics(executor, 'x')
  await runTest(Task.unit)
  stop()
  stopExecutor()
  await runTest(Task.unit)
  new Queue<number>(0, { name: 'late' }).putNowait(1)
  expect(await collectOf('aio.')).toEqual({ 'aio.fiber.duration success': 1 })
})
