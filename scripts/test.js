/**
 * `npm test`: the types and the tests, on a machine that has but Node and npm. What follows `--` goes to vitest.
 *
 * Leaves the outcome of each step in .tmp/steps.json, for CI to count. With CI=true, tests that had to be left out have failed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './process.js'
import { hasRedis, leftOut } from './redis.js'
import { ensureBuilt, ensureInstalled } from './setup.js'
import { packageTypeSteps, programStep, runSteps, summary, typeSteps } from './steps.js'

export const stepsFile = join(root, '.tmp/steps.json')
export const vitestStep = 'vitest'

/** A loop without end in a test is out of reach of vitest's own limits. */
const longestMs = 10 * 60 * 1000

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  rmSync(stepsFile, { force: true })
  await ensureInstalled()
  await ensureBuilt()
  const isComplete = hasRedis()
  const ran = await runSteps([
    ...typeSteps,
    ...packageTypeSteps(),
    programStep(vitestStep, 'node_modules/vitest/vitest.mjs', ['run', ...args], { timeoutMs: longestMs })
  ])
  const isFailure = !isComplete && process.env.CI === 'true'
  const outcomes = [...ran, ...(isFailure ? [{ name: 'nothing is left out', passed: false }] : [])]
  mkdirSync(join(root, '.tmp'), { recursive: true })
  writeFileSync(stepsFile, JSON.stringify(outcomes))
  const { passed, failed } = summary(outcomes)
  if (!isComplete) console.log(`\n${leftOut}`)
  console.log(`\nSteps: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
