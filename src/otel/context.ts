/**
 * The OpenTelemetry context of a fiber: a value that belongs to the fiber and is inherited by the fibers that
 * it starts.
 *
 * The context is stored in two places. A FiberLocal holds it, which needs no context manager. The fiber also
 * runs in an async context in which the context manager (the stock one, or any other that is built on the
 * host's async contexts) has it active, so client libraries that know nothing about fibers find it.
 */
import {
  type Context,
  type ContextManager,
  context as globalContext,
  type Span,
  trace
} from '@opentelemetry/api'
import { pipe } from 'fp-ts/lib/function.js'
import { expected } from '../data/check-input.js'
import { runIn } from '../data/host-context.js'
import { type Fiber, FiberLocal } from '../index.js'
import { FiberState } from '../runtime/fiber-state.js'
import * as Task from '../Task.js'
import { inHostContext } from '../task/host-context.js'
import { isContext, refused } from './check.js'

/**
 * Undefined until a context is set. Then the context is the one that was active where the fiber was started.
 */
const fiberContext: FiberLocal<Context | undefined> = /* @__PURE__ */ new FiberLocal<Context | undefined>(
  undefined
)

const active = (): Context => globalContext.active()

/**
 * Returns the current context of `fiber`. Use it in hooks, which do not run in a fiber. Throws a TypeError if
 * `fiber` is not a Fiber.
 */
export function contextOf(fiber: Fiber<unknown, unknown>): Context {
  const state: unknown = fiber
  if (!(state instanceof FiberState)) throw expected('contextOf', 'a Fiber', fiber)
  return fiberContext.of(fiber) ?? runIn(state.context, active, undefined, undefined)
}

/** The managers that are enabled. They are not necessarily registered globally. */
export const managers: Set<ContextManager> = /* @__PURE__ */ new Set<ContextManager>()

/** Calls `f` while the managers have `context` active. Does not call `f` if no manager can activate it. */
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

/** Runs `self` in `context`. Does not validate its arguments. */
export const inContext = <E, A>(self: Task.Task<E, A>, context: Context): Task.Task<E, A> =>
  pipe(
    inHostContext((capture) => whereActive(context, capture), self),
    fiberContext.locally(context)
  )

/**
 * Runs `self`, and the fibers that it starts, in `context`: for example one that was received over the
 * network, or the one that is active where the program is started. Interruption, failures and order are those
 * of `self`.
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

/** The context of the fiber that runs this Task, or `ROOT_CONTEXT` if there is no other. Never fails. */
export const currentContext: Task.Task<never, Context> = /* @__PURE__ */ pipe(
  fiberContext.get,
  /* @__PURE__ */ Task.map((found) => found ?? active())
)

/**
 * The span that is active in the current fiber, to add attributes and events to it, or undefined if there is
 * none.
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
export const currentSpan: Task.Task<never, Span | undefined> = /* @__PURE__ */ pipe(
  currentContext,
  /* @__PURE__ */ Task.map((found) => trace.getSpan(found))
)
