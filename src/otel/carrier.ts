/**
 * Serializes the OpenTelemetry context of a fiber, to propagate it to where no fiber can go: to a thread,
 * through a queue, over the network.
 *
 * An executor does not propagate the context by itself: only the arguments of a job cross to the worker, and
 * the job's codecs define them.
 */
import { propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from '../Task.js'
import { isOptionsObject, refused } from './check.js'
import { currentContext, withContext } from './context.js'

/** Header fields in the form that HTTP uses, such as `traceparent`, as the global propagator writes them. */
export type Carrier = Readonly<Record<string, string>>

/**
 * The context of the fiber that runs this Task, serialized by the global propagator. Empty if no propagator
 * is registered. Never fails.
 */
export const currentCarrier: Task.Task<never, Carrier> = /* @__PURE__ */ pipe(
  currentContext,
  /* @__PURE__ */ Task.map((context) => {
    const carrier: Record<string, string> = {}
    propagation.inject(context, carrier)
    return carrier
  })
)

/**
 * Runs `self` in the context that the global propagator extracts from `carrier`. If the propagator cannot
 * read the carrier, `self` runs in the root context.
 *
 * ```ts
 * import { job, LocalExecutor } from 'aio-ts/executor'
 * import { currentCarrier, withCarrier, withSpan } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as t from 'io-ts'
 *
 * const input = t.type({ n: t.number, trace: t.record(t.string, t.string) })
 * const jobs = {
 *   double: job({ input, output: t.number }, ({ n, trace }) =>
 *     pipe(Task.succeed(2 * n), withSpan('double'), withCarrier(trace))
 *   )
 * }
 * const program = Task.gen(function* () {
 *   const executor = yield* LocalExecutor.make(jobs)
 *   return yield* executor.call('double', { n: 4, trace: yield* currentCarrier })
 * })
 * console.log(await runTask(program)) // => { _tag: 'Right', right: 8 }
 * ```
 */
export const withCarrier =
  (carrier: Carrier) =>
  <E, A>(self: Task.Task<E, A>): Task.Task<E, A> =>
    refused('withCarrier', self, carrier, 'a Carrier', isOptionsObject) ??
    Task.suspend(() => pipe(self, withContext(propagation.extract(ROOT_CONTEXT, carrier))))
