// `aio-ts/otel`: spans and contexts change nothing of a task's types; what is registered gives back its undo.
import type { Context, ContextManager, Meter, Span, Tracer } from '@opentelemetry/api'
import type { Task } from 'aio-ts'
import type { LocalExecutor } from 'aio-ts/executor'
import {
  type Carrier,
  contextOf,
  currentCarrier,
  currentContext,
  currentSpan,
  executorMetrics,
  FiberContextManager,
  fiberEvents,
  fiberMetrics,
  withCarrier,
  withContext,
  withSpan
} from 'aio-ts/otel'
import { expectAssignable, expectError, expectType } from 'tsd'
import { type HttpError, loaded } from './fixtures.js'

declare const tracer: Tracer
declare const meter: Meter
declare const context: Context
declare const manager: ContextManager

expectType<Task.Task<HttpError, string>>(withSpan('load')(loaded))
expectType<Task.Task<HttpError, string>>(
  withSpan('load', { rows: 3, tags: ['a'] }, { tracer, root: true })(loaded)
)
expectType<Task.Task<HttpError, string>>(withContext(context)(loaded))
expectError(withSpan()(loaded))
expectError(withSpan('load', { rows: {} })(loaded))
expectError(withSpan('load', {}, { kinds: 1 })(loaded))
expectError(withSpan('load')(() => loaded))
expectError(withContext()(loaded))

expectType<Task.Task<never, Context>>(currentContext)
expectType<Task.Task<never, Span | undefined>>(currentSpan)
expectError(contextOf(context))
expectType<Task.Task<never, Carrier>>(currentCarrier)
expectType<Task.Task<HttpError, string>>(withCarrier({ traceparent: '' })(loaded))
expectError(withCarrier({ traceparent: 1 }))
expectType<() => void>(fiberEvents({ unnamed: true }))

expectAssignable<ContextManager>(new FiberContextManager(manager).enable())
expectError(new FiberContextManager())

expectType<() => void>(fiberMetrics())
expectType<() => void>(fiberMetrics({ meter, durations: true }))
expectError(fiberMetrics({ duration: true }))

declare const executor: LocalExecutor<{ add: (a: number, b: number) => number }>
expectType<() => void>(executorMetrics(executor, 'sums', { meter }))
expectType<number | undefined>(executor.load.running)
expectError(executorMetrics(executor))
expectError(executorMetrics({}, 'sums'))
