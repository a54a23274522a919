/**
 * `npm run mutate`: do the tests bite? Breaks the sources in many small ways, one at a time, and sees whether a test fails.
 *
 * The breakages are data (scripts/mutations), and each must still find what it breaks, once: else nothing is proved and the script
 * says so before it begins. Each is made in a copy of the tree: random programs of the model try it first, then the tests that should see
 * it, then all of the core's.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { concurrency } from './mutations/concurrency.js'
import { coordination } from './mutations/coordination.js'
import { results } from './mutations/results.js'
import { runtime } from './mutations/runtime.js'
import { task } from './mutations/task.js'
import { root, run, Stop } from './process.js'

/**
 * What is to be found, what it becomes, and what that breaks. If no test could see the difference: why, and it may survive.
 * @typedef {readonly [find: string, replacement: string, breaks: string, unseen?: string]} Breakage
 */

/**
 * A file of src with the tests that should see its breakages.
 * @typedef {{ readonly file: string, readonly tests: ReadonlyArray<string>, readonly breakages: ReadonlyArray<Breakage> }} Room
 */

/** @typedef {{ readonly file: string, readonly tests: ReadonlyArray<string>, readonly breakage: Breakage }} Mutant */

const help = `Usage: npm run mutate -- [options] [word ...]

Breaks the sources in many small ways, one at a time, and lists those that no test sees. With words, only
those whose file or description holds one of them. Exit code 1 where one survives that is not known to, or
if one is killed although it is listed as one that no test could see.

Options:
  --check    only see whether each breakage still finds what it breaks
  --from N   leave out those before the Nth
  --quick    only the model and each file's own tests: what survives these may still be killed by others
  --help     print this help
`

/** @type {ReadonlyArray<Room>} */
const rooms = [...runtime, ...results, ...task, ...coordination, ...concurrency]

/** What is left when the first tests see nothing: all tests of the core, the cheap ones first. */
const allTests = [
  'test/core',
  'test/data',
  'test/task',
  'test/coordination',
  'test/concurrency',
  'test/runtime',
  'test/testing',
  'test/fp-ts',
  'test/regressions',
  'test/laws',
  'test/schedules',
  'test/sweeps',
  'test/process/main'
]

const modelSeeds = 400

/** A mutant may run in a circle: so long for the model, for a file's own tests, and for all. */
const longestForModelMs = 20_000
const longestMs = 100_000
const longestForAllMs = 600_000

/** @type {ReadonlyArray<Mutant>} */
const mutants = rooms.flatMap(({ file, tests, breakages }) =>
  breakages.map((breakage) => ({ file, tests, breakage }))
)

/** @type {ReadonlyMap<string, string>} What is broken is what was there when it began. */
const sources = new Map(rooms.map(({ file }) => [file, readFileSync(join(root, 'src', file), 'utf8')]))

/** @param {string} file */
const sourceOf = (file) => sources.get(file) ?? ''

/**
 * Where each breakage no longer finds what it breaks, or finds it more than once.
 *
 * @returns {ReadonlyArray<string>}
 */
export const staleBreakages = () =>
  mutants.flatMap(({ file, breakage: [find, replacement, breaks] }) => {
    const found = sourceOf(file).split(find).length - 1
    if (found === 1 && find !== replacement) return []
    return [`${file}: "${breaks}" is to find its text once, and finds it ${found} times:\n${find}`]
  })

/**
 * What is no TypeScript any more would be killed by everything, and prove nothing.
 *
 * @returns {Promise<ReadonlyArray<string>>}
 */
export const wrongBreakages = async () => {
  const { default: ts } = await import('@tsd/typescript')
  return mutants.flatMap(({ file, breakage: [find, replacement, breaks] }) => {
    const broken = sourceOf(file).replace(find, () => replacement)
    const { diagnostics = [] } = ts.transpileModule(broken, { reportDiagnostics: true })
    return diagnostics.map(
      ({ messageText }) =>
        `${file}: "${breaks}" makes what cannot be compiled: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    )
  })
}

const folder = join(root, '.tmp/mutate')

/** A copy of all that the tests of the core read. */
const copyTree = () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of [
    'src',
    'test',
    'scripts',
    'package.json',
    'tsconfig.json',
    'tsconfig.base.json',
    'vitest.config.ts'
  ])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  // It builds the package, which a copy of the sources alone cannot.
  rmSync(join(folder, 'test/testing/hosts.test.ts'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
}

const compiled = join(folder, 'js')

/** @param {string} path @param {string} text */
const transpile = async (path, text) => {
  const { default: ts } = await import('@tsd/typescript')
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      useDefineForClassFields: false,
      isolatedModules: true
    }
  })
  const target = join(compiled, path.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, outputText)
}

/** The sources and the model as JavaScript: without a test runner random programs take a second. */
const transpileAll = async () => {
  for (const room of ['src', 'test/model', 'test/soak']) {
    for (const name of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
      const path = join(room, name)
      await transpile(path, readFileSync(join(root, path), 'utf8'))
    }
  }
  // Programs of their own read the built package: in the copy that is what is broken, too.
  symlinkSync(join(compiled, 'src'), join(folder, 'dist'), 'junction')
  writeFileSync(
    join(compiled, 'package.json'),
    JSON.stringify({
      name: 'aio-ts',
      type: 'module',
      exports: { '.': './src/index.js', './testing': './src/testing/index.js' }
    })
  )
}

/** @typedef {{ readonly by: string, readonly output: string }} Killer */

/**
 * Runs a program, and gives what kills a mutant in it: `undefined` where it passes.
 *
 * @param {string} name
 * @param {ReadonlyArray<string>} args
 * @param {{ readonly cwd: string, readonly timeoutMs: number, readonly env?: Record<string, string> }} options
 * @returns {Promise<Killer | undefined>}
 */
const killerIn = async (name, args, options) => {
  const { code, stdout, stderr } = await run(process.execPath, args, { ...options, stdout: 'pipe' })
  if (code === 0) return undefined
  // A mutant that runs in a circle; on a machine that is too busy, perhaps one that does not.
  const by = stderr.includes('Stopped: it had not ended') ? `by ${name}, which did not end` : `by ${name}`
  return { by, output: `${stdout}\n${stderr}` }
}

/** Whether random programs keep the invariants of the model. */
const killerInModel = () =>
  killerIn(
    'the model',
    [
      join(compiled, 'test/soak/main.js'),
      JSON.stringify({ only: 'model', seed: 1, seeds: modelSeeds, isShrunk: false })
    ],
    { cwd: compiled, timeoutMs: longestForModelMs }
  )

/**
 * Whether the tests pass in the copy.
 *
 * @param {string} name
 * @param {ReadonlyArray<string>} tests
 * @param {number} timeoutMs
 */
const killerInTests = (name, tests, timeoutMs) =>
  killerIn(
    name,
    [
      join(folder, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--bail=1',
      '--maxWorkers=1',
      '--reporter=dot',
      ...tests
    ],
    { cwd: folder, timeoutMs, env: { TEST_MODES: 'few' } }
  )

const killerInAll = () => killerInTests('another test', allTests, longestForAllMs)

/**
 * What was broken, in TypeScript and in JavaScript, for as long as `look` takes.
 *
 * @template T
 * @param {Mutant} mutant
 * @param {() => Promise<T>} look
 */
const whileBroken = async ({ file, breakage: [find, replacement] }, look) => {
  const source = sourceOf(file)
  const put = async (/** @type {string} */ text) => {
    writeFileSync(join(folder, 'src', file), text)
    await transpile(`src/${file}`, text)
  }
  // A function, since a replacement may hold a dollar sign.
  await put(source.replace(find, () => replacement))
  try {
    return await look()
  } finally {
    await put(source)
  }
}

/** @param {Mutant} mutant @param {boolean} isQuick */
const killerOf = (mutant, isQuick) =>
  whileBroken(
    mutant,
    async () =>
      (await killerInModel()) ??
      (await killerInTests('its own tests', mutant.tests, longestMs)) ??
      (isQuick ? undefined : await killerInAll())
  )

/**
 * What to say of a mutant, and whether it is not as it should be.
 *
 * @param {Mutant} mutant @param {Killer | undefined} killer
 */
const verdictOn = ({ breakage: [, , , unseen] }, killer) => {
  if (killer !== undefined)
    return unseen === undefined
      ? { verdict: `killed ${killer.by}`, isWrong: false }
      : {
          verdict: `KILLED ${killer.by}, although it is listed as one that no test could see`,
          isWrong: true
        }
  return unseen === undefined
    ? { verdict: 'SURVIVED', isWrong: true }
    : { verdict: 'survived, as is known', isWrong: false }
}

/** @param {ReadonlyArray<string>} args */
const choicesOf = (args) => {
  const options = /** @type {const} */ ({
    check: { type: 'boolean', default: false },
    from: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  })
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}\n\n${help}`, 2)
  }
}

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  const { values, positionals } = choicesOf(args)
  if (values.help) {
    console.log(help)
    return 0
  }
  const stale = staleBreakages()
  if (stale.length > 0) throw new Stop(stale.join('\n\n'))
  const wrong = await wrongBreakages()
  if (wrong.length > 0) throw new Stop(wrong.join('\n'))
  if (values.check) {
    console.log(`${mutants.length} breakages, and each finds what it breaks`)
    return 0
  }
  const chosen = mutants.filter(
    ({ file, breakage }) =>
      positionals.length === 0 || positionals.some((word) => `${file} ${breakage[2]}`.includes(word))
  )
  if (chosen.length === 0) throw new Stop(`No breakage holds ${positionals.join(' or ')}.\n\n${help}`, 2)
  copyTree()
  await transpileAll()
  console.error('The unbroken tree first ...')
  const early = (await killerInModel()) ?? (values.quick ? undefined : await killerInAll())
  if (early !== undefined)
    throw new Stop(
      `${early.output}\nWithout any breakage it is killed ${early.by}: nothing can be said of one.`
    )
  const from = Number(values.from)
  if (!(Number.isInteger(from) && from >= 1))
    throw new Stop(`--from: expected a number, got ${values.from}`, 2)
  /** @type {Map<string, number>} */
  const counts = new Map()
  let wrongVerdicts = 0
  for (const [index, mutant] of chosen.entries()) {
    if (index + 1 < from) continue
    const { verdict, isWrong } = verdictOn(mutant, await killerOf(mutant, values.quick))
    if (isWrong) wrongVerdicts++
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    console.log(`${index + 1} of ${chosen.length} ${mutant.file}: ${mutant.breakage[2]}: ${verdict}`)
  }
  rmSync(folder, { recursive: true, force: true })
  console.log(`\nOf ${chosen.length - from + 1}:`)
  for (const [verdict, count] of counts) console.log(`${count} ${verdict}`)
  return wrongVerdicts === 0 ? 0 : 1
}
