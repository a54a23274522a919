/** Small jobs by the executors, and by what they are built on, side by side: each kind in processes of their own. */
import { fileURLToPath } from 'node:url'
import { hasRedis } from '../../scripts/redis.js'
import { probe, processesOf } from '../probing.js'
import { median } from '../statistics.js'

const file = fileURLToPath(new URL('./probe.js', import.meta.url))

/** Without a Redis there are no clusters to be measured. */
const parts = hasRedis() ? ['threads', 'cluster'] : ['threads']

/** @param {boolean} isQuick */
const processes = (isQuick) => processesOf(isQuick, 7)

/** @param {boolean} isQuick */
export const executorSteps = (isQuick) => parts.length * processes(isQuick)

/**
 * @param {boolean} isQuick
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<import('../results.js').Executors>>}
 */
export const measureExecutors = async (isQuick, tell) => {
  const rows = []
  for (const part of parts) {
    /** @type {ReadonlyArray<ReadonlyArray<import('../results.js').Executors>>} */
    const measured = await probe(file, [part, isQuick ? 'quick' : 'full'], {
      what: `executors: ${part}`,
      processes: processes(isQuick),
      timeoutMs: 300_000,
      tell
    })
    for (const [index, row] of (measured[0] ?? []).entries()) {
      const each = measured.flatMap((found) => found[index] ?? [])
      rows.push({
        ...row,
        ours: median(each.map(({ ours }) => ours)),
        raw: median(each.map(({ raw }) => raw)),
        ratio: median(each.map(({ ratio }) => ratio)),
        ratios: each.map(({ ratio }) => ratio)
      })
    }
  }
  return rows
}
