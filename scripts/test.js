/**
 * `npm test`: the types and the tests, on a machine that has but Node and npm. What follows `--` goes to vitest.
 *
 * vitest is ours to start, alone: wireit shows the output of a task only at its end, and gives it no terminal and no time limit.
 *
 * Leaves the outcome of each step in .tmp/steps.json, for CI to count. With CI=true, tests that had to be left out have failed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasChromium, leftOut as pageLeftOut } from './chromium.js'
import { root } from './process.js'
import { leftOut as clusterLeftOut, hasRedis } from './redis.js'
import { programStep, runSteps, summary } from './steps.js'
import { outcomesOf } from './wireit.js'

export const stepsFile = join(root, '.tmp/steps.json')
export const vitestStep = 'vitest'

/** A loop without end in a test is out of reach of vitest's own limits. */
const longestMs = 15 * 60 * 1000

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  rmSync(stepsFile, { force: true })
  const leftOut = [...(hasRedis() ? [] : [clusterLeftOut]), ...(hasChromium() ? [] : [pageLeftOut])]
  const ran = [
    ...(await outcomesOf('test:before')),
    ...(await runSteps([
      programStep(vitestStep, 'node_modules/vitest/vitest.mjs', ['run', ...args], { timeoutMs: longestMs })
    ]))
  ]
  const isFailure = leftOut.length > 0 && process.env.CI === 'true'
  const outcomes = [...ran, ...(isFailure ? [{ name: 'nothing is left out', passed: false }] : [])]
  mkdirSync(join(root, '.tmp'), { recursive: true })
  writeFileSync(stepsFile, JSON.stringify(outcomes))
  const { passed, failed } = summary(outcomes)
  if (leftOut.length > 0) console.log(`\n${leftOut.join('\n')}`)
  console.log(`\nSteps: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
