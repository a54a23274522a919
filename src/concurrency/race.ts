/** The first of several, and a task against the clock. What loses is interrupted and waited for. */

import { die, failCause, fromExit, succeed } from '../core/construct.js'
import { type ErrorOf, isTask, type Task, type ValueOf } from '../core/node.js'
import { left, right, some } from '../data/either.js'
import { TimeoutError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { checkTime, expected } from '../data/show.js'
import { type Late, lateResult, nothingLate } from '../runtime/carried.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { startTimer, stopTimer, type Timer } from '../runtime/timers.js'
import { Children, withChildren } from './children.js'
import { wrongMember } from './concurrent.js'

class Race extends Children {
  /** The first success, once there is one. */
  private won: { readonly value: unknown } | undefined = undefined
  private lastFailure: Cause<unknown> | undefined = undefined
  private failedFiber: FiberState
  /** The first that still succeeded though the racing fiber was interrupted, else the last that still failed. */
  private kept: Exit<unknown, unknown> | undefined = undefined

  constructor(parent: FiberState, tasks: ReadonlyArray<Task<unknown, unknown>>) {
    super(parent)
    this.failedFiber = parent
    for (const task of tasks) this.start(task)
  }

  protected get what(): string {
    return 'race'
  }

  get isAny(): boolean {
    return !this.stopping
  }

  protected childEnded(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (exit._tag === 'Right') {
      this.won = { value: exit.right }
      this.stop()
      return
    }
    this.reportFailure()
    this.lastFailure = exit.left
    this.failedFiber = fiber
  }

  protected override childStopped(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (this.won !== undefined) {
      if (exit._tag === 'Left' && Reasons.isWorthTelling(exit.left)) fiber.runtime.report(exit.left, fiber)
    } else {
      const { given, rest } = lateResult(fiber, exit)
      if (rest !== undefined) this.addTrouble(rest)
      if (given._tag === 'None') return
      const [kept, other] = this.kept?._tag === 'Right' ? [this.kept, given.value] : [given.value, this.kept]
      this.kept = kept
      // An `Interrupt` carries one result; the other must not be silent where it is a failure.
      if (other?._tag === 'Left' && Reasons.isWorthTelling(other.left))
        fiber.runtime.report(other.left, fiber)
    }
  }

  /**
   * The last failure so far is no result, since another side made it good or failed after it. That is what a race is for; a defect in it
   * and a cleanup that failed are not, and nobody else would hear of them.
   */
  private reportFailure(): void {
    const cause = this.lastFailure
    if (cause === undefined) return
    if (Reasons.troublesOf(left(cause)) !== undefined) this.parent.runtime.report(cause, this.failedFiber)
  }

  protected override late(): Late {
    this.reportFailure()
    const given = this.won === undefined ? this.kept : right(this.won.value)
    return given === undefined ? nothingLate : { given: some(given), isWhole: true, rest: undefined }
  }

  override takesLate(): boolean {
    return this.stopping ? this.takesCarried() : this.reachesThroughParent()
  }

  override takesCarried(): boolean {
    const isFirst = this.won === undefined && this.kept?._tag !== 'Right'
    return isFirst && this.isParentInterrupted && this.reachesThroughParent()
  }

  protected outcome(): Task<unknown, unknown> {
    if (this.won !== undefined) {
      this.reportFailure()
      return succeed(this.won.value)
    }
    return this.lastFailure === undefined
      ? die(new Error('a race ended that nobody ran'))
      : failCause(this.lastFailure)
  }
}

/**
 * The first to succeed, or the last failure. The losers are interrupted and waited for; what goes wrong in them meanwhile, and the
 * defect of a side that another made good, goes to the reporter.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * const slow = pipe(Task.succeed('slow'), Task.delay(1000))
 * console.log(await runTask(pipe(slow, Task.race(Task.succeed('fast'))))) // => { _tag: 'Right', right: 'fast' }
 * ```
 */
export const race =
  <E2, B>(that: Task<E2, B>) =>
  <E, A>(self: Task<E, A>): Task<E | E2, A | B> =>
    raceOf<Task<E, A> | Task<E2, B>>('Task.race', [self, that]) as Task<E | E2, A | B>

/** `race` of any number of tasks. None at all is a defect: it could never end. */
export function raceAll<T extends Task<any, any>>(tasks: Iterable<T>): Task<ErrorOf<T>, ValueOf<T>> {
  if (
    typeof (tasks as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] !== 'function' ||
    isTask(tasks)
  ) {
    return die(expected('Task.raceAll', 'an iterable of Tasks', tasks))
  }
  const list: Array<T> = []
  try {
    for (const task of tasks) list.push(task)
  } catch (thrown) {
    return die(thrown)
  }
  if (list.length === 0) return die(new RangeError('Task.raceAll: expected at least one Task, got none'))
  return raceOf('Task.raceAll', list)
}

function raceOf<T extends Task<any, any>>(
  where: string,
  list: ReadonlyArray<T>
): Task<ErrorOf<T>, ValueOf<T>> {
  const wrong = list.findIndex((task) => !isTask(task))
  if (wrong >= 0) return die(wrongMember(where, list, wrong))
  return withChildren((parent) => new Race(parent, list))
}

class Timed extends Children implements Timer {
  line: Timer['line'] = undefined
  previous: Timer | undefined = undefined
  next: Timer | undefined = undefined
  undo: (() => void) | undefined = undefined
  private readonly child: FiberState
  /** How the task ended. */
  private exit: Exit<unknown, unknown> | undefined = undefined
  private isTimedOut = false

  constructor(
    parent: FiberState,
    task: Task<unknown, unknown>,
    private readonly ms: number
  ) {
    super(parent)
    // Before the child: where a clock throws, nothing has been started yet.
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
    // The task may have ended in this very turn; then its end counts.
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

  protected override late(): Late {
    return this.exit === undefined ? nothingLate : lateResult(this.child, this.exit)
  }

  override takesLate(): boolean {
    return this.reachesThroughParent()
  }

  override takesCarried(): boolean {
    return (this.isParentInterrupted || this.isTimedOut) && this.reachesThroughParent()
  }

  protected outcome(): Task<unknown, unknown> {
    const exit = this.exit ?? right(undefined)
    if (!this.isTimedOut) return fromExit(exit)
    const { given, isWhole, rest } = lateResult(this.child, exit)
    if (given._tag === 'Some' && isWhole) return fromExit(given.value)
    const timedOut = Reasons.fail(new TimeoutError(this.ms))
    const inPart = given._tag === 'Some' ? Reasons.troublesOf(given.value) : undefined
    const whileCleaningUp = rest && Reasons.withoutInterruption(rest)
    return failCause(Reasons.combineAll([timedOut, inPart, whileCleaningUp]) ?? timedOut)
  }
}

/**
 * hat.aio.wait_for. After `ms` milliseconds interrupts `self` and waits until it has ended. A value or an error that it still gave
 * is the result, but not what it gave in its midst, with more to be done with it; else it fails with TimeoutError. Where the caller
 * is interrupted meanwhile, what `self` gave is not lost either: the `Interrupt` reason of the exit carries it.
 *
 * So it can take longer than `ms`: for as long as finalizers and uninterruptible regions take, and, where `self` waits in `Task.promise`
 * or `Task.tryCatch` for a function that takes the signal, until that promise has settled after the abort (`onInterrupt: 'abandon'` does
 * not wait for it).
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * const slow = pipe(Task.never, Task.timeout(10), Task.catchTag('TimeoutError', (e) => Task.succeed(e.message)))
 * console.log(await runTask(slow)) // => { _tag: 'Right', right: 'not done within 10 ms' }
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
