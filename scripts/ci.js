/**
 * `npm run ci`: everything that must hold before a change lands. Begun by .ci/run, which sees to it that there is a Node.
 *
 * Goes on after a failure. Each test of vitest counts as one, each other step as one; the last line is the sum.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage } from './package.js'
import { npm, root, run } from './process.js'
import { runSteps, summary } from './steps.js'
import { stepsFile, vitestStep } from './test.js'
import { outcomesOf } from './wireit.js'

const vitestFile = join(root, '.tmp/vitest.json')

/** @typedef {{ readonly passed: number, readonly failed: number }} Count */

/** @param {string} script @param {ReadonlyArray<string>} args */
const npmRun = async (script, ...args) => {
  const [command, first] = npm()
  return (await run(command, [...first, 'run', script, '--', ...args])).code
}

/** @param {string} name @param {string} script @param {ReadonlyArray<string>} args */
const npmStep = (name, script, ...args) => ({
  name,
  check: async () => (await npmRun(script, ...args)) === 0
})

/**
 * What vitest found, test by test. A file that could not even be loaded holds no test, and counts as a failure all the same.
 *
 * @param {boolean} hasPassed
 * @returns {Count}
 */
const countVitest = (hasPassed) => {
  if (!existsSync(vitestFile)) return { passed: 0, failed: 1 }
  const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(vitestFile, 'utf8'))
  // Skipped, to do, or lost with its file: it did not pass.
  const failed = numTotalTests - numPassedTests
  return { passed: numPassedTests, failed: hasPassed ? failed : Math.max(1, failed) }
}

/** The README's command, whose steps are counted one by one. */
const test = async () => {
  rmSync(vitestFile, { force: true })
  rmSync(stepsFile, { force: true })
  console.log('\n== npm test')
  const code = await npmRun(
    'test',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${vitestFile}`
  )
  if (!existsSync(stepsFile)) return [{ name: 'npm test', passed: 0, failed: 1 }]
  /** @type {ReadonlyArray<import('./steps.js').Outcome>} */
  const outcomes = JSON.parse(readFileSync(stepsFile, 'utf8'))
  return [
    ...outcomes.map(({ name, passed }) =>
      name === vitestStep
        ? { name, ...countVitest(passed) }
        : { name, passed: Number(passed), failed: Number(!passed) }
    ),
    // Whatever went wrong beside its steps.
    ...(code !== 0 && outcomes.every(({ passed }) => passed)
      ? [{ name: 'npm test', passed: 0, failed: 1 }]
      : [])
  ]
}

/** The main job on real input, as a person starts it: on the project's own node_modules. */
const runExample = async () => {
  const [command, first] = npm()
  const { code, stdout, stderr } = await run(command, [...first, 'start', '--silent', '--', '--json'], {
    stdout: 'pipe',
    timeoutMs: 120_000
  })
  console.log(stderr)
  if (code !== 0) return false
  const result = JSON.parse(stdout)
  console.log(`Its result holds ${Object.keys(result).join(', ')}: ${stdout.length} characters of JSON.`)
  return true
}

export const main = async () => {
  const begun = performance.now()
  // What passed in an earlier run does not count.
  rmSync(join(root, '.wireit'), { recursive: true, force: true })
  const counts = await test()
  const outcomes = [
    // What npm test has built counts once.
    ...(await outcomesOf('check')).filter(
      ({ name, passed }) => !passed || counts.every((counted) => counted.name !== name)
    ),
    ...(await checkPackage().catch((error) => {
      console.error(error)
      return [{ name: 'npm pack', passed: false }]
    })),
    // They measure, and so have the machine to themselves.
    ...(await runSteps([
      { name: 'the example on node_modules', check: runExample },
      npmStep('the size of bundles', 'size'),
      npmStep('what the type checker has to do', 'bench', 'types', '--rounds', '1'),
      npmStep('a short soak', 'soak', '--iterations', '5000', '--seeds', '200'),
      npmStep('the benchmarks still work', 'bench', '--quick', '--rounds', '1', '--libraries', 'native,floor')
    ]))
  ]
  const total = [...counts, { name: '', ...summary(outcomes) }].reduce((sum, { passed, failed }) => ({
    name: '',
    passed: sum.passed + passed,
    failed: sum.failed + failed
  }))
  for (const { name, failed } of counts) if (failed > 0) console.log(`Failed: ${name} (${failed})`)
  console.log(`Took ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  console.log(`${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}
