/** `npm run bench -- costs`: what each operation costs by itself, for docs/guides/servers.md. */
import { join } from 'node:path'
import { run, Stop } from '../../scripts/process.js'
import { operations } from './operations.js'

/** @typedef {{ readonly name: string, readonly ns: number, readonly bytes: number }} Cost */

/** How many steps the section has. */
export const costSteps = Object.keys(operations).length

const worker = join(import.meta.dirname, 'worker.js')

/**
 * @param {boolean} isQuick
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<Cost>>}
 */
export const measureCosts = async (isQuick, tell) => {
  /** @type {Array<Cost>} */
  const costs = []
  for (const name of Object.keys(operations)) {
    tell(`cost of ${name}`)
    const figure = async (/** @type {string} */ metric, /** @type {ReadonlyArray<string>} */ flags) => {
      const args = [...flags, worker, name, metric, isQuick ? '2' : '60']
      const { code, stdout, stderr } = await run(process.execPath, args, { stdout: 'pipe' })
      if (code !== 0) throw new Stop(`The cost of ${name} could not be measured:\n${stderr}`)
      return Number(stdout)
    }
    costs.push({
      name,
      ns: await figure('ns', []),
      bytes: await figure('bytes', ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'])
    })
  }
  return costs
}
