/** Runs several tasks at once and ends with the first success. The losers are interrupted and awaited. */
import { die, failCause, succeed } from '../core/construct.js'
import { type ErrorOf, isTask, type Task, type ValueOf } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { left, right, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { type LateResult, lateResult, noLateResult } from '../runtime/late-result.js'
import { wrongMember } from './all.js'
import { Children, withChildren } from './children.js'

class Race extends Children {
  /** The first success, once there is one. */
  private won: { readonly value: unknown } | undefined = undefined
  private lastFailure: Cause<unknown> | undefined = undefined
  private failedFiber: FiberState
  /** Late results after an interruption of the racing fiber: the first success, or else the last failure. */
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
      if (rest !== undefined) this.addFailedCleanup(rest)
      if (given._tag === 'None') return
      const [kept, other] = this.kept?._tag === 'Right' ? [this.kept, given.value] : [given.value, this.kept]
      this.kept = kept
      // An `Interrupt` contains only one late result. If the other one is a failure, it is reported.
      if (other?._tag === 'Left' && Reasons.isWorthTelling(other.left))
        fiber.runtime.report(other.left, fiber)
    }
  }

  /**
   * Reports the last failure so far, which is not the result of the race because another
   * task succeeded, or failed after it. A plain failure is expected in a race. But a
   * defect or a failed cleanup in it is reported, because nothing else would report it.
   */
  private reportFailure(): void {
    const cause = this.lastFailure
    if (cause === undefined) return
    if (Reasons.failedCleanupsOf(left(cause)) !== undefined)
      this.parent.runtime.report(cause, this.failedFiber)
  }

  protected override late(): LateResult {
    this.reportFailure()
    const given = this.won === undefined ? this.kept : right(this.won.value)
    return given === undefined ? noLateResult : { given: some(given), isFinal: true, rest: undefined }
  }

  override takesLate(): boolean {
    return this.stopping ? this.takesInnerLateResult() : this.reachesThroughParent()
  }

  override takesInnerLateResult(): boolean {
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
 * Runs both tasks at once. Succeeds with the first success or, if both fail, fails
 * with the last failure. The loser is interrupted and awaited. What fails in it in the
 * meantime, and a defect in a task when the other one has succeeded, are reported.
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

/**
 * Runs any number of tasks at once. Succeeds with the first success or, if
 * all fail, fails with the last failure. The losers are interrupted and
 * awaited. An empty iterable is a defect, because the race could never end.
 */
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
