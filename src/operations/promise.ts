/** A promise as a Task. */
import { type AbortControllerLike, type AbortSignal, host } from '../data/host.js'
import { checkFunction, isThenable, show } from '../data/show.js'
import type { FiberState } from '../runtime/fiber-state.js'
import type { Enter } from '../runtime/steps.js'
import { afterStopping } from '../runtime/stopping.js'
import { die, fail, succeed, suspend } from '../task/construct.js'
import { leaf, type Node, nodeOf, Op, type Task } from '../task/task.js'
import { ExternalWait } from './external-wait.js'

type OnRejected = ((reason: unknown) => unknown) | undefined

class PromiseWait extends ExternalWait {
  private controller: AbortControllerLike | undefined = undefined

  constructor(
    fiber: FiberState,
    private readonly onRejected: OnRejected
  ) {
    super(fiber)
  }

  get on(): string {
    return 'promise'
  }

  start(f: (signal?: AbortSignal) => unknown): Node | undefined {
    let result: unknown
    try {
      if (f.length > 0) {
        this.controller = new host.AbortController()
        result = f(this.controller.signal)
      } else result = f()
      if (!isThenable(result)) return nodeOf(this.immediate(result))
      // The host's own `then` reacts from the bottom of the stack alone; others may call from anywhere.
      const isAlone = result.then === nativeThen
      result.then(
        (value) => {
          if (!this.settled) this.settle(succeed(value), isAlone)
        },
        (reason) => {
          if (!this.settled) this.settle(this.rejected(reason), isAlone)
        }
      )
    } catch (thrown) {
      // A promise that answered before its `then` threw has answered.
      if (!this.settled) this.settle(this.rejected(thrown))
    }
    return this.begin()
  }

  /** `tryCatch` takes a plain value as well; `promise` has no type for one. */
  private immediate(value: unknown): Task<unknown, unknown> {
    if (this.onRejected !== undefined) return succeed(value)
    return die(
      new TypeError(`Task.promise: expected a promise, got ${show(value)}; Task.sync is for plain values`)
    )
  }

  cancel(): undefined {
    this.settled = true
    const { controller } = this
    if (controller !== undefined) afterStopping(() => controller.abort())
  }

  /** `onRejected` is the user's: it runs in the fiber, where what it throws is a defect. */
  private rejected(reason: unknown): Task<unknown, unknown> {
    const { onRejected } = this
    return onRejected === undefined ? die(reason) : suspend(() => fail(onRejected(reason)))
  }
}

const nativeThen: unknown = /* @__PURE__ */ (() => Promise.prototype.then)()

const enterPromise: Enter = (fiber, node) =>
  new PromiseWait(fiber, node.c as OnRejected).start(node.b as (signal?: AbortSignal) => unknown)

/**
 * A promise, or a synchronous function, whose rejection or throw is expected: `onRejected` says which error it is.
 *
 * `signal` aborts when the fiber is interrupted; the interruption does not wait for the promise, whose later end is ignored. Only
 * a function that declares a parameter is given a signal: making one costs more than all the rest.
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
  onRejected: (reason: unknown) => E
): Task<E, A> => {
  const wrong = checkFunction('Task.tryCatch', 'a function that gives the error', onRejected)
  return wrong === undefined ? leaf(Op.Enter, enterPromise, f, onRejected) : die(wrong)
}

/**
 * A promise whose rejection is a defect. As for `tryCatch`, `signal` aborts when the fiber is interrupted, and is made only for
 * a function that declares it.
 */
export const promise = <A>(f: (signal: AbortSignal) => PromiseLike<A>): Task<never, A> =>
  leaf(Op.Enter, enterPromise, f)
