/** Runs a task with a time limit: when the time is over, the task is interrupted and awaited. */
import { die, failCause, fromExit } from '../core/construct.js'
import { isTask, type Task } from '../core/node.js'
import { checkTime, expected } from '../data/check-input.js'
import { right } from '../data/either.js'
import { TimeoutError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { startTimer, stopTimer, type Timer } from '../runtime/host/timers.js'
import { type LateResult, lateResult, noLateResult } from '../runtime/late-result.js'
import { Children, withChildren } from './children.js'

class Timed extends Children implements Timer {
  bucket: Timer['bucket'] = undefined
  previous: Timer | undefined = undefined
  next: Timer | undefined = undefined
  undo: (() => void) | undefined = undefined
  private readonly child: FiberState
  /** The exit of the task, once it has ended. */
  private exit: Exit<unknown, unknown> | undefined = undefined
  private isTimedOut = false

  constructor(
    parent: FiberState,
    task: Task<unknown, unknown>,
    private readonly ms: number
  ) {
    super(parent)
    // This runs before the child is started: if a clock throws, nothing has been started yet.
    startTimer(parent.runtime.clock, this, ms)
    this.child = this.start(task)
  }

  protected get what(): string {
    return `timeout ${this.ms}ms`
  }

  get endsByItself(): boolean {
    return !this.stopping
  }

  fire(): void {
    // The task may have ended in this same turn; then its exit counts.
    if (this.stopping || this.exit !== undefined) return
    this.isTimedOut = true
    this.stop()
  }

  protected childEnded(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.exit = exit
    stopTimer(this.parent.runtime.clock, this)
  }

  protected override childStopped(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.exit = exit
    stopTimer(this.parent.runtime.clock, this)
  }

  protected override late(): LateResult {
    return this.exit === undefined ? noLateResult : lateResult(this.child, this.exit)
  }

  override takesLate(): boolean {
    return this.reachesThroughParent()
  }

  override takesInnerLateResult(): boolean {
    return (this.isParentInterrupted || this.isTimedOut) && this.reachesThroughParent()
  }

  protected outcome(): Task<unknown, unknown> {
    const exit = this.exit ?? right(undefined)
    if (!this.isTimedOut) return fromExit(exit)
    const { given, isFinal, rest } = lateResult(this.child, exit)
    if (given._tag === 'Some' && isFinal) return fromExit(given.value)
    const timedOut = Reasons.fail(new TimeoutError(this.ms))
    const inPart = given._tag === 'Some' ? Reasons.failedCleanupsOf(given.value) : undefined
    const whileCleaningUp = rest && Reasons.withoutInterruption(rest)
    return failCause(Reasons.combineAll([timedOut, inPart, whileCleaningUp]) ?? timedOut)
  }
}

/**
 * After `ms` milliseconds, interrupts `self` and waits until it has ended (hat.aio.wait_for).
 * If `self` still completes with a value or an error, `timeout` ends with that; a value
 * produced by an inner step of `self`, which had more to do with it, does not count.
 * Otherwise `timeout` fails with TimeoutError. If the caller is interrupted in the meantime,
 * the result of `self` is not lost either: the `Interrupt` reason of the exit contains it.
 *
 * So it can take longer than `ms`: as long as finalizers and uninterruptible regions take, and,
 * if `self` waits in `Task.promise` or `Task.tryCatch` for a function that takes the signal,
 * until that promise has settled after the abort (`onInterrupt: 'abandon'` does not wait for it).
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * const slow = pipe(Task.never, Task.timeout(10), Task.catchTag('TimeoutError', (e) => Task.succeed(e.message)))
 * console.log(await runTask(slow)) // => { _tag: 'Right', right: 'timed out after 10 ms' }
 * ```
 */
export const timeout = (ms: number): (<E, A>(self: Task<E, A>) => Task<E | TimeoutError, A>) => {
  const wrong = checkTime('Task.timeout', ms)
  if (wrong !== undefined) return () => die(wrong)
  return <E, A>(self: Task<E, A>) =>
    isTask(self)
      ? withChildren<E | TimeoutError, A>((parent) => new Timed(parent, self, ms))
      : die(expected('Task.timeout', 'a Task', self))
}
