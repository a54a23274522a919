/**
 * Runs a promise as a Task, and decides what happens to the promise when its fiber is interrupted.
 *
 * A function that takes the signal declares that it ends when the signal aborts, so the interruption
 * waits for its promise. Then everything that the function had opened is closed when finalizers run,
 * and a value that it still returns is not lost. Any other promise cannot be stopped, and is abandoned.
 */

import { die, fail, succeed, suspend } from '../core/construct.js'
import { make, type Node, nodeOf, Op, primitive, type Task } from '../core/node.js'
import { checkFunction, describeValue, expected, isThenable } from '../data/check-input.js'
import { left, none, right, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { type AbortControllerLike, type AbortSignal, host } from '../data/host.js'
import { runIn } from '../data/host-context.js'
import { isNative } from '../data/promises.js'
import type { Cause } from '../data/reasons.js'
import { afterStopping } from '../runtime/cancellation.js'
import type { StartOp } from '../runtime/continuation.js'
import { blank, type FiberState } from '../runtime/fiber-state.js'
import { setQuietTimer } from '../runtime/host/clock.js'
import type { Stopped } from '../runtime/wait.js'
import { catchCause } from './catch-cause.js'
import { ExternalWait } from './external-wait.js'

/** Options of `Task.promise` and `Task.tryCatch`. */
export interface PromiseOptions {
  /**
   * What an interruption does while the promise is pending. With 'wait' it waits until the promise has
   * settled; this is the default if the function takes the signal. With 'abandon' it does not wait,
   * and the result of the promise is ignored; this is the default if the function takes no signal.
   */
  readonly onInterrupt?: 'wait' | 'abandon'
}

type OnRejected = ((reason: unknown) => unknown) | undefined

/** Milliseconds after the abort at which a warning is printed if the promise has not settled. */
const patienceMs = 5000

const noWarning = (): void => undefined

/**
 * Waits that have ended, to be used again: the two functions that a promise needs cost more than the rest of a
 * wait. Only the host's own promises are awaited with them, since those call one function, once.
 */
const unusedWaits: Array<PromiseWait> = []
const mostUnusedWaits = 128

class PromiseWait extends ExternalWait {
  /** Whether the promise is one of the host, which calls back only from the bottom of the stack. */
  private isNative = false
  private controller: AbortControllerLike | undefined = undefined
  private onRejected: OnRejected = undefined
  private onInterrupt: PromiseOptions['onInterrupt'] = undefined
  /**
   * Cancels the warning. Set exactly while the fiber is
   * interrupted and the interruption waits for the promise.
   */
  private cancelWarning: (() => void) | undefined = undefined

  private readonly onValue = (value: unknown): void => {
    if (this.settled) return
    if (this.returnsStopped) this.settle(stopped(right(value)))
    else this.answer(succeed(value))
  }

  private readonly onReason = (reason: unknown): void => {
    if (this.settled) return
    if (this.returnsStopped) this.settle(this.late(reason))
    else this.answer(rejected(reason, this.onRejected))
  }

  get on(): string {
    return this.returnsStopped ? 'promise (aborted, not settled)' : 'promise'
  }

  get returnsStopped(): boolean {
    return this.cancelWarning !== undefined
  }

  static await(
    fiber: FiberState,
    promise: PromiseLike<unknown>,
    onRejected: OnRejected,
    onInterrupt: PromiseOptions['onInterrupt'],
    controller: AbortControllerLike | undefined
  ): Node | undefined {
    const isHosts = isNative(promise)
    const wait = (isHosts ? unusedWaits.pop() : undefined) ?? new PromiseWait(fiber)
    wait.fiber = fiber
    wait.isNative = isHosts
    wait.onRejected = onRejected
    wait.onInterrupt = onInterrupt
    wait.controller = controller
    try {
      promise.then(wait.onValue, wait.onReason)
    } catch (thrown) {
      // If the promise answered before its `then` threw, the answer counts.
      if (!wait.settled) wait.settle(rejected(thrown, onRejected))
    }
    return wait.begin()
  }

  /** Passes on an answer that arrived while the fiber was not interrupted. */
  private answer(answer: Task<unknown, unknown>): void {
    const { fiber } = this
    if (this.isNative) {
      // The fiber may start within this call, and wait for its next promise with this wait.
      if (unusedWaits.length < mostUnusedWaits) {
        this.controller = this.onRejected = undefined
        this.fiber = blank
        unusedWaits.push(this)
      }
      fiber.wake(answer, true)
    } else this.settle(answer)
  }

  protected override settle(answer: Task<unknown, unknown>): void {
    this.cancelWarning?.()
    super.settle(answer, this.isNative)
  }

  // ---- interrupted

  cancel(): Task<unknown, unknown> | undefined {
    const { controller, fiber, onInterrupt } = this
    const waits = onInterrupt === 'wait' || (onInterrupt === undefined && controller !== undefined)
    if (waits) this.cancelWarning = noWarning
    else this.settled = true
    // The listeners of the signal are code of the user, and any code may have requested the interruption.
    if (controller !== undefined) afterStopping(() => runIn(fiber.context, abort, controller, undefined))
    return waits ? make(Op.Park, waitUntilSettled, this) : undefined
  }

  /** Waits until the promise has settled. A promise that reacts to the abort at once has settled by now. */
  waitUntilSettled(): Node | undefined {
    if (!this.settled)
      this.cancelWarning = setQuietTimer(this.fiber.runtime.clock, patienceMs, () => this.warn())
    return this.begin()
  }

  /**
   * Returns the answer for a rejection after the interruption, which may only mean that the abort has worked.
   */
  private late(reason: unknown): Task<unknown, unknown> {
    const signal = this.controller?.signal
    if (signal?.aborted === true && (reason === signal.reason || isAbort(reason))) return stopped()
    return catchCause((cause: Cause<unknown>) => stopped(left(cause)))(rejected(reason, this.onRejected))
  }

  private warn(): void {
    const { id, name } = this.fiber
    const title = name === undefined ? id : `${id} ${name}`
    host.console.warn(
      `aio-ts: fiber #${title} was interrupted 5 s ago and still waits for ${this.on}: ` +
        "settle it when the signal aborts, or pass onInterrupt: 'abandon'"
    )
  }
}

const waitUntilSettled = (_fiber: FiberState, wait: PromiseWait): Node | undefined => wait.waitUntilSettled()

const abort = (controller: AbortControllerLike): void => controller.abort()

/** Returns the report with which the interruption continues once the promise has settled. */
const stopped = (late?: Exit<unknown, unknown>): Task<never, Stopped> =>
  succeed({ lateResult: late === undefined ? none : some(late), failedCleanups: undefined })

/**
 * Whether `reason` is the error with which the platform and most
 * libraries react to an abort, or the one of axios. Never throws.
 */
function isAbort(reason: unknown): boolean {
  try {
    const { name, code } = reason as { readonly name?: unknown; readonly code?: unknown }
    return name === 'AbortError' || code === 'ERR_CANCELED'
  } catch {
    // `reason` is undefined or null, or has a getter that throws.
    return false
  }
}

/** Calls the user's `onRejected` in the fiber, where an exception is a defect. */
const rejected = (reason: unknown, onRejected: OnRejected): Task<unknown, unknown> =>
  onRejected === undefined ? die(reason) : suspend(() => fail(onRejected(reason)))

/** Returns the answer for a plain value: `tryCatch` also accepts one; the type of `promise` does not. */
const immediate = (value: unknown, onRejected: OnRejected): Task<unknown, unknown> =>
  onRejected === undefined
    ? die(
        new TypeError(
          `Task.promise: expected a promise, got ${describeValue(value)}; Task.sync is for plain values`
        )
      )
    : succeed(value)

/** Waits for a promise that exists already. It cannot be stopped: an interruption abandons it. */
export const waitForPromise = (fiber: FiberState, promise: PromiseLike<unknown>): Node | undefined =>
  PromiseWait.await(fiber, promise, undefined, 'abandon', undefined)

const entering =
  (onInterrupt: PromiseOptions['onInterrupt']): StartOp<Starting['start'], OnRejected> =>
  (fiber, { b: start, c: onRejected }) => {
    let controller: AbortControllerLike | undefined
    let result: unknown
    try {
      if (start.length > 0) {
        controller = new host.AbortController()
        result = start(controller.signal)
      } else result = start()
      if (!isThenable(result)) return nodeOf(immediate(result, onRejected))
    } catch (thrown) {
      return nodeOf(rejected(thrown, onRejected))
    }
    return PromiseWait.await(fiber, result, onRejected, onInterrupt, controller)
  }

/** A user's function that returns a promise. Declared as a method, so that one that needs the signal fits. */
interface Starting {
  start(signal?: AbortSignal): unknown
}

const enterPromise: StartOp<Starting['start'], OnRejected> = /* @__PURE__ */ entering(undefined)

const build = <E, A>(
  where: string,
  f: (signal: AbortSignal) => PromiseLike<A> | A,
  onRejected: OnRejected,
  options: PromiseOptions | undefined
): Task<E, A> => {
  const how = options?.onInterrupt
  const wrong =
    checkFunction(where, 'a function that gives a promise', f) ??
    (how === undefined || how === 'wait' || how === 'abandon'
      ? undefined
      : expected(where, "onInterrupt to be 'wait' or 'abandon'", how))
  if (wrong !== undefined) return die(wrong)
  // A node has room for two more arguments, and most programs omit the third.
  return primitive(Op.Enter, how === undefined ? enterPromise : entering(how), f, onRejected)
}

/**
 * Runs a promise, or a synchronous function, whose rejection or
 * exception is expected: `onRejected` converts it into a typed error.
 *
 * `signal` aborts when the fiber is interrupted, and the interruption then waits until the promise has
 * settled. `fetch` and most clients reject at once, with the reason of the signal or an AbortError, which
 * does not count as a failure. Any other rejection, or a value, is a late result: `timeout` ends with it
 * instead of TimeoutError, and the `Interrupt` of an exit contains it. With `onInterrupt: 'abandon'` the
 * interruption does not wait, and the result of the promise is ignored; this also holds for a function that
 * takes no signal, unless `onInterrupt` is 'wait'. After 5 seconds of waiting, a warning is printed once.
 *
 * Only a function that declares a parameter receives a signal: creating one costs more than everything else.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const parse = (text: string) => Task.tryCatch(() => JSON.parse(text), () => 'not JSON')
 * console.log(await runTask(parse('{'))) // => { _tag: 'Left', left: 'not JSON' }
 * ```
 */
export const tryCatch = <E, A>(
  f: (signal: AbortSignal) => PromiseLike<A> | A,
  onRejected: (reason: unknown) => E,
  options?: PromiseOptions
): Task<E, A> => {
  const wrong = checkFunction('Task.tryCatch', 'a function that gives the error', onRejected)
  return wrong === undefined ? build('Task.tryCatch', f, onRejected, options) : die(wrong)
}

/**
 * Runs a promise whose rejection is a defect. An interruption has the same effect as for `tryCatch`:
 * if `f` takes the signal, the signal aborts and the interruption waits until the promise has settled.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { setTimeout } from 'node:timers/promises'
 *
 * const slow = Task.promise((signal) => setTimeout(1000, 'done', { signal }))
 * console.log(await runTask(pipe(slow, Task.timeout(1), Task.mapError((error) => error._tag))))
 * // => { _tag: 'Left', left: 'TimeoutError' }
 * ```
 */
export const promise = <A>(
  f: (signal: AbortSignal) => PromiseLike<A>,
  options?: PromiseOptions
): Task<never, A> => build('Task.promise', f, undefined, options)
