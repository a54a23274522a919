/** Valid calls of the exports of the outer entry points: testing, executors, telemetry, Node. */

import { metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { Group, makeRuntime, runFork, runSync, Schedule, Task } from 'aio-ts'
import { ClusterExecutor, JobServer } from 'aio-ts/bullmq'
import { job, LocalExecutor } from 'aio-ts/executor'
import { FiberContextManager } from 'aio-ts/otel'
import { withTask } from 'aio-ts/vitest'
import * as t from 'io-ts'
import type { test as vitestTest } from 'vitest'
import { anything, below, type Calling, type Callings, call, method, nothing } from './calling.js'

const task = () => [Task.unit]
const makesTask = () => Task.unit
const text = call(() => ['message'])
const control = { maxSteps: 1000, maxMs: 1000, onUnseen: 'ignore', patienceMs: 1, hostWaitMs: 1 }

const testing: Callings = {
  DeadlockError: text,
  LeakError: text,
  LivelockError: text,
  NondeterminismError: text,
  ScheduleError: text,
  TimeLimitError: text,
  UnseenFailureError: text,
  ExploreError: call(() => ['message', undefined, 'schedule', anything(1)]),
  explore: call(() => [
    makesTask,
    {
      ...control,
      strategy: 'random',
      preemptions: 1,
      maxRuns: 2,
      seed: 1,
      yieldEvery: 1,
      check: () => undefined
    }
  ]),
  replay: call(() => [Task.unit, 'aio1 0', control]),
  runTest: call(() => [
    Task.unit,
    { ...control, seed: 1, yieldEvery: 1, signal: new AbortController().signal }
  ]),
  sweepInterrupts: call(() => [makesTask, { ...control, seed: 1, check: () => undefined }])
}

const add = (a: number) => a + 1
const local = () => runSync(LocalExecutor.make({ add }))
const executorOf = (exit: ReturnType<typeof local>) => (exit._tag === 'Right' ? exit.right : undefined)
const codecs = { input: t.number, output: t.number, error: t.string }

const executor: Callings = {
  ExecutorError: call(() => ['Closed', 'message', undefined]),
  jobInterrupted: nothing,
  job: call(
    () => [codecs, (n: number) => n],
    () => [anything(1)]
  ),
  'JobExecutor#call': method(
    () => executorOf(local()),
    () => ['add', anything(1)]
  ),
  'JobExecutor#with': {
    ...method(
      () => executorOf(local()),
      () => [{ transfer: [], timeoutMs: 5, maxMs: 5, jobId: 'id' }]
    ),
    then: (calls) => (calls as { call: (name: string, n: number) => unknown }).call('add', 1)
  },
  'LocalExecutor.make': call(() => [{ add: anything(add) }, { onInterrupt: 'wait' }])
}

/** A queue of a Redis that is not there. */
const nowhere = { queue: 'q', connection: 'redis://127.0.0.1:1', connectMs: 1 }
const jobs = { add: anything(job({ input: t.number, output: t.number }, add)) }
const serving = {
  concurrency: 1,
  retry: Schedule.recurs(1),
  maxMs: 1,
  graceMs: 1,
  lockMs: 1000,
  maxCrashes: 1,
  maxBytes: 10,
  maxReturns: 1,
  onRefused: () => undefined,
  onConnection: () => undefined
}
const calling = {
  maxBytes: 10,
  keepMs: 1,
  maxMs: 1,
  keepGivenUpMs: 1,
  maxGivenUp: 1,
  lookEveryMs: 1,
  onConnection: () => undefined
}

/** An executor and a server without a Redis, so that all they can do is to look at what they are given. */
function without<A extends object>(type: { readonly prototype: A }, fields: object): A {
  const group = new Group()
  return Object.assign(Object.create(type.prototype), { group, parts: {}, options: {}, ...fields })
}

const clusterExecutor = () => {
  const executor = without<ClusterExecutor<object>>(ClusterExecutor, {})
  executor.close()
  return executor
}
const jobServer = () => without(JobServer, { aside: new Group(), running: new Map() })
const closing = () => [{ interrupt: false, graceMs: 1 }]

const contextManager = () => new FiberContextManager(new AsyncLocalStorageContextManager())

const otel: Callings = {
  withCarrier: call(() => [{}], task),
  contextOf: call(() => [runFork(Task.unit)]),
  withContext: call(() => [ROOT_CONTEXT], task),
  FiberContextManager: nothing,
  'FiberContextManager#active': nothing,
  'FiberContextManager#with': method(
    () => contextManager(),
    () => [ROOT_CONTEXT, () => 1, anything(undefined)]
  ),
  'FiberContextManager#bind': method(
    () => contextManager(),
    () => [ROOT_CONTEXT, anything(() => 1)]
  ),
  'FiberContextManager#enable': nothing,
  'FiberContextManager#disable': nothing,
  executorMetrics: call(
    () => [executorOf(local()), 'name', { meter: metrics.getMeter('x') }],
    () => []
  ),
  fiberEvents: call(
    () => [{ unnamed: true }],
    () => []
  ),
  fiberMetrics: call(
    () => [{ meter: metrics.getMeter('x'), durations: true }],
    () => []
  ),
  withSpan: call(() => ['name', {}, { tracer: trace.getTracer('x'), root: true }], task)
}

const node: Callings = {
  createExecutor: call(() => [
    { size: 1, onInterrupt: 'wait', graceMs: 1, maxQueue: 1, whenFull: 'wait', resourceLimits: {} }
  ]),
  'Executor.make': call(() => [new URL('data:text/javascript,'), { size: 1, jobs: {} }]),
  runMain: call(() => [Task.unit, { signals: ['SIGINT'] }]),
  interruptOnSignals: call(() => [{ signals: ['SIGINT'] }], task)
}

/** Runs what it is given at once, in place of vitest. */
let lastRun: unknown
const runLast = () => lastRun
const fakeTest = Object.assign(
  (_name: string, _options: unknown, body: () => unknown) => {
    lastRun = body()
  },
  {
    each:
      (cases: ReadonlyArray<unknown>) =>
      (_name: string, _options: unknown, body: (item: unknown) => unknown) => {
        lastRun = body([cases].flat()[0])
      }
  }
)
const taskOptions = { seed: 1, runs: 1, yieldEvery: 1, timeout: 5 }
const taskTest = withTask(fakeTest as unknown as typeof vitestTest).task
const run = call(() => [Task.unit, { name: 'name', signal: new AbortController().signal }])

export const edges: Callings = {
  ...below('aio-ts/testing ', testing),
  ...below('aio-ts/executor ', executor),
  ...below('aio-ts/otel ', otel),
  ...below('aio-ts/node ', node),
  ...below('aio-ts/io-ts ', {
    decode: call(
      () => [t.number],
      () => [anything(1)]
    ),
    DecodeError: call(() => [[{ value: 1, context: [{ key: '', type: t.string }] }]])
  }),
  ...below('aio-ts/inspect ', {
    InspectError: call(() => ['PortTaken', 'message', undefined]),
    // A server that is started rightly is closed again.
    inspect: call(() => [{ port: 0, host: '127.0.0.1', title: 'title', keepAlive: false }])
  }),
  ...below('aio-ts/bullmq ', {
    'ClusterExecutor.make': call(() => [{ ...nowhere, ...calling, jobs }]),
    'ClusterExecutor#givenUp': method(clusterExecutor, () => [{ from: 1, count: 1 }]),
    'ClusterExecutor#sendAgain': method(clusterExecutor, () => ['id']),
    'JobServer#close': method(jobServer, closing),
    'JobServer#asyncClose': method(jobServer, closing),
    'JobServer.make': call(() => [jobs, { ...nowhere, ...serving }]),
    serveJobs: call(() => [jobs, { ...nowhere, ...serving }])
  }),
  ...below('aio-ts/vitest ', {
    // vitest's own.
    test: nothing,
    TaskFailedError: text,
    withTask: call(() => [fakeTest])
  })
}

/** What is no export, but given by one. */
export const also: Readonly<Record<string, Calling & { readonly of: () => unknown }>> = {
  'makeRuntime().runTask': { of: () => makeRuntime({}).runTask, ...run },
  'makeRuntime().runTaskExit': { of: () => makeRuntime({}).runTaskExit, ...run },
  'makeRuntime().runFork': { of: () => makeRuntime({}).runFork, ...run },
  'makeRuntime().runSync': { of: () => makeRuntime({}).runSync, ...call(task) },
  'withTask().task': {
    of: () => taskTest,
    ...call(() => ['name', Task.unit, taskOptions]),
    then: runLast
  },
  'withTask().task.each': {
    of: () => taskTest.each,
    ...call(
      // vitest's own.
      () => [anything([1])],
      () => ['name', makesTask, taskOptions]
    ),
    then: runLast,
    name: /\btask\b/
  }
}
