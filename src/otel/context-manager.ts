/**
 * Makes the context of a fiber the active one while the fiber has its turn.
 *
 * OpenTelemetry's API knows `context.with(context, f)` alone, and a fiber is no call: it waits in the middle of a span, and another
 * has its turn in between. So a store of our own is told, by hooks, whose turn it is. It is an AsyncLocalStorage: what a turn starts,
 * a promise or a callback, goes on seeing what was active where it was started, whoever has the turn by then.
 *
 * All else is left to the manager that is there anyway, by its public methods. A turn notes what that one held as active when the turn
 * began: as long as it still does, the fiber's context counts; where it does not, somebody has called `with`, and that counts.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api'
import { expected } from '../data/show.js'
import { addHooks, type LiveFiber } from '../index.js'
import { contextOf, type Display, displays, fiberContext } from './context.js'

/** What a turn shows, and to whom: all that runs with `base` active in the other manager. */
interface Shown {
  readonly base: Context
  readonly context: Context
}

/** A turn that has begun, and what stood before it. */
interface Turn {
  readonly fiber: LiveFiber
  readonly before: Shown | undefined
  /** The one within which it was begun, by `runSync`. */
  readonly outer: Turn | undefined
}

/** What the other manager is given in place of a context: an object of each call's own, so that it is no turn's `base` by chance. */
class Within implements Context {
  constructor(readonly context: Context) {}

  getValue(key: symbol): unknown {
    return this.context.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return this.context.setValue(key, value)
  }

  deleteValue(key: symbol): Context {
    return this.context.deleteValue(key)
  }
}

/**
 * The context manager for programs with fibers: built around the one for the host, which it needs for `with` and `bind`. Where a fiber
 * has its turn `context.active()` is the fiber's context, also after an `await` of what it has started; everywhere else it is what it
 * would be without. A fiber that `runTask` and its kin start begins in the context that is active there.
 *
 * It works from `enable()`, which registering it calls, to `disable()`, which `context.disable()` calls; fibers that are there already
 * have the root as their context. It costs some hundred nanoseconds a turn, more on a busy machine, so it is for programs that trace.
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
export class FiberContextManager implements ContextManager, Display {
  private readonly shown = new AsyncLocalStorage<Shown | undefined>()
  /** Set exactly while a fiber has its turn. */
  private turn: Turn | undefined = undefined
  /** Set exactly while it is enabled. */
  private undo: (() => void) | undefined = undefined

  constructor(private readonly inner: ContextManager) {}

  active(): Context {
    const inner = this.inner.active()
    const shown = this.shown.getStore()
    if (shown !== undefined && shown.base === inner) return shown.context
    return inner instanceof Within ? inner.context : inner
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    if (typeof fn !== 'function') throw expected('FiberContextManager.with', 'a function', fn)
    return this.inner.with(new Within(context), fn, thisArg, ...args)
  }

  bind<T>(context: Context, target: T): T {
    return this.inner.bind(new Within(context), target)
  }

  enable(): this {
    if (this.undo !== undefined) return this
    this.inner.enable()
    displays.add(this)
    // Nobody can say where those that are there already were started.
    let isThere = true
    this.undo = addHooks({
      fiberStarted: (fiber) => {
        if (!isThere) this.begin(fiber)
      },
      fiberResumed: (fiber) => {
        this.turn = { fiber, before: this.shown.getStore(), outer: this.turn }
        this.show(contextOf(fiber))
      },
      fiberSuspended: (fiber) => this.leave(fiber),
      fiberEnded: (fiber) => this.leave(fiber)
    })
    isThere = false
    return this
  }

  disable(): this {
    if (this.undo === undefined) return this
    this.undo()
    this.undo = undefined
    this.turn = undefined
    displays.delete(this)
    this.shown.disable()
    this.inner.disable()
    return this
  }

  refresh(): void {
    if (this.turn !== undefined) this.show(contextOf(this.turn.fiber))
  }

  /** Children have the context of the fiber that waits for them; who is started by others begins where it is started. */
  private begin(fiber: LiveFiber): void {
    const { parent } = fiber
    const isChild = parent !== undefined && !('stage' in parent)
    if (isChild || fiberContext.of(fiber) !== undefined) return
    const active = this.active()
    if (active !== ROOT_CONTEXT) fiberContext.setIn(fiber, active)
  }

  private show(context: Context): void {
    this.shown.enterWith({ base: this.inner.active(), context })
  }

  private leave(fiber: LiveFiber): void {
    // One in whose beginning another hook has enabled it has not been told of as begun.
    if (this.turn?.fiber !== fiber) return
    const { before, outer } = this.turn
    this.shown.enterWith(before)
    this.turn = outer
  }
}
