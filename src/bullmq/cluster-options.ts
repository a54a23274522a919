/** What may be said about the caller's side of a cluster, and what is wrong with what was said. */
import { checkOptions, count, milliseconds } from '../data/check-options.js'
import type { IsPlain, JobCodecs, WithCodecs } from '../executor/job.js'
import { checkQueueOptions, type RedisQueueOptions } from './connection.js'
import type { GivenUpRange } from './given-up.js'

/** Those of the jobs that have codecs: no others can leave the process. */
export type ServedJobs<M> = {
  readonly [K in keyof M as M[K] extends WithCodecs<JobCodecs> ? K : never]: M[K]
}

export interface ClusterOptions extends RedisQueueOptions {
  /** The largest payload in bytes, as JSON; 1,000,000 if left out. A larger one is refused here. */
  readonly maxBytes?: number
  /**
   * How many milliseconds Redis keeps the end of a job that was called with a `jobId`; an hour if left out.
   * It is the same for all callers of a queue: whenever a job ends, those go that ended longer ago than its
   * own caller says. The others go when they are answered.
   */
  readonly keepMs?: number
  /** The hard time limit of every job in milliseconds; see `maxMs` of a call. None if left out. */
  readonly maxMs?: number
  /** How many milliseconds Redis keeps a job that was given up; a week (604,800,000) if left out. */
  readonly keepGivenUpMs?: number
  /** How many jobs that were given up Redis keeps, the newest; 1,000 if left out. */
  readonly maxGivenUp?: number
  /**
   * How many milliseconds a call waits for news before it looks its job up; 5,000 if left out. Each time it
   * finds nothing, it waits for twice as long, up to twelve times `lookEveryMs`.
   */
  readonly lookEveryMs?: number
}

type AllPlain<M> = false extends { [K in keyof M]: IsPlain<M[K]> }[keyof M] ? false : true

/**
 * The jobs as the caller has loaded them, so that values are encoded and decoded on its side. May be left out
 * only where every codec leaves the values as they are; the worker then sees to it that they fit.
 */
export type JobsOption<M> =
  AllPlain<ServedJobs<M>> extends true ? { readonly jobs?: Partial<M> } : { readonly jobs: Partial<M> }

export const clusterDefaults = {
  maxBytes: 1_000_000,
  keepMs: 3_600_000,
  keepGivenUpMs: 604_800_000,
  maxGivenUp: 1000,
  lookEveryMs: 5000
}

/** Returns the error for `range`, or undefined if it is valid. */
export const checkRange = (range: GivenUpRange): Error | undefined =>
  checkOptions('givenUp', range, { from: count(0), count: count(0) })

/** Returns the error for `options`, or undefined if they are valid. */
export const checkClusterOptions = (options: ClusterOptions): Error | undefined =>
  checkQueueOptions('ClusterExecutor.make', options) ??
  checkOptions('ClusterExecutor.make', options, {
    maxBytes: count(1),
    keepMs: milliseconds,
    keepGivenUpMs: milliseconds,
    maxGivenUp: count(0),
    maxMs: milliseconds,
    lookEveryMs: milliseconds
  })
