/** What a test may say about how it is run, and how that is checked. */

import type { Fiber } from '../core/fiber.js'
import { isTask } from '../core/node.js'
import { checkCount, checkFunction, checkTime, describeValue } from '../data/check-input.js'
import type { AbortSignal, AbortSignalLike } from '../data/host.js'
import type { Cause } from '../data/reasons.js'

/** What to do with a failure or a defect that only the runtime's reporter receives. */
export type OnUnseen = 'fail' | 'ignore' | ((cause: Cause<unknown>, fiber: Fiber<unknown, unknown>) => void)

/** What holds of any run under control. */
export interface ControlOptions {
  /**
   * More steps than these are a LivelockError: 2,000,000 for `runTest`, 100,000 where there are many runs. A
   * step is a turn of one fiber, or a timer that fires.
   */
  readonly maxSteps?: number
  /** Longer than so many virtual milliseconds is a TimeLimitError; there is no limit if left out. */
  readonly maxMs?: number
  /**
   * What to do with a failure that only the runtime's reporter receives, such as a fiber that dies in a group
   * without `onFailure`: 'fail' (if left out) makes it an UnseenFailureError. A function is called with each,
   * as a reporter is.
   */
  readonly onUnseen?: OnUnseen
  /**
   * How many real milliseconds the host is waited for, where a fiber waits for a promise or a callback of it,
   * before virtual time goes on without it. More of them make a test of real I/O under time-outs safe on a
   * slow machine; with 0 only what settles within a turn of the event loop is waited for. Left out: 100, or
   * 1000 where Node says that there is I/O under way, and 10 once the host has been waited for in vain.
   */
  readonly patienceMs?: number
  /**
   * How many real milliseconds the host is waited for where a fiber waits for a promise or a callback of it,
   * nothing else can run and no timer is left; then that is a DeadlockError, which says what was waiting for
   * what. `patienceMs` if left out, and 2000 without either: less than any test runner's own limit. A test of
   * slow I/O wants more.
   *
   * What counts is time in which the event loop turned and nothing came. It begins anew with each fiber that
   * the host wakes, and with each step of a run that a fiber has begun in its turn (a test of tests). It
   * stands still while the program, or a machine that is busy, holds up the event loop. Callbacks that make
   * no fiber ready are not seen.
   */
  readonly hostWaitMs?: number
}

/** About one run. */
export interface TestOptions extends ControlOptions {
  /**
   * Chooses whose turn it is. 0 (if left out) is first come, first served; each other one is another order.
   */
  readonly seed?: number
  /**
   * How many operations a fiber may run before it gives way to the others; 1 if left out, so that each
   * operation is a place to switch.
   */
  readonly yieldEvery?: number
  /** Interrupts the program when it aborts. */
  readonly signal?: AbortSignal
}

/** The first of these checks that found something. */
export const firstWrong = (...wrong: ReadonlyArray<Error | undefined>): Error | undefined =>
  wrong.find((error) => error !== undefined)

export const checkTestTask = (where: string, task: unknown): Error | undefined =>
  isTask(task) ? undefined : new TypeError(`${where}: expected a Task, got ${describeValue(task)}`)

export const checkObject = (where: string, options: unknown): Error | undefined =>
  typeof options === 'object' && options !== null
    ? undefined
    : new TypeError(`${where}: expected an object of options, got ${describeValue(options)}`)

/** What is left out is as it should be. */
export const checkOptional = (
  where: string,
  what: string,
  least: number,
  value: number | undefined
): Error | undefined => (value === undefined ? undefined : checkCount(where, what, least, value))

export const checkControl = (
  where: string,
  { maxSteps, maxMs, onUnseen, patienceMs, hostWaitMs }: ControlOptions
): Error | undefined =>
  firstWrong(
    checkOptional(where, 'maxSteps', 1, maxSteps),
    maxMs === undefined ? undefined : checkTime(`${where}: maxMs`, maxMs),
    patienceMs === undefined ? undefined : checkTime(`${where}: patienceMs`, patienceMs),
    hostWaitMs === undefined ? undefined : checkTime(`${where}: hostWaitMs`, hostWaitMs),
    onUnseen === undefined || onUnseen === 'fail' || onUnseen === 'ignore'
      ? undefined
      : checkFunction(where, "onUnseen to be 'fail', 'ignore' or a function", onUnseen)
  )

export const checkSignal = (where: string, signal: unknown): Error | undefined =>
  signal === undefined || typeof (signal as Partial<AbortSignalLike> | null)?.addEventListener === 'function'
    ? undefined
    : new TypeError(`${where}: expected the signal to be an AbortSignal, got ${describeValue(signal)}`)

export const checkTestOptions = (where: string, options: TestOptions): Error | undefined =>
  checkObject(where, options) ??
  firstWrong(
    checkControl(where, options),
    checkSignal(where, options.signal),
    checkOptional(where, 'a seed', 0, options.seed),
    checkOptional(where, 'yieldEvery in operations', 1, options.yieldEvery)
  )

/** As a run takes it: undefined where what is unseen is a fault. */
export const listenerOf = (onUnseen: OnUnseen | undefined): Exclude<OnUnseen, string> | undefined => {
  if (typeof onUnseen === 'function') return onUnseen
  return onUnseen === 'ignore' ? () => undefined : undefined
}
