/** Small jobs by the executors, and by what they are built on, side by side: each kind in a process of its own. */
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../../scripts/process.js'
import { hasRedis } from '../../scripts/redis.js'

const probe = fileURLToPath(new URL('./probe.js', import.meta.url))

/** Without a Redis there are no clusters to be measured. */
export const parts = hasRedis() ? ['threads', 'cluster'] : ['threads']

/**
 * @param {boolean} isQuick
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<import('../results.js').Executors>>}
 */
export const measureExecutors = async (isQuick, tell) => {
  const rows = []
  for (const part of parts) {
    tell(`executors: ${part}`)
    const { code, stdout, stderr } = await run(process.execPath, [probe, part, isQuick ? 'quick' : 'full'], {
      stdout: 'pipe',
      timeoutMs: 300_000
    })
    if (code !== 0) throw new Stop(`The executors could not be measured (${part}):\n${stderr}`)
    rows.push(...JSON.parse(stdout))
  }
  return rows
}
