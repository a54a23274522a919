/**
 * Jobs that have exceeded their hard limit on a worker that no longer responds.
 *
 * A worker ends its jobs at their limits itself, unless one of them holds its event loop: then it can neither
 * do that nor renew its locks. The caller sees both, and gives the job up in its place, before it holds up
 * the next worker.
 */

import type { Client } from './connections.js'
import { type ClusterExit, failedReasonOf, problem, storedExitOf } from './wire.js'

/** So often in a row a lock must be missing: once may be the moment in which a job is given back. */
const mostMisses = 2

/** What is known of a job that may be overdue. */
export interface Watched {
  readonly maxMs: number | undefined
  /**
   * Since when a worker has it, in milliseconds of the host's clock; undefined while none does, according
   * to the events.
   */
  runningSince: number | undefined
  /** How often in a row it had no lock. */
  misses: number
}

export const isOverdue = ({ maxMs, runningSince }: Watched, now: number): boolean =>
  maxMs !== undefined && runningSince !== undefined && now - runningSince > maxMs

/**
 * BullMQ lets the next worker that takes the job fail it with that reason instead of running it. Only a job
 * that a worker has taken is in the list of active jobs, which is as long as all workers together run jobs at
 * once.
 */
const giveUpScript = `
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if not redis.call('LPOS', KEYS[3], ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'defa', ARGV[1])
return 1
`

/** The exit of an overdue job, for its calls; undefined as long as its worker may still answer. */
export async function overdueExit(
  client: Client,
  keyOf: (name: string) => string,
  id: string,
  watched: Watched
): Promise<ClusterExit | undefined> {
  const lock = `${keyOf(id)}:lock`
  if ((await client.exists(lock)) > 0) {
    watched.misses = 0
    return undefined
  }
  if (++watched.misses < mostMisses) return undefined
  const exit = problem(
    'TimedOut',
    `the job did not end within its limit of ${watched.maxMs} ms, and its worker no longer responds`
  )
  const keys = [keyOf(id), lock, keyOf('active')]
  const isGivenUp = await client.eval(
    giveUpScript,
    keys.length,
    ...keys,
    failedReasonOf(storedExitOf(exit)),
    id
  )
  return Number(isGivenUp) === 1 ? exit : undefined
}
