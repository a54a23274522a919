/**
 * The OpenTelemetry context of a fiber: a value that goes with the fiber, and down into those that it starts.
 *
 * The fiber's own is what counts. What the host's code sees as active is a copy of it, which a `FiberContextManager` brings up to date
 * where a turn begins and where the context changes in the middle of one.
 */
import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { expected } from '../data/show.js'
import { type Fiber, FiberLocal } from '../index.js'
import { FiberState } from '../runtime/fiber-state.js'
import * as Task from '../Task.js'
import { isContext, refused } from './check.js'

/** Undefined where nobody has set one: that is the root. */
export const fiberContext: FiberLocal<Context | undefined> = /* @__PURE__ */ new FiberLocal<
  Context | undefined
>(undefined)

/** The context in which `fiber` is now: for hooks, which run in no fiber. Throws a TypeError at what is no Fiber. */
export function contextOf(fiber: Fiber<unknown, unknown>): Context {
  const record: unknown = fiber
  if (!(record instanceof FiberState)) throw expected('contextOf', 'a Fiber', fiber)
  return fiberContext.of(fiber) ?? ROOT_CONTEXT
}

/** Who shows the context of the fiber that has its turn to the host's code. */
export interface Display {
  /** The context of that fiber may have changed. */
  refresh(): void
}

/** Those that are enabled. */
export const displays: Set<Display> = /* @__PURE__ */ new Set<Display>()

const refresh = (): void => {
  for (const display of displays) display.refresh()
}

/** `self` in `context`; the displays follow. What is around it has to call `leaveContext` when it has ended. */
export const inContext = <E, A>(self: Task.Task<E, A>, context: Context): Task.Task<E, A> =>
  fiberContext.locally(context)(
    Task.suspend(() => {
      refresh()
      return self
    })
  )

/** The fiber is back in the context that it had before. Gives what a finalizer has to. */
export const leaveContext = (): Task.Task<never, void> => {
  refresh()
  return Task.unit
}

/**
 * Runs `self`, and the fibers that it starts, in `context`: one that came over the wire, or the one that is active where the program is
 * entered. Interruption, failures and order are those of `self`.
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
    refused('withContext', self, context, 'a Context', isContext) ??
    Task.onExit<E, A, never>(leaveContext)(inContext(self, context))

/** The context of the fiber that runs it: `ROOT_CONTEXT` where there is no other. */
export const currentContext: Task.Task<never, Context> = /* @__PURE__ */ Task.map(
  (found: Context | undefined) => found ?? ROOT_CONTEXT
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
