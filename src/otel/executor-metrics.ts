/** Metrics of executors and job servers, for each one that is given a metric name. */
import { type BatchObservableResult, type Meter, metrics, type Observable } from '@opentelemetry/api'
import { expected } from '../data/check-input.js'
import type { ExecutorLoad } from '../executor/job-executor.js'
import { demandMeter, isOptionsObject } from './check.js'
import { scopeName } from './span.js'

export interface ExecutorMetricsOptions {
  /** Creates the instruments. The default is the meter `aio-ts` of the global provider. */
  readonly meter?: Meter
}

/**
 * Observed for an executor that was garbage-collected: an SDK would otherwise repeat its last observation.
 */
const gone: ExecutorLoad = { calls: 0, running: 0 }

/**
 * Measures an executor or a job server under `name` until the returned function is called, which removes the
 * instruments' callback. The executor is held weakly, and its `load` is read when metrics are collected, so
 * its calls cost nothing extra. Values that the executor does not know are not observed.
 *
 * | name | kind, unit | attributes | what |
 * |---|---|---|---|
 * | `aio.executor.calls` | up-down counter, `{call}` | `aio.executor.name` | calls in flight; of a server, jobs that it holds |
 * | `aio.executor.running` | up-down counter, `{job}` | `aio.executor.name` | running jobs of these calls; of a server, those it runs |
 * | `aio.executor.waiting` | gauge, `{job}` | `aio.executor.name` | waiting jobs of these calls; of a server, of its whole queue |
 * | `aio.executor.depth` | gauge, `{job}` | `aio.executor.name` | unfinished jobs of the whole queue, from all callers |
 * | `aio.executor.retried` | counter, `{job}` | `aio.executor.name` | jobs that were restarted |
 * | `aio.executor.stalled` | counter, `{job}` | `aio.executor.name` | jobs whose worker was presumed dead |
 * | `aio.executor.connected` | gauge, `1` | `aio.executor.name` | 1 while the connections of a cluster are up, otherwise 0 |
 *
 * ```ts
 * import { LocalExecutor } from 'aio-ts/executor'
 * import { executorMetrics, withSpan } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 *
 * const program = Task.gen(function* () {
 *   const executor = yield* LocalExecutor.make({ add: (a: number, b: number) => a + b })
 *   const stop = executorMetrics(executor, 'sums')
 *   const sum = yield* withSpan('add')(executor.call('add', 1, 2))
 *   stop()
 *   return sum
 * })
 * console.log(await runTask(program)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export function executorMetrics(
  executor: { readonly load: ExecutorLoad },
  name: string,
  options: ExecutorMetricsOptions = {}
): () => void {
  if (!isOptionsObject(executor) || !isOptionsObject(executor.load))
    throw expected('executorMetrics', 'an executor', executor)
  demandMeter('executorMetrics', options)
  const { meter = metrics.getMeter(scopeName) } = options
  const measured = new WeakRef(executor)
  const attributes = { 'aio.executor.name': name }
  const instruments = instrumentsOf(meter)
  const observe = (result: BatchObservableResult): void => {
    const load = measured.deref()?.load ?? gone
    for (const [instrument, read] of instruments) {
      const value = read(load)
      if (value !== undefined) result.observe(instrument, value, attributes)
    }
  }
  const all = instruments.map(([instrument]) => instrument)
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}

type Instrument = readonly [Observable, (load: ExecutorLoad) => number | undefined]

const instrumentsOf = (meter: Meter): ReadonlyArray<Instrument> => {
  const named = (name: string, unit: string, description: string) =>
    [`aio.executor.${name}`, { unit, description }] as const
  return [
    [
      meter.createObservableUpDownCounter(...named('calls', '{call}', 'Calls that are not over')),
      ({ calls }) => calls
    ],
    [
      meter.createObservableUpDownCounter(...named('running', '{job}', 'Jobs that run')),
      ({ running }) => running
    ],
    [meter.createObservableGauge(...named('waiting', '{job}', 'Jobs that wait')), ({ waiting }) => waiting],
    [
      meter.createObservableGauge(...named('depth', '{job}', 'Jobs of the whole queue that are not over')),
      ({ depth }) => depth
    ],
    [
      meter.createObservableCounter(...named('retried', '{job}', 'Jobs that were begun again')),
      ({ retried }) => retried
    ],
    [
      meter.createObservableCounter(...named('stalled', '{job}', 'Jobs whose worker was taken for dead')),
      ({ stalled }) => stalled
    ],
    [
      meter.createObservableGauge(...named('connected', '1', 'Whether the connections are made')),
      ({ connected }) => (connected === undefined ? undefined : Number(connected))
    ]
  ]
}
