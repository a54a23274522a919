/**
 * The context of a fiber as plain text, to go where no fiber goes: to a thread, through a queue, over the
 * wire.
 *
 * An executor does not send it along by itself: what a job is called with is all that crosses, and its codecs
 * say what that is.
 */
import { type Context, propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import * as Task from '../Task.js'
import { isOptionsObject, refused } from './check.js'
import { currentContext, withContext } from './context.js'

/** Fields as HTTP has them: `traceparent` and the like, as the global propagator writes them. */
export type Carrier = Readonly<Record<string, string>>

/** The context of the fiber that runs it, as text; empty where no propagator is registered. */
export const currentCarrier: Task.Task<never, Carrier> = /* @__PURE__ */ Task.map((context: Context) => {
  const carrier: Record<string, string> = {}
  propagation.inject(context, carrier)
  return carrier
})(currentContext)

/**
 * Runs `self` in the context that `carrier` is of, as the global propagator reads it; what it cannot read is
 * the root.
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
    Task.suspend(() => withContext(propagation.extract(ROOT_CONTEXT, carrier))(self))
