/**
 * Waiting for what is not a fiber: a callback, a promise, a timer. Each may answer twice, at once, late or never; each counts once.
 */
import { type AbortControllerLike, type AbortSignal, host } from '../data/host.js'
import { show } from '../data/show.js'
import { die, fail, succeed, suspend, unit } from '../task/construct.js'
import { isTask, type Node, nodeOf, Op, type Task } from '../task/task.js'
import { HostClock, type Timer } from './clock.js'
import type { FiberState } from './fiber-state.js'
import type { Wait } from './wait.js'

const asTask = (value: unknown, where: string): Task<unknown, unknown> =>
  isTask(value) ? value : die(new TypeError(`${where}: expected a Task, got ${show(value)}`))

abstract class ExternalWait implements Wait {
  abstract get on(): string
  /** Whether it has been answered, or nobody wants an answer any more. */
  protected settled = false
  /** The answer, where it came while the work was being started. */
  protected early: Node | undefined = undefined

  constructor(protected readonly fiber: FiberState) {}

  get carries(): boolean {
    return false
  }

  get branch(): undefined {
    return undefined
  }

  abstract cancel(): Task<unknown, unknown> | undefined

  /** The first answer counts. */
  protected settle(answer: Task<unknown, unknown>): void {
    this.settled = true
    if (this.fiber.waiting === this) this.fiber.wake(answer)
    else this.early = nodeOf(answer)
  }

  /** The work is under way: the answer that it gave already, or undefined, from where on the fiber waits. */
  protected begin(): Node | undefined {
    if (!this.settled) this.fiber.waiting = this
    return this.early
  }
}

type Register = (resume: (task: unknown) => void) => unknown

type OnRejected = ((reason: unknown) => unknown) | undefined

/** For `Task.async`. */
class AsyncWait extends ExternalWait {
  private canceller: Task<unknown, unknown> | undefined = undefined

  get on(): string {
    return 'async'
  }

  register(register: Register): Node | undefined {
    let canceller: unknown
    try {
      canceller = register((task) => {
        if (!this.settled) this.settle(asTask(task, 'resume of Task.async'))
      })
    } catch (thrown) {
      this.settled = true
      throw thrown
    }
    if (canceller !== undefined && !isTask(canceller)) {
      this.settled = true
      throw new TypeError(
        `Task.async: expected the register to return a Task that cancels, or nothing, got ${show(canceller)}`
      )
    }
    this.canceller = canceller
    return this.begin()
  }

  cancel(): Task<unknown, unknown> | undefined {
    this.settled = true
    return this.canceller
  }
}

/** For `Task.promise` and `Task.tryCatch`. */
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
      result.then(
        (value) => {
          if (!this.settled) this.settle(succeed(value))
        },
        (reason) => {
          if (!this.settled) this.settle(this.rejected(reason))
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
    this.controller?.abort()
  }

  /** `onRejected` is the user's: it runs in the fiber, where what it throws is a defect. */
  private rejected(reason: unknown): Task<unknown, unknown> {
    const { onRejected } = this
    return onRejected === undefined ? die(reason) : suspend(() => fail(onRejected(reason)))
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== null &&
  (typeof value === 'object' || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function'

/** For `Task.sleep`. */
class SleepWait extends ExternalWait implements Timer {
  at = 0
  order = 0
  place = -1
  /** Where the clock is not the host's. */
  private undo: (() => void) | undefined = undefined

  constructor(
    fiber: FiberState,
    private readonly ms: number
  ) {
    super(fiber)
  }

  get on(): string {
    return `sleep ${this.ms}ms`
  }

  start(): Node | undefined {
    const { clock } = this.fiber.runtime
    if (clock instanceof HostClock) clock.add(this, this.ms)
    else this.undo = clock.setTimer(this.ms, () => this.fire())
    return this.begin()
  }

  fire(): void {
    if (!this.settled) this.settle(unit)
  }

  cancel(): undefined {
    this.settled = true
    const { clock } = this.fiber.runtime
    if (clock instanceof HostClock) clock.cancel(this)
    else this.undo?.()
  }
}

/** For `Task.never`: nobody answers, and there is nothing to undo, so that one serves all. */
const forEver: Wait = { on: 'never', carries: false, branch: undefined, cancel: () => undefined }

/** Starts the work of an `Async`, `Try`, `Sleep` or `Never` node. Gives its answer, or undefined having begun to wait. */
export function beginWait(fiber: FiberState, node: Node): Node | undefined {
  switch (node.op) {
    case Op.Never:
      fiber.waiting = forEver
      return undefined
    case Op.Async:
      return new AsyncWait(fiber).register(node.a as Register)
    case Op.Try:
      return new PromiseWait(fiber, node.b as OnRejected).start(node.a as (signal?: AbortSignal) => unknown)
    default:
      return new SleepWait(fiber, node.a as number).start()
  }
}
