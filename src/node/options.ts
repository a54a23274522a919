/** What may be said about an executor of threads, and what is wrong with what was said. */
import { checkCount, describeValue } from '../data/check-input.js'
import { checkLimits } from '../executor/limit.js'

/** What a thread may use of memory, as Node's `Worker` takes it. */
export interface ResourceLimits {
  readonly maxOldGenerationSizeMb?: number
  readonly maxYoungGenerationSizeMb?: number
  readonly codeRangeSizeMb?: number
  readonly stackSizeMb?: number
}

export interface ExecutorOptions {
  /** Threads. Left out: one a core. */
  readonly size?: number
  /**
   * What interruption does to a running job: 'wait' for its end (the default, as hat.aio), or 'terminate' its
   * thread.
   */
  readonly onInterrupt?: 'wait' | 'terminate'
  /**
   * How many milliseconds an interrupted job may take to end by itself before its thread is terminated; 1,000
   * if left out. Jobs are interrupted with 'terminate', and at `maxMs`.
   */
  readonly graceMs?: number
  /**
   * The hard time limit of each job in milliseconds, counted from the moment when its thread begins it; none
   * if left out. At the limit the job is interrupted, whatever `onInterrupt` says. A value or an error that
   * it still gives within `graceMs` is the result; otherwise the call fails with an ExecutorError 'TimedOut',
   * and a thread whose job has not ended is terminated and replaced. Of this and the `maxMs` of a call the
   * smaller counts.
   */
  readonly maxMs?: number
  /** How many jobs may wait for a thread; any number if left out. */
  readonly maxQueue?: number
  /** What a call beyond that does: 'wait' for room (the default), or 'fail' with an ExecutorError. */
  readonly whenFull?: 'wait' | 'fail'
  /** What each thread may use of memory; Node's own limits if left out. */
  readonly resourceLimits?: ResourceLimits
}

const checkOneOf = (
  where: string,
  name: string,
  words: ReadonlyArray<string>,
  value: unknown
): Error | undefined =>
  value === undefined || words.includes(String(value))
    ? undefined
    : new TypeError(
        `${where}: expected ${name} to be ${words.map((word) => `'${word}'`).join(' or ')}, got ${describeValue(value)}`
      )

/** Undefined where they make sense. */
export function checkExecutorOptions(where: string, options: ExecutorOptions): Error | undefined {
  if (typeof options !== 'object' || options === null) {
    return new TypeError(`${where}: expected an object of options, got ${describeValue(options)}`)
  }
  const { size, onInterrupt, maxQueue, whenFull } = options
  return (
    (size === undefined ? undefined : checkCount(where, 'a size in threads', 1, size)) ??
    checkOneOf(where, 'onInterrupt', ['wait', 'terminate'], onInterrupt) ??
    checkLimits(where, options) ??
    (maxQueue === undefined ? undefined : checkCount(where, 'maxQueue in jobs', 0, maxQueue)) ??
    checkOneOf(where, 'whenFull', ['wait', 'fail'], whenFull)
  )
}
