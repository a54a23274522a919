/** What an inspector costs the program that it looks at, in a process of its own. */
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../../scripts/process.js'

const probe = fileURLToPath(new URL('./probe.js', import.meta.url))

/**
 * @param {boolean} isQuick
 * @returns {Promise<import('../results.js').Inspector>}
 */
export const measureInspector = async (isQuick) => {
  const { code, stdout, stderr } = await run(process.execPath, [probe, isQuick ? 'quick' : 'full'], {
    stdout: 'pipe',
    timeoutMs: 600_000
  })
  if (code !== 0) throw new Stop(`The inspector could not be measured:\n${stderr}`)
  return JSON.parse(stdout)
}
