/**
 * A context manager that wraps another one. It is kept for programs written before fibers ran in the host's
 * async contexts.
 *
 * OpenTelemetry's API only knows `context.with(context, f)`, but a fiber is not a call: it suspends in the
 * middle of a span while other fibers run. This class used to activate the context of a fiber for each of its
 * turns. Now every fiber runs in an async context in which the inner manager has the fiber's context active
 * (context.ts), so this class only delegates.
 */
import type { Context, ContextManager } from '@opentelemetry/api'
import { expected } from '../data/check-input.js'
import { managers } from './context.js'

/**
 * A context manager that delegates to an inner one. With any manager that is built on the host's async
 * contexts, such as the stock `AsyncLocalStorageContextManager`, `context.active()` within a fiber returns
 * the context of that fiber, also after an `await` in code that the fiber started. A fiber that `runTask` or
 * a similar function starts begins in the context that is active at that call. New programs therefore only
 * need the stock manager.
 *
 * This class adds one thing: fibers activate their context in it from `enable()`, which registration calls,
 * until `disable()`, which `context.disable()` calls, even if it is not registered globally. A context that a
 * fiber entered before `enable()` is not active in the manager. A turn of a fiber costs nothing extra.
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
