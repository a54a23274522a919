/** `currentCarrier` and `withCarrier`: one trace on both sides of a boundary. */
import { propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { Exit, runTask, Task } from 'aio-ts'
import { job, LocalExecutor } from 'aio-ts/executor'
import { currentCarrier, currentContext, withCarrier, withSpan } from 'aio-ts/otel'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rightOf } from '../support/exits.js'
import { useTraces } from './support.js'

const traces = useTraces()
beforeEach(() => void propagation.setGlobalPropagator(new W3CTraceContextPropagator()))
afterEach(() => propagation.disable())

const jobs = {
  double: job(
    { input: t.type({ n: t.number, trace: t.record(t.string, t.string) }), output: t.number },
    ({ n, trace }) => pipe(Task.succeed(2 * n), withSpan('job'), withCarrier(trace))
  )
}

test('a job is in the trace of its caller, by JSON and by structured clone', async () => {
  const program = Task.gen(function* () {
    const executor = yield* LocalExecutor.make(jobs)
    const trace: Record<string, string> = JSON.parse(JSON.stringify(yield* currentCarrier))
    return yield* executor.call('double', { n: 4, trace })
  })
  expect(await runTask(withSpan('caller')(program))).toEqual(Exit.succeed(8))
  expect(traces.lines()).toEqual(['job < caller', 'caller'])
  expect(traces.span('job').parentSpanContext?.isRemote).toBe(true)
})

test('the fields are those of W3C, and empty without a span', async () => {
  const { exit } = await runTest(Task.all([currentCarrier, withSpan('work')(currentCarrier)]))
  const { traceId, spanId } = traces.span('work').spanContext()
  expect(exit).toEqual(Exit.succeed([{}, { traceparent: `00-${traceId}-${spanId}-01` }]))
})

test('an invalid carrier is the root, without the surrounding context', async () => {
  const read = pipe(currentContext, withCarrier({ traceparent: 'nonsense' }))
  const { exit } = await runTest(withSpan('around')(Task.zip(currentCarrier)(read)))
  const [inside, after] = rightOf(exit)
  expect(inside).toBe(ROOT_CONTEXT)
  expect(after).toHaveProperty('traceparent')
})
