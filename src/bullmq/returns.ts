/**
 * Returns jobs to the queue that this worker does not know: another one may know it, of a newer version say.
 *
 * Each return takes longer than the one before, and they are counted with the job, so that workers of which
 * none knows it do not pass it around for ever.
 */
import type { Client } from './connections.js'
import { returnsField } from './given-up.js'

/** So many returns take about 12 s. */
export const defaultMaxReturns = 20

const firstPauseMs = 50
const growth = 1.3
const longestReturnPauseMs = 1000

/** Nothing is counted for a job that is gone: that would leave a key behind. */
const countReturnScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
`

/**
 * How many milliseconds the job of that key is to wait until it is taken again; undefined where it was
 * returned often enough.
 */
export async function pauseOfReturn(client: Client, key: string, max: number): Promise<number | undefined> {
  const returns = Number(await client.eval(countReturnScript, 1, key, returnsField))
  return returns > max
    ? undefined
    : Math.min(longestReturnPauseMs, firstPauseMs * growth ** Math.max(0, returns - 1))
}
