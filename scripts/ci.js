/**
 * `npm run ci`: everything that must hold before a change lands. Begun by .ci/run, which sees to it that there is a Node.
 *
 * Goes on after a failure. Each test of vitest counts as one, each other step as one; the last line is the sum.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage } from './package.js'
import { npm, root, run, Stop } from './process.js'
import { ensureInstalled } from './setup.js'
import { programStep, runSteps, summary } from './steps.js'
import { stepsFile, vitestStep } from './test.js'

const vitestFile = join(root, '.tmp/vitest.json')

/** @typedef {{ readonly passed: number, readonly failed: number }} Count */

/** @param {string} script */
const npmRun = async (script, /** @type {ReadonlyArray<string>} */ ...args) => {
  const [command, first] = npm()
  return (await run(command, [...first, 'run', script, ...args])).code
}

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
    '--',
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

/** Packages come over a network, which may fail once. */
const install = async () => {
  for (let tries = 1; ; tries++) {
    try {
      await ensureInstalled()
      return true
    } catch (error) {
      if (tries === 3 || (error instanceof Stop && error.exitCode > 128)) throw error
      console.error('Once more ...')
    }
  }
}

export const main = async () => {
  const begun = performance.now()
  const outcomes = [...(await runSteps([{ name: 'install', check: install }]))]
  /** @type {Array<Count & { readonly name: string }>} */
  const counts = []
  if (outcomes.every(({ passed }) => passed)) {
    counts.push(...(await test()))
    outcomes.push(
      ...(await runSteps([
        programStep('lint and format', 'node_modules/@biomejs/biome/bin/biome', [
          'ci',
          '--error-on-warnings',
          '.'
        ]),
        programStep('unused files, exports and dependencies', 'node_modules/knip/bin/knip.js', []),
        { name: 'build', check: async () => (await npmRun('build')) === 0 },
        {
          name: 'the API reports are up to date',
          check: async () => (await npmRun('api', '--', '--check')) === 0
        }
      ])),
      ...(await checkPackage().catch((error) => {
        console.error(error)
        return [{ name: 'npm pack', passed: false }]
      })),
      ...(await runSteps([
        { name: 'the example on node_modules', check: runExample },
        { name: 'the size of bundles', check: async () => (await npmRun('size')) === 0 },
        {
          name: 'what the type checker has to do',
          check: async () => (await npmRun('bench', '--', 'types', '--rounds', '1')) === 0
        },
        {
          name: 'a short soak',
          check: async () => (await npmRun('soak', '--', '--iterations', '5000', '--seeds', '200')) === 0
        },
        {
          name: 'each breakage of npm run mutate still finds what it breaks',
          check: async () => (await npmRun('mutate', '--', '--check')) === 0
        },
        {
          name: 'the benchmarks still work',
          check: async () =>
            (await npmRun('bench', '--', '--quick', '--rounds', '1', '--libraries', 'native,floor')) === 0
        }
      ]))
    )
  }
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
