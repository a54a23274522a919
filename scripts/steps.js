/** Steps: named checks that are run one after the other, go on after a failure, and are counted at the end. */
import { join } from 'node:path'
import { root, run, Stop } from './process.js'

/** @typedef {{ readonly name: string, readonly check: () => Promise<boolean> }} Step */
/** @typedef {{ readonly name: string, readonly passed: boolean }} Outcome */

/**
 * @param {ReadonlyArray<Step>} steps
 * @returns {Promise<ReadonlyArray<Outcome>>}
 */
export const runSteps = async (steps) => {
  /** @type {Array<Outcome>} */
  const outcomes = []
  for (const { name, check } of steps) {
    console.log(`\n== ${name}`)
    const begun = performance.now()
    const passed = await check().catch((error) => {
      // A signal stops all of it; a step that could not even be run has failed.
      if (error instanceof Stop && error.exitCode > 128) throw error
      console.error(error instanceof Stop ? error.message : error)
      return false
    })
    outcomes.push({ name, passed })
    console.log(`${passed ? 'ok' : 'FAILED'}: ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`)
  }
  return outcomes
}

/** @param {ReadonlyArray<Outcome>} outcomes */
export const summary = (outcomes) => {
  const failed = outcomes.filter(({ passed }) => !passed)
  if (failed.length > 0) console.log(`\nFailed: ${failed.map(({ name }) => name).join(', ')}`)
  return { passed: outcomes.length - failed.length, failed: failed.length }
}

/**
 * A step that is a program: it passes with exit code 0.
 *
 * @param {string} name
 * @param {string} script a JavaScript file, relative to the project
 * @param {ReadonlyArray<string>} args
 * @param {{ readonly timeoutMs?: number }} [options]
 * @returns {Step}
 */
export const programStep = (name, script, args, options = {}) => ({
  name,
  check: async () => (await run(process.execPath, [join(root, script), ...args], options)).code === 0
})
