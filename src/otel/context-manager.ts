/**
 * A context manager around another one, for programs that have it from before fibers ran in the host's async
 * contexts.
 *
 * OpenTelemetry's API knows `context.with(context, f)` alone, and a fiber is no call: it waits in the middle
 * of a span, and another has its turn in between. This used to be what showed each turn the context of its
 * fiber. Now every fiber runs in an async context in which the manager inside has that as the active one
 * (context.ts), and nothing is left to do here.
 */
import type { Context, ContextManager } from '@opentelemetry/api'
import { expected } from '../data/check-input.js'
import { managers } from './context.js'

/**
 * A context manager that does what the one inside does. With any manager that is built on the host's async
 * contexts, as the stock `AsyncLocalStorageContextManager` is, `context.active()` within a fiber is the
 * context of that fiber, also after an `await` of what it has started, and a fiber that `runTask` and the
 * like start begins in the context that is active there: new programs need no more than the stock one.
 *
 * What it adds: it works from `enable()` on, which registering it calls, also where it is not registered,
 * until `disable()`, which `context.disable()` calls. A context that a fiber has entered before is not shown.
 * A turn costs nothing more.
 *
 * ```ts
 * import { context } from '@opentelemetry/api'
 * import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
 * import { FiberContextManager } from 'aio-ts/otel'
 *
 * // Or hand it to the SDK as its `contextManager`.
 * const manager = new FiberContextManager(new AsyncLocalStorageContextManager())
 * console.log(context.setGlobalContextManager(manager.enable())) // => true
 * ```
 */
export class FiberContextManager implements ContextManager {
  constructor(private readonly inner: ContextManager) {}

  active(): Context {
    return this.inner.active()
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    if (typeof fn !== 'function') throw expected('FiberContextManager.with', 'a function', fn)
    return this.inner.with(context, fn, thisArg, ...args)
  }

  bind<T>(context: Context, target: T): T {
    return this.inner.bind(context, target)
  }

  enable(): this {
    if (managers.has(this)) return this
    this.inner.enable()
    managers.add(this)
    return this
  }

  disable(): this {
    if (managers.delete(this)) this.inner.disable()
    return this
  }
}
