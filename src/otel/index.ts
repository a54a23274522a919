/**
 * The public module `aio-ts/otel`: spans, context propagation and metrics for programs that use
 * OpenTelemetry.
 */
export { type Carrier, currentCarrier, withCarrier } from './carrier.js'
export { contextOf, currentContext, currentSpan, withContext } from './context.js'
export { FiberContextManager } from './context-manager.js'
export { type ExecutorMetricsOptions, executorMetrics } from './executor-metrics.js'
export { type FiberEventsOptions, fiberEvents } from './fiber-events.js'
export { type FiberMetricsOptions, fiberMetrics } from './metrics.js'
export { type WithSpanOptions, withSpan } from './span.js'
