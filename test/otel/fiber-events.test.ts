/** `fiberEvents`: the fibers that were started in a span, as events of it. */
import { diag } from '@opentelemetry/api'
import { type Fiber, runFork, runTask, Task } from 'aio-ts'
import { fiberEvents, withSpan } from 'aio-ts/otel'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, expect, test } from 'vitest'
import { useTraces } from './support.js'

const traces = useTraces()
const undos: Array<() => void> = []
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})
const listen = (options?: Parameters<typeof fiberEvents>[0]) => {
  const stop = fiberEvents(options)
  undos.push(stop)
  return stop
}
const eventsOf = (name: string) =>
  traces.span(name).events.map(({ name: event, attributes = {} }) => {
    const { 'aio.fiber.name': fiber = 'a fiber', 'aio.outcome': outcome = '' } = attributes
    expect(attributes['aio.fiber.id']).toEqual(expect.any(Number))
    return `${event} ${fiber} ${outcome}`.trim()
  })

const spawning = (task: Task.Task<never, void>, name?: string) =>
  Task.withGroup((group) =>
    Task.flatMap((fiber: Fiber<never, void>) => fiber.wait())(
      group.spawn(task, name === undefined ? {} : { name })
    )
  )

test('a fiber with a name is an event of its span as it starts and as it ends', async () => {
  listen()
  await runTest(
    pipe(
      spawning(Task.sleep(1), 'loader'),
      Task.flatMap(() => spawning(Task.interrupt, 'stopped')),
      Task.flatMap(() => withSpan('inner')(spawning(Task.sleep(1), 'of inner'))),
      Task.flatMap(() => Task.all([Task.unit])),
      withSpan('outer')
    )
  )
  expect(eventsOf('outer')).toEqual([
    'aio.fiber.started loader',
    'aio.fiber.ended loader success',
    'aio.fiber.started stopped',
    'aio.fiber.ended stopped interruption'
  ])
  expect(eventsOf('inner')).toEqual(['aio.fiber.started of inner', 'aio.fiber.ended of inner success'])
})

test('a fiber without a name is an event if the option says so', async () => {
  listen({ unnamed: true })
  await runTest(withSpan('outer')(Task.all([Task.unit])))
  expect(eventsOf('outer')).toEqual(['aio.fiber.started a fiber', 'aio.fiber.ended a fiber success'])
})

test('a span that has ended receives no event', async () => {
  const warnings: Array<string> = []
  const silent = () => undefined
  const warn = (text: string) => void warnings.push(text)
  diag.setLogger({ verbose: silent, debug: silent, info: silent, warn, error: warn })
  undos.push(() => diag.disable())
  listen()
  await runTest(
    Task.withGroup((group) =>
      pipe(
        group.spawn(Task.sleep(10), { name: 'long' }),
        withSpan('spawner'),
        Task.flatMap((fiber) => fiber.join())
      )
    )
  )
  expect(eventsOf('spawner')).toEqual(['aio.fiber.started long'])
  // An SDK tells of whoever speaks to a span that has ended.
  expect(warnings).toEqual([])
})

test('a fiber that existed before has no start event, and no fiber has events after the removal', async () => {
  const early = runFork(pipe(spawning(Task.sleep(1), 'early'), withSpan('outer')))
  await runTask(Task.yieldNow)
  const stop = listen()
  await runTask(early.wait())
  expect(eventsOf('outer')).toEqual(['aio.fiber.ended early success'])
  stop()
  await runTest(withSpan('later')(spawning(Task.unit, 'late')))
  expect(eventsOf('later')).toEqual([])
})
