/** The real SDK, in memory, for one test at a time. */
import { type ContextManager, context, metrics, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type Span,
  type SpanProcessor
} from '@opentelemetry/sdk-trace-base'
import { FiberContextManager } from 'aio-ts/otel'
import { afterEach, beforeEach } from 'vitest'

/** The one that everybody has. */
export const stockManager = (): ContextManager => new AsyncLocalStorageContextManager()

/** The managers that are to show host code the context of the fiber that has its turn. */
export const contextManagers: ReadonlyArray<readonly [name: string, make: () => ContextManager]> = [
  ['AsyncLocalStorageContextManager', stockManager],
  ['FiberContextManager', () => new FiberContextManager(stockManager())]
]

/** How many spans have been begun, and how often each was ended. */
class Count implements SpanProcessor {
  started = 0
  ended = 0
  onStart(_span: Span): void {
    this.started++
  }
  onEnd(): void {
    this.ended++
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export interface Traces {
  readonly exporter: InMemorySpanExporter
  readonly count: Count
  /** Those that have ended, in order. */
  spans(): ReadonlyArray<ReadableSpan>
  span(name: string): ReadableSpan
  /** `child < parent < grandparent`, of each span, in order of their ends. */
  lines(): ReadonlyArray<string>
}

/** Registers a provider before each test of the file, and takes all away after it. */
export function useTraces(options: { readonly contexts?: () => ContextManager } = {}): Traces {
  const exporter = new InMemorySpanExporter()
  const count = new Count()
  beforeEach(() => {
    exporter.reset()
    count.started = 0
    count.ended = 0
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [count, new SimpleSpanProcessor(exporter)] })
    )
    if (options.contexts !== undefined) context.setGlobalContextManager(options.contexts().enable())
  })
  afterEach(() => {
    trace.disable()
    context.disable()
    metrics.disable()
  })
  const spans = () => exporter.getFinishedSpans()
  const lineOf = (span: ReadableSpan): string => {
    const parent = spans().find(
      (other) => other.spanContext().spanId === span.parentSpanContext?.spanId && other !== span
    )
    return parent === undefined ? span.name : `${span.name} < ${lineOf(parent)}`
  }
  return {
    exporter,
    count,
    spans,
    span: (name) => {
      const [found, ...others] = spans().filter((span) => span.name === name)
      if (found === undefined || others.length > 0) {
        throw new Error(`${others.length + Number(found !== undefined)} spans are called ${name}`)
      }
      return found
    },
    lines: () => spans().map(lineOf)
  }
}

/** What a span says of its end. */
export const toldBy = ({ status, events, attributes }: ReadableSpan) => ({
  status: SpanStatusCode[status.code],
  events: events.map(({ name, attributes: of }) => {
    const what = of?.['exception.message'] ?? of?.['aio.interrupted.by']
    return what === undefined ? name : `${name} ${what}`
  }),
  outcome: attributes['aio.outcome']
})
