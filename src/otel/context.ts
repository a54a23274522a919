/**
 * The OpenTelemetry context of a fiber: a value that goes with the fiber, and down into those that it starts.
 *
 * It is in two places. As a FiberLocal it needs no context manager. And the fiber runs in an async context in
 * which the manager, the stock one or any other that is built on the host's async contexts, has it as the
 * active one: so clients that know nothing of fibers find it.
 */
import {
  type Context,
  type ContextManager,
  context as globalContext,
  type Span,
  trace
} from '@opentelemetry/api'
import { expected } from '../data/check-input.js'
import { runIn } from '../data/host-context.js'
import { type Fiber, FiberLocal } from '../index.js'
import { FiberState } from '../runtime/fiber-state.js'
import * as Task from '../Task.js'
import { inHostContext } from '../task/host-context.js'
import { isContext, refused } from './check.js'

/** Undefined where nobody has set one: then it is what was active where the fiber was started. */
const fiberContext: FiberLocal<Context | undefined> = /* @__PURE__ */ new FiberLocal<Context | undefined>(
  undefined
)

const active = (): Context => globalContext.active()

/**
 * The context in which `fiber` is now: for hooks, which run in no fiber. Throws a TypeError at what is no
 * Fiber.
 */
export function contextOf(fiber: Fiber<unknown, unknown>): Context {
  const state: unknown = fiber
  if (!(state instanceof FiberState)) throw expected('contextOf', 'a Fiber', fiber)
  return fiberContext.of(fiber) ?? runIn(state.context, active, undefined, undefined)
}

/** The managers that are enabled and may be registered nowhere. */
export const managers: Set<ContextManager> = /* @__PURE__ */ new Set<ContextManager>()

/** Calls `f` where the managers have `context` as the active one; not where none of them can show it. */
function whereActive(context: Context, f: () => void): void {
  let call = (): void => {
    if (active() === context || [...managers].some((manager) => manager.active() === context)) f()
  }
  for (const manager of managers) {
    const inner = call
    call = () => manager.with(context, inner)
  }
  globalContext.with(context, call)
}

/** `self` in `context`. */
export const inContext = <E, A>(self: Task.Task<E, A>, context: Context): Task.Task<E, A> =>
  fiberContext.locally(context)(inHostContext((capture) => whereActive(context, capture), self))

/**
 * Runs `self`, and the fibers that it starts, in `context`: one that came over the wire, or the one that is
 * active where the program is entered. Interruption, failures and order are those of `self`.
 *
 * ```ts
 * import { context } from '@opentelemetry/api'
 * import { withContext, withSpan } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * // The span's parent is whatever is active here.
 * await runTask(pipe(Task.sleep(1), withSpan('work'), withContext(context.active())))
 * ```
 */
export const withContext =
  (context: Context) =>
  <E, A>(self: Task.Task<E, A>): Task.Task<E, A> =>
    refused('withContext', self, context, 'a Context', isContext) ?? inContext(self, context)

/** The context of the fiber that runs it: `ROOT_CONTEXT` where there is no other. */
export const currentContext: Task.Task<never, Context> = /* @__PURE__ */ Task.map(
  (found: Context | undefined) => found ?? active()
)(fiberContext.get)

/**
 * The span that the fiber is in, to give it attributes and events; undefined where it is in none.
 *
 * ```ts
 * import { currentSpan } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const note = pipe(currentSpan, Task.map((span) => span?.setAttribute('rows', 3)))
 * console.log(await runTask(note)) // => { _tag: 'Right', right: undefined }
 * ```
 */
export const currentSpan: Task.Task<never, Span | undefined> = /* @__PURE__ */ Task.map((found: Context) =>
  trace.getSpan(found)
)(currentContext)
