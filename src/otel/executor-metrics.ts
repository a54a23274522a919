/** Metrics of executors: of each that somebody gives a name for them. */
import { type BatchObservableResult, type Meter, metrics } from '@opentelemetry/api'
import type { ExecutorLoad } from '../executor/job-executor.js'
import { scopeName } from './span.js'

export interface ExecutorMetricsOptions {
  /** Who makes the instruments; the global provider's meter `aio-ts` if left out. */
  readonly meter?: Meter
}

/** Said of one that has gone: an SDK would repeat what it heard last. */
const gone: ExecutorLoad = { calls: 0, running: 0 }

/**
 * Measures an executor under a name, until the function is called that this gives; after that nothing of it is left. The executor is
 * held weakly, and asked when somebody collects: its calls cost nothing more.
 *
 * | name | kind, unit | attributes | what |
 * |---|---|---|---|
 * | `aio.executor.calls` | up-down counter, `{call}` | `aio.executor.name` | calls that are not over |
 * | `aio.executor.running` | up-down counter, `{job}` | `aio.executor.name` | of these, jobs that run; not of a cluster, whose workers know it |
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
  const { meter = metrics.getMeter(scopeName) } = options
  const measured = new WeakRef(executor)
  const attributes = { 'aio.executor.name': name }
  const calls = meter.createObservableUpDownCounter('aio.executor.calls', {
    unit: '{call}',
    description: 'Calls that are not over'
  })
  const running = meter.createObservableUpDownCounter('aio.executor.running', {
    unit: '{job}',
    description: 'Jobs that run'
  })
  const look = (result: BatchObservableResult): void => {
    const load = measured.deref()?.load ?? gone
    result.observe(calls, load.calls, attributes)
    if (load.running !== undefined) result.observe(running, load.running, attributes)
  }
  meter.addBatchObservableCallback(look, [calls, running])
  return () => meter.removeBatchObservableCallback(look, [calls, running])
}
