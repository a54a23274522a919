/** Metrics of executors and servers of jobs: of each that is given a name for them. */
import { type BatchObservableResult, type Meter, metrics, type Observable } from '@opentelemetry/api'
import { expected } from '../data/check-input.js'
import type { ExecutorLoad } from '../executor/job-executor.js'
import { demandMeter, isOptionsObject } from './check.js'
import { scopeName } from './span.js'

export interface ExecutorMetricsOptions {
  /** Who makes the instruments; the global provider's meter `aio-ts` if left out. */
  readonly meter?: Meter
}

/** Observed for one that has gone: an SDK would repeat what it observed last. */
const gone: ExecutorLoad = { calls: 0, running: 0 }

/**
 * Measures an executor, or a server of jobs, under a name, until the function that this returns is called;
 * after that nothing of it is left. The executor is held weakly, and asked for its `load` when metrics are
 * collected: its calls cost nothing more. What it does not know is not observed.
 *
 * | name | kind, unit | attributes | what |
 * |---|---|---|---|
 * | `aio.executor.calls` | up-down counter, `{call}` | `aio.executor.name` | calls that are not over; of a server, jobs that it has |
 * | `aio.executor.running` | up-down counter, `{job}` | `aio.executor.name` | jobs of these calls that run; of a server, jobs that run there |
 * | `aio.executor.waiting` | gauge, `{job}` | `aio.executor.name` | jobs of these calls that wait; of a server, those of its whole queue |
 * | `aio.executor.depth` | gauge, `{job}` | `aio.executor.name` | jobs of the whole queue that are not over, of all callers |
 * | `aio.executor.retried` | counter, `{job}` | `aio.executor.name` | jobs that were begun again |
 * | `aio.executor.stalled` | counter, `{job}` | `aio.executor.name` | jobs whose worker was taken for dead |
 * | `aio.executor.connected` | gauge, `1` | `aio.executor.name` | 1 while the connections of a cluster are made, else 0 |
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
