/**
 * Steps: named checks that are run one after the other, go on after a failure, and are counted at the end.
 *
 * Here are those that several commands share: the types of the sources, and the types of the built package as its users see
 * them under each TypeScript that we promise.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

const typescript = 'node_modules/typescript/bin/tsc'

/** The projects of TypeScript, a folder each, as tsconfig.json lists them for editors; tsd reads type-tests. */
const projects = [
  'src',
  'src/node',
  'src/bullmq',
  'src/otel',
  'src/vitest',
  'src/inspect',
  'src/inspect/page',
  'test',
  'test/inspect-page',
  'test/testing-page',
  'examples',
  'scripts'
]

/** @type {ReadonlyArray<Step>} */
export const typeSteps = projects.map((project) =>
  programStep(`types of ${project}`, typescript, ['-p', project])
)

/** The compilers under which the declaration files must read well: the oldest that we promise, and the last of each line after. */
const compilers = [
  'node_modules/typescript-5.4/typescript/lib/tsc.js',
  'node_modules/@tsd/typescript/typescript/lib/tsc.js',
  'node_modules/typescript-6/typescript/lib/tsc.js',
  typescript
]

/** @param {string} compiler */
const versionOf = (compiler) => {
  const folder = compiler.split('/').slice(0, compiler.includes('@') ? 3 : 2)
  return JSON.parse(readFileSync(join(root, ...folder, 'package.json'), 'utf8')).version
}

const typeTests = () =>
  existsSync(join(root, 'type-tests'))
    ? readdirSync(join(root, 'type-tests')).filter((file) => file.endsWith('.test-d.ts'))
    : []

/**
 * Needs the built package. tsd is told its files one by one: it looks for them beside one `types` entry, and the package has
 * an `exports` map of several.
 */
export const packageTypeSteps = () => [
  programStep('tsd', 'node_modules/tsd/dist/cli.js', [
    '--typings',
    'dist/index.d.ts',
    ...typeTests().flatMap((file) => ['--files', `type-tests/${file}`])
  ]),
  ...compilers.map((compiler) =>
    programStep(`a user's program under TypeScript ${versionOf(compiler)}`, compiler, [
      '-p',
      'tsconfig.usage.json'
    ])
  )
]
