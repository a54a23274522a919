/** What may be said about serving the jobs of a queue, and what is wrong with what was said. */

import { describeValue } from '../data/check-input.js'
import { callback, checkOptions, count, milliseconds } from '../data/check-options.js'
import { host } from '../data/host.js'
import { quote } from '../data/quote.js'
import { codecsOf } from '../executor/job.js'
import type { Schedule } from '../Schedule.js'
import { checkQueueOptions, type RedisQueueOptions } from './connection.js'

/** A job that was not run. */
export interface Refusal {
  /** Empty, as the name, where not even that could be read. */
  readonly jobId: string
  readonly name: string
  readonly reason: string
}

export interface ServeOptions extends RedisQueueOptions {
  /** How many jobs to run at once in this process; 1 if left out. */
  readonly concurrency?: number
  /**
   * Runs a job again in its place that has failed, with an error of its type; not at all if left out. Then it
   * is given up.
   */
  readonly retry?: Schedule<unknown>
  /**
   * The hard time limit of each job in milliseconds, all its tries together; see `maxMs` of a call, of which
   * the smaller counts. None if left out. It cannot end a job that never gives way to the event loop: call
   * threads from such a job.
   */
  readonly maxMs?: number
  /**
   * How many milliseconds a job may take to end once it was interrupted at its limit, or by closing with
   * `graceMs`, before it is left behind; 1,000 if left out.
   */
  readonly graceMs?: number
  /**
   * A worker that has not responded for this many milliseconds is considered dead, and its jobs run again;
   * 30,000 if left out.
   */
  readonly lockMs?: number
  /** How many workers may die in the middle of one job before it is given up; 3 if left out. */
  readonly maxCrashes?: number
  /**
   * The largest result in bytes, as JSON; 10,000,000 if left out. A larger one is an ExecutorError of the
   * call.
   */
  readonly maxBytes?: number
  /**
   * How often a job that this worker does not have is returned to the queue, for a worker that has it, before
   * it is refused; 20 if left out, which takes about 12 s. With 0 it is refused at once.
   */
  readonly maxReturns?: number
  /**
   * Called for each job that was not run, because the worker does not have it or its payload cannot be read.
   * Writes to stderr if left out.
   */
  readonly onRefused?: (refusal: Refusal) => void
}

export const serveDefaults = { concurrency: 1, lockMs: 30_000, maxCrashes: 3, maxBytes: 10_000_000 }

export const writeRefusal = ({ jobId, name, reason }: Refusal): void =>
  host.console.error(`aio-ts: the job ${quote(jobId)} (${quote(name)}) was refused: ${reason}`)

/** What may be wrong with what a person wrote. */
export function checkServing(where: string, jobs: object, options: ServeOptions): Error | undefined {
  if (typeof jobs !== 'object' || jobs === null) {
    return new TypeError(`${where}: expected an object of jobs, got ${describeValue(jobs)}`)
  }
  if (!Object.values(jobs).some((value) => codecsOf(value) !== undefined)) {
    return new TypeError(`${where}: expected jobs with codecs (see job), got none`)
  }
  return (
    checkQueueOptions(where, options) ??
    checkOptions(where, options, {
      concurrency: count(1, 'a concurrency'),
      lockMs: count(1),
      maxCrashes: count(0),
      maxBytes: count(1),
      maxReturns: count(0),
      maxMs: milliseconds,
      graceMs: milliseconds,
      onRefused: callback
    })
  )
}
