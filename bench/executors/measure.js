/**
 * Small jobs by the executors, and by what they are built on, side by side: each kind in processes of their own. Several, since on which
 * processor the system wakes whom holds for a while: one process alone says 0.9 where the next says 1.3.
 */
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../../scripts/process.js'
import { hasRedis } from '../../scripts/redis.js'
import { median } from '../statistics.js'

const probe = fileURLToPath(new URL('./probe.js', import.meta.url))

/** Without a Redis there are no clusters to be measured. */
export const parts = hasRedis() ? ['threads', 'cluster'] : ['threads']

const processes = 7

/** @param {string} part @param {boolean} isQuick @returns {Promise<ReadonlyArray<import('../results.js').Executors>>} */
const measurePart = async (part, isQuick) => {
  const { code, stdout, stderr } = await run(process.execPath, [probe, part, isQuick ? 'quick' : 'full'], {
    stdout: 'pipe',
    timeoutMs: 300_000
  })
  if (code !== 0) throw new Stop(`The executors could not be measured (${part}):\n${stderr}`)
  return JSON.parse(stdout)
}

/**
 * @param {boolean} isQuick
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<import('../results.js').Executors>>}
 */
export const measureExecutors = async (isQuick, tell) => {
  const rows = []
  const many = isQuick ? 1 : processes
  for (const part of parts) {
    /** @type {Array<ReadonlyArray<import('../results.js').Executors>>} */
    const measured = []
    for (let round = 1; round <= many; round++) {
      tell(`executors: ${part} (${round} of ${many})`)
      measured.push(await measurePart(part, isQuick))
    }
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
