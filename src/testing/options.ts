/** The options of controlled runs, and their validation. */

import type { Fiber } from '../core/fiber.js'
import { isTask } from '../core/node.js'
import { checkFunction, describeValue } from '../data/check-input.js'
import { abortable, checkOptions, count, milliseconds, type OptionRule } from '../data/check-options.js'
import type { AbortSignal } from '../data/host.js'
import type { Cause } from '../data/reasons.js'

/** What a run does with a failure or a defect that only the runtime's reporter receives. */
export type OnUnseen = 'fail' | 'ignore' | ((cause: Cause<unknown>, fiber: Fiber<unknown, unknown>) => void)

/** Options of every controlled run. */
export interface ControlOptions {
  /**
   * More steps than this are a LivelockError. The default is 2,000,000 for `runTest`, and 100,000 for
   * functions that make many runs. A step is one turn of a fiber, or one timer that fires.
   */
  readonly maxSteps?: number
  /** More virtual milliseconds than this are a TimeLimitError. There is no limit by default. */
  readonly maxMs?: number
  /**
   * What happens with a failure that only the runtime's reporter receives, such as a fiber that dies in a
   * group without `onFailure`. 'fail', the default, makes it an UnseenFailureError. A function is called for
   * each failure, as a reporter is.
   */
  readonly onUnseen?: OnUnseen
  /**
   * How many real milliseconds the run waits for the host before virtual time continues, while a fiber waits
   * for a promise or a callback of the host. A larger value makes a test of real I/O with timeouts safe on a
   * slow machine. With 0, the run waits only for what settles within one turn of the event loop. The default
   * is 1000 if Node reports I/O in progress, otherwise 100, or 10 after one wait for the host was in vain.
   */
  readonly patienceMs?: number
  /**
   * How many real milliseconds the run waits for the host while a fiber waits for a promise or a callback of
   * it, nothing else can run and no timer is left. After that the run is a DeadlockError, which says what was
   * waiting for what. The default is `patienceMs`, or 2000 without either, which is less than the limit of
   * any test runner. A test of slow I/O needs more.
   *
   * Only time in which the event loop turned and nothing arrived counts. The count restarts with each fiber
   * that the host wakes, and with each step of a nested run, which a fiber of this run has started (a test of
   * tests). It pauses while the program, or a busy machine, blocks the event loop. Callbacks that make no
   * fiber ready are not detected.
   */
  readonly hostWaitMs?: number
}

/** Options of a single run. */
export interface TestOptions extends ControlOptions {
  /**
   * Seed of the scheduling strategy. 0, the default, is first come, first served. Every other seed gives
   * another order.
   */
  readonly seed?: number
  /**
   * How many operations a fiber may run before it yields to the others. The default is 1, so that every
   * operation is a possible switch.
   */
  readonly yieldEvery?: number
  /** Interrupts the program when the signal aborts. */
  readonly signal?: AbortSignal
}

export const checkTestTask = (where: string, task: unknown): Error | undefined =>
  isTask(task) ? undefined : new TypeError(`${where}: expected a Task, got ${describeValue(task)}`)

/** The rules of `ControlOptions`. */
export const controlRules: { readonly [K in keyof ControlOptions]?: OptionRule } = {
  maxSteps: count(1),
  maxMs: milliseconds,
  onUnseen: (where, _name, value) =>
    value === 'fail' || value === 'ignore'
      ? undefined
      : checkFunction(where, "onUnseen to be 'fail', 'ignore' or a function", value),
  patienceMs: milliseconds,
  hostWaitMs: milliseconds
}

export const seedRule: OptionRule = count(0, 'a seed')

export const yieldEveryRule: OptionRule = count(1, 'yieldEvery in operations')

export const checkTestOptions = (where: string, options: TestOptions): Error | undefined =>
  checkOptions(where, options, {
    ...controlRules,
    signal: abortable,
    seed: seedRule,
    yieldEvery: yieldEveryRule
  })

/** Converts the option for a run: undefined means that an unseen failure is a fault. */
export const listenerOf = (onUnseen: OnUnseen | undefined): Exclude<OnUnseen, string> | undefined => {
  if (typeof onUnseen === 'function') return onUnseen
  return onUnseen === 'ignore' ? () => undefined : undefined
}
