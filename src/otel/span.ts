/** Runs a Task as a span that starts when the Task runs and ends however the Task ends. */
import {
  type Attributes,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  type Tracer,
  trace
} from '@opentelemetry/api'
import { pipe } from 'fp-ts/lib/function.js'
import { hasMethod } from '../data/check-input.js'
import type { Fiber } from '../index.js'
import * as Task from '../Task.js'
import { isOptionsObject, refused } from './check.js'
import { contextOf, inContext } from './context.js'
import { tellOutcome } from './outcome.js'

/** Further options of a span. With `root: true` the span has no parent. */
export interface WithSpanOptions extends Pick<SpanOptions, 'kind' | 'links' | 'root'> {
  /** Creates the span. The default is the tracer `aio-ts` of the global provider. */
  readonly tracer?: Tracer
}

/** The name of the tracer and of the meter. */
export const scopeName = 'aio-ts'

/** The provider to which the API delegates while no SDK is registered. */
const nobody = /* @__PURE__ */ (() => new ProxyTracerProvider().getDelegate())()

/** Whether the global provider would drop every span. Then `withSpan` runs the Task unchanged. */
function isUnheard(): boolean {
  const provider = trace.getTracerProvider()
  return provider instanceof ProxyTracerProvider && provider.getDelegate() === nobody
}

const areOptions = (options: unknown): boolean => {
  if (!isOptionsObject(options)) return false
  const { tracer } = options as WithSpanOptions
  return tracer === undefined || hasMethod(tracer, 'startSpan')
}

function attributesOf(fiber: Fiber<unknown, unknown>, attributes: Attributes | undefined): Attributes {
  const own: Attributes = { 'aio.fiber.id': fiber.id }
  if (fiber.name !== undefined) own['aio.fiber.name'] = fiber.name
  return { ...own, ...attributes }
}

/**
 * Runs `self` as a span with that name. Each run creates a span, also each attempt of a `retry`. The parent
 * is the span that is active in the fiber. The new span is active in `self` and in every fiber that `self`
 * starts, also after the span has ended.
 *
 * The span ends when `self` ends, finalizers included, and is never left open. Its status is unset after
 * success and after an interruption, which is not an error, and ERROR after a failure or a defect. There is
 * one event per reason: `exception`, or `aio.interrupted` with the id of the interrupting fiber
 * (`aio.interrupted.by`) and the outcome of the late result, if there is one (`aio.interrupted.result`). The
 * attributes are yours, `aio.fiber.id`, `aio.fiber.name`, `aio.outcome` (`success`, `failure`, `defect`,
 * `interruption`) and `error.type`.
 *
 * Fails as `self` does. If no SDK is registered, the cost is close to zero.
 *
 * ```ts
 * import { trace } from '@opentelemetry/api'
 * import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
 * import { withSpan } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const exporter = new InMemorySpanExporter()
 * const spanProcessors = [new SimpleSpanProcessor(exporter)]
 * trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }))
 *
 * const query = (id: number) => pipe(Task.sleep(1), Task.as(id), withSpan('query', { 'user.id': id }))
 * await runTask(pipe(Task.all([query(1), query(2)]), withSpan('request')))
 * for (const { name, attributes } of exporter.getFinishedSpans()) console.log(name, attributes['user.id'])
 * // => query 1
 * // => query 2
 * // => request undefined
 * ```
 */
export const withSpan =
  (name: string, attributes?: Attributes, options: WithSpanOptions = {}) =>
  <E, A>(self: Task.Task<E, A>): Task.Task<E, A> =>
    refused('withSpan', self, name, 'a name', (value) => typeof value === 'string') ??
    refused('withSpan', self, options, 'options, with a Tracer if any', areOptions) ??
    Task.suspend(() => {
      if (options.tracer === undefined && isUnheard()) return self
      let span: Span | undefined
      const begin = (fiber: Fiber<unknown, unknown>): Task.Task<E, A> => {
        const { tracer = trace.getTracer(scopeName), ...rest } = options
        const parent = contextOf(fiber)
        span = tracer.startSpan(name, { ...rest, attributes: attributesOf(fiber, attributes) }, parent)
        return inContext(self, trace.setSpan(parent, span))
      }
      return pipe(
        Task.currentFiber,
        Task.flatMap(begin),
        // The finalizer is registered before the span is started, so that an interruption in between cannot
        // leave the span open.
        Task.onExit((exit) => {
          if (span === undefined) return Task.unit
          try {
            tellOutcome(span, exit)
          } finally {
            // Ends the span also if the SDK throws.
            span.end()
          }
          return Task.unit
        })
      )
    })
