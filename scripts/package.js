/**
 * `npm run package`: the tarball as npm would publish it, looked at by publint and attw, then installed somewhere else and
 * loaded from there, every entry by `import` and by `require`.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm, root, run, Stop } from './process.js'
import { programStep, runSteps, summary } from './steps.js'
import { wireit } from './wireit.js'

/** Of each entry, some names that must be there. */
const names = {
  '.': [
    'Task',
    'Schedule',
    'Cause',
    'Exit',
    'Group',
    'Queue',
    'Deferred',
    'Semaphore',
    'runTask',
    'makeRuntime',
    'dump'
  ],
  './Task': ['succeed', 'flatMap', 'gen', 'all', 'withGroup', 'timeout', 'bracket'],
  './Schedule': ['recurs', 'exponential', 'intersect'],
  './fp-ts': ['URI', 'Functor', 'ApplicativePar', 'ApplicativeSeq', 'Monad'],
  './io-ts': ['decode', 'DecodeError'],
  './testing': [
    'runTest',
    'replay',
    'explore',
    'sweepInterrupts',
    'DeadlockError',
    'LeakError',
    'ExploreError'
  ],
  './vitest': ['test', 'it', 'withTask'],
  './executor': ['job', 'LocalExecutor', 'JobExecutor', 'jobInterrupted', 'ExecutorError', 'DecodeError'],
  './bullmq': ['ClusterExecutor', 'serveJobs', 'JobServer', 'ExecutorError'],
  './otel': [
    'withSpan',
    'withContext',
    'currentContext',
    'currentSpan',
    'contextOf',
    'FiberContextManager',
    'fiberMetrics',
    'fiberEvents',
    'currentCarrier',
    'withCarrier',
    'executorMetrics'
  ],
  './inspect': ['inspect', 'InspectError'],
  './node': ['runMain', 'interruptOnSignals', 'Executor', 'createExecutor', 'ExecutorError']
}

/** The entries that need a package which npm leaves out, since only they are about it. */
const optional = /** @type {const} */ ({
  './io-ts': 'io-ts',
  './vitest': 'vitest',
  './otel': '@opentelemetry/api'
})

/** What may be in the tarball. */
const shipped =
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w/-]+\.(?:js|js\.map|d\.ts)|dist\/inspect\/page\/(?:index\.html|page\.css|LICENSES\.txt))$/
const needed = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  ...['index.html', 'page.css', 'page.js', 'LICENSES.txt'].map((file) => `dist/inspect/page/${file}`)
]

/**
 * @param {ReadonlyArray<string>} args
 * @param {string} [cwd]
 */
const runNpm = (args, cwd = root) => {
  const [command, first] = npm()
  return run(command, [...first, ...args], { cwd, stdout: 'pipe' })
}

/** @param {string} folder where to */
const pack = async (folder) => {
  // Its scripts would build again, and their words would stand in front of the JSON.
  const { code, stdout, stderr } = await runNpm([
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder
  ])
  if (code !== 0) throw new Stop(`npm pack failed:\n${stderr}`)
  /** @type {[{ readonly filename: string, readonly files: ReadonlyArray<{ readonly path: string }> }]} */
  const [{ filename, files }] = JSON.parse(stdout)
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) }
}

/** @param {ReadonlyArray<string>} files */
const contentFaults = (files) => [
  ...files.filter((file) => !shipped.test(file)).map((file) => `${file} does not belong into the package`),
  ...needed.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
  ...files
    .filter((file) => file.endsWith('.map'))
    .filter((file) => JSON.parse(readFileSync(join(root, file), 'utf8')).sourcesContent?.[0] === undefined)
    .map((file) => `${file} leads to a source that is not shipped`)
]

/** @returns {Record<string, unknown>} */
const manifest = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/**
 * Loads an entry in a process of its own, in plain Node.
 *
 * @param {'import' | 'require'} how
 * @param {string} specifier
 * @param {ReadonlyArray<string>} wanted
 * @param {string} cwd
 */
const load = async (how, specifier, wanted, cwd) => {
  const file = join(cwd, `load.${how === 'import' ? 'mjs' : 'cjs'}`)
  const loaded = how === 'import' ? `await import('${specifier}')` : `require('${specifier}')`
  const text = [
    `const entry = ${loaded}`,
    `const missing = ${JSON.stringify(wanted)}.filter((name) => entry[name] === undefined)`,
    `if (missing.length > 0) throw new Error('${specifier} lacks ' + missing.join(', '))`
  ]
  writeFileSync(file, text.join('\n'))
  const { code, stderr } = await run(process.execPath, [file], { cwd, stdout: 'pipe', timeoutMs: 20_000 })
  if (code !== 0) console.error(stderr)
  return code === 0
}

/**
 * A vitest test that is a task, in the project of a user: one passes, one fails, and vitest says so of both.
 *
 * @param {string} user
 */
const runUsersTest = async (user) => {
  const text = [
    `import { Task } from 'aio-ts'`,
    `import { test } from 'aio-ts/vitest'`,
    `test.task('passes', Task.sleep(3600000))`,
    `test.task('fails', Task.never)`
  ]
  writeFileSync(join(user, 'user.test.mjs'), text.join('\n'))
  const vitest = join(user, 'node_modules/vitest/vitest.mjs')
  const { code, stdout, stderr } = await run(process.execPath, [vitest, 'run'], {
    cwd: user,
    stdout: 'pipe',
    timeoutMs: 60_000,
    env: { NO_COLOR: '1' }
  })
  const isRight = code === 1 && /1 failed \| 1 passed/.test(stdout) && /DeadlockError: /.test(stdout + stderr)
  if (!isRight) console.error(stdout, stderr)
  return isRight
}

/**
 * The checks of one tarball; the folder is theirs to fill.
 *
 * @param {string} folder outside of the project, so that nothing of it is found by chance
 * @returns {Promise<ReadonlyArray<import('./steps.js').Step>>}
 */
const packageSteps = async (folder) => {
  const { tarball, files } = await pack(folder)
  const user = join(folder, 'user')
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true }))
  /** @param {ReadonlyArray<string>} packages */
  const install = async (packages) => {
    const { code, stderr } = await runNpm(['install', '--no-audit', '--no-fund', ...packages], user)
    if (code !== 0) console.error(stderr)
    return code === 0
  }
  const { name, exports, devDependencies } = manifest()
  const entries = Object.keys(Object(exports)).filter((entry) => entry !== './package.json')
  /** @param {string} entry */
  const loadSteps = (entry) =>
    /** @type {const} */ (['import', 'require']).map((how) => ({
      name: `${how} ${name}${entry.slice(1)}`,
      check: () => {
        const wanted = Object(names)[entry]
        if (wanted === undefined) throw new Stop(`scripts/package.js knows no names of ${entry}`)
        return load(how, `${name}${entry.slice(1)}`, wanted, user)
      }
    }))
  return [
    {
      name: 'what is in the tarball',
      check: async () => {
        const faults = contentFaults(files)
        for (const fault of faults) console.error(fault)
        return faults.length === 0
      }
    },
    programStep('publint', 'node_modules/publint/src/cli.js', ['run', tarball, '--strict']),
    programStep('attw', 'node_modules/@arethetypeswrong/cli/dist/index.js', [
      tarball,
      '--profile',
      'esm-only'
    ]),
    {
      // npm brings fp-ts along.
      name: 'install the tarball',
      check: async () => {
        if (!(await install([tarball]))) return false
        return Object.values(optional).every((peer) => !existsSync(join(user, 'node_modules', peer)))
      }
    },
    ...entries.filter((entry) => !(entry in optional)).flatMap(loadSteps),
    ...Object.entries(optional).flatMap(([entry, peer]) => [
      {
        name: `install ${peer} beside it`,
        check: () => install([`${peer}@${Object(devDependencies)[peer]}`])
      },
      ...loadSteps(entry)
    ]),
    { name: 'a test of a user', check: () => runUsersTest(user) }
  ]
}

/** All of it, with its outcomes. */
export const checkPackage = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aio-ts-package-'))
  try {
    return await runSteps(await packageSteps(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const main = async () => {
  await wireit('build:dist')
  const { passed, failed } = summary(await checkPackage())
  console.log(`\nPackage: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
