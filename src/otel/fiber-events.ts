/** Records the start and the end of fibers as events on the span in which they are started. */
import { type Attributes, trace } from '@opentelemetry/api'
import { expected } from '../data/check-input.js'
import type { LiveFiber } from '../index.js'
import { addInternalHooks } from '../runtime/add-hooks.js'
import { isOptionsObject } from './check.js'
import { contextOf } from './context.js'
import { outcomeAttributeOf } from './outcome.js'

export interface FiberEventsOptions {
  /**
   * Whether to also record fibers without a name, such as those of `Task.all`. The default is false, since a
   * span has room for a few hundred events only.
   */
  readonly unnamed?: boolean
}

/**
 * Adds events to each span for the fibers that are started in it, until the returned function is called:
 * `aio.fiber.started`, and `aio.fiber.ended` if the span has not ended before. The attributes are
 * `aio.fiber.id`, `aio.fiber.name` and, on the end event, `aio.outcome`. A fiber outside any recording span
 * costs one lookup of its context.
 *
 * ```ts
 * import { fiberEvents, withSpan } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const stop = fiberEvents()
 * const program = Task.withGroup((group) =>
 *   pipe(group.spawn(Task.sleep(1), { name: 'loader' }), Task.flatMap((fiber) => fiber.join()))
 * )
 * await runTask(pipe(program, withSpan('load'))) // the span has two events, both of the loader
 * stop()
 * ```
 */
export function fiberEvents(options: FiberEventsOptions = {}): () => void {
  if (!isOptionsObject(options)) throw expected('fiberEvents', 'an object of options', options)
  const { unnamed } = options
  const emitEvent = (event: string, fiber: LiveFiber, attributes: Attributes): void => {
    if (fiber.name === undefined && unnamed !== true) return
    const span = trace.getSpan(contextOf(fiber))
    if (span === undefined || !span.isRecording()) return
    const name = fiber.name === undefined ? {} : { 'aio.fiber.name': fiber.name }
    span.addEvent(event, { 'aio.fiber.id': fiber.id, ...name, ...attributes })
  }
  // Existing fibers are replayed when the hooks are added. They were started before, so they get no event.
  let isThere = true
  const undo = addInternalHooks({
    fiberStarted: (fiber) => {
      if (!isThere) emitEvent('aio.fiber.started', fiber, {})
    },
    fiberEnded: (fiber, exit) =>
      emitEvent('aio.fiber.ended', fiber, { 'aio.outcome': outcomeAttributeOf(exit) })
  })
  isThere = false
  return undo
}
