/** A task as a span: begun where the task is run, ended however the task ends. */
import {
  type Attributes,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  type Tracer,
  trace
} from '@opentelemetry/api'
import { hasMethod } from '../data/check-input.js'
import type { Fiber } from '../index.js'
import * as Task from '../Task.js'
import { isOptionsObject, refused } from './check.js'
import { contextOf, inContext } from './context.js'
import { tellOutcome } from './outcome.js'

/** What else may be said of a span; `root: true` is one that has no parent. */
export interface WithSpanOptions extends Pick<SpanOptions, 'kind' | 'links' | 'root'> {
  /** Who makes it; the global provider's tracer `aio-ts` if left out. */
  readonly tracer?: Tracer
}

/** The name of the tracer and of the meter. */
export const scopeName = 'aio-ts'

/** What the API's provider hands on to as long as no SDK is registered. */
const nobody = /* @__PURE__ */ (() => new ProxyTracerProvider().getDelegate())()

/**
 * Whether no SDK is registered for the global provider: then the span, and the task around it, need not be
 * made.
 */
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
 * Runs `self` as a span of that name: each run is one, also each try of a `retry`. Its parent is the span in
 * which the fiber is; what `self` does, and every fiber that it starts, is in it, also after it has ended.
 *
 * It ends when `self` has, finalizers included, and is never left open. Its status is unset after success and
 * after an interruption, which is nobody's fault, and an error after a failure or a defect. Of each reason
 * there is an event: `exception`, or `aio.interrupted` with the interrupting fiber (`aio.interrupted.by`) and
 * whether there was a late result (`aio.interrupted.result`). Its attributes are yours, `aio.fiber.id`,
 * `aio.fiber.name`, `aio.outcome` (`success`, `failure`, `defect`, `interruption`) and `error.type`.
 *
 * Fails as `self` does. Where no SDK is registered it is close to free.
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
      // The finalizer that ends the span is registered before the span starts, so that nothing can happen in
      // between.
      return Task.onExit<E, A, never>((exit) => {
        if (span === undefined) return Task.unit
        try {
          tellOutcome(span, exit)
        } finally {
          // Also where an SDK throws.
          span.end()
        }
        return Task.unit
      })(Task.flatMap(begin)(Task.currentFiber))
    })
