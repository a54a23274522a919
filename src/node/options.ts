/** What may be said about an executor of threads, and what is wrong with what was said. */
import { checkOptions, count, milliseconds, oneOf } from '../data/check-options.js'

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

/** Undefined where they make sense. */
export const checkExecutorOptions = (where: string, options: ExecutorOptions): Error | undefined =>
  checkOptions(where, options, {
    size: count(1, 'a size in threads'),
    onInterrupt: oneOf('wait', 'terminate'),
    maxMs: milliseconds,
    graceMs: milliseconds,
    maxQueue: count(0, 'maxQueue in jobs'),
    whenFull: oneOf('wait', 'fail')
  })
