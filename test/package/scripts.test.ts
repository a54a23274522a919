/**
 * The scripts behind `npm start`, `npm test` and `npm run build`, and the tasks of package.json as wireit runs them, in a project of their
 * own: on a machine without an installation, two at a time, and stopped halfway. The compiler and npm are stand-ins.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { root } from '../../scripts/process.js'

// Each starts a few processes, however busy the machine is.
vi.setConfig({ testTimeout: 120_000 })

let project = ''

const write = (path: string, text: string) => {
  mkdirSync(join(project, path, '..'), { recursive: true })
  writeFileSync(join(project, path), text)
}

const read = (path: string) => readFileSync(join(project, path), 'utf8')

/** What the stand-ins have written: `<` where one begins, `>` where it ends. */
const log = () => (existsSync(join(project, 'log')) ? read('log') : '')

/** Leaves a mark where it begins and where it ends, takes as long as there is a file `slow`, and fails if there is a file `broken`. */
const standIn = (work: string, early = '') => `#!/usr/bin/env node
  const { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs')
  appendFileSync('log', '<')
  ${early}
  const wait = () => (existsSync('slow') ? setTimeout(wait, 20) : work())
  const work = () => {
    if (existsSync('broken')) {
      console.error('It is broken.')
      process.exitCode = 2
      return
    }
    ${work}
    appendFileSync('log', '>')
  }
  setTimeout(wait, 200)
`

/** Copies the sources as JavaScript, with a declaration file each and a source map that maps nothing. */
const compiler = standIn(`
  if (process.argv.includes('tsconfig.examples.json')) {
    mkdirSync('.tmp/examples/find-duplicates', { recursive: true })
    cpSync('examples/main.ts', '.tmp/examples/find-duplicates/main.js')
    return
  }
  for (const path of readdirSync('src', { recursive: true })) {
    if (!path.endsWith('.ts')) continue
    const target = '.tmp/compiled/' + path.replace(/ts$/, 'js')
    mkdirSync(require('node:path').dirname(target), { recursive: true })
    cpSync('src/' + path, target)
    writeFileSync(target.replace(/js$/, 'd.ts'), 'export {}')
    writeFileSync(target + '.map', JSON.stringify({ version: 3, sources: [path], names: [], mappings: '' }))
  }
`)

const npm = standIn(
  `cpSync('package-lock.json', 'node_modules/.package-lock.json')`,
  `mkdirSync('node_modules/a', { recursive: true })
  writeFileSync('node_modules/a/package.json', '{}')`
)

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'aio-ts-scripts-'))
  cpSync(join(root, 'scripts'), join(project, 'scripts'), { recursive: true })
  const { scripts, wireit } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const exports = { '.': { default: './dist/index.js' } }
  write('package.json', JSON.stringify({ type: 'module', exports, scripts, wireit }))
  write('package-lock.json', '{ "packages": { "": {} } }')
  write('node_modules/.package-lock.json', '{ "packages": {} }')
  for (const name of ['wireit', 'rollup', 'esbuild'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name), 'junction')
  write('node_modules/.bin/package.json', '{ "type": "commonjs" }')
  write('node_modules/.bin/tsc', compiler)
  chmodSync(join(project, 'node_modules/.bin/tsc'), 0o755)
  write('npm/package.json', '{ "type": "commonjs" }')
  write('npm/npm-cli.js', npm)
  for (const name of ['Task', 'Schedule', 'data/cause', 'data/exit', 'node/thread'])
    write(`src/${name}.ts`, `export const name = '${name}'`)
  write('src/index.ts', `export const text = 'first'`)
  write('src/inspect/page/main.tsx', `import './page.css'`)
  write('src/inspect/page/page.css', 'p { margin: 0 }')
  write('src/inspect/page/index.html', '<p></p>')
  write('examples/main.ts', 'console.log(JSON.stringify(process.argv.slice(2)))')
})

afterEach(() => {
  rmSync(project, { recursive: true, force: true })
})

interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** In a process group of its own. */
  readonly isGroup?: boolean
}

/** Starts Node in the project. */
const startNode = (args: ReadonlyArray<string>, { env = {}, isGroup = false }: Options = {}) => {
  const child = spawn(process.execPath, args, {
    cwd: project,
    detached: isGroup,
    // Not those of the run that this test belongs to.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      npm_execpath: join(project, 'npm/npm-cli.js'),
      ...env
    }
  })
  let stdout = ''
  let output = ''
  child.stdout.on('data', (data) => {
    stdout += data
    output += data
  })
  child.stderr.on('data', (data) => {
    output += data
  })
  const ended = new Promise<{
    readonly code: number | null
    readonly stdout: string
    readonly output: string
  }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, output }))
  })
  /** When it has printed that. */
  const printed = (words: string) =>
    new Promise<void>((resolve) => {
      const look = () => output.includes(words) && resolve()
      child.stdout.on('data', look)
      child.stderr.on('data', look)
    })
  return { child: child as ChildProcess, ended, printed }
}

/** Starts a program in the project that may use its scripts. */
const start = (text: string, options?: Options) => startNode(['--input-type=module', '-e', text], options)

/** As `npm run` does it. */
const startScript = (args: ReadonlyArray<string>, options?: Options) =>
  startNode(['scripts/run.cjs', ...args], options)

const build = (options?: Options) => startScript(['wireit', 'build:dist'], options)

const begun = (times: number) =>
  expect.poll(() => log().split('<').length - 1, { timeout: 60_000, interval: 20 }).toBe(times)

test('an old version of Node is refused with one sentence', async () => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.9.0' })`
  const { code, output } = await start(`${old}; await import('./scripts/run.cjs')`).ended
  expect(code).toBe(1)
  expect(output).toMatch(/^aio-ts needs Node 20\.19 or later; this is Node 20\.9\.0 .*\n$/)
})

describe('the installed packages', () => {
  const locked = { version: '1.0.0', integrity: 'sha512-a' }
  const isInstalled = async (wanted: object, found: object) => {
    write('package-lock.json', JSON.stringify({ packages: { '': {}, ...wanted } }))
    write('node_modules/.package-lock.json', JSON.stringify({ packages: found }))
    const { output } = await start(
      `import { isInstalled } from './scripts/setup.js'; console.log(isInstalled())`
    ).ended
    return output.trim()
  }

  test('are up to date if each package has the version of the lock file', async () => {
    write('node_modules/a/package.json', '{}')
    const other = { ...locked, optional: true }
    expect(
      await isInstalled({ 'node_modules/a': locked, 'node_modules/b': other }, { 'node_modules/a': locked })
    ).toBe('true')
  })

  test.each([
    ['one is missing from the record', {}, true],
    ['one has another version', { 'node_modules/a': { ...locked, version: '1.0.1' } }, true],
    [
      'one is another package of that version',
      { 'node_modules/a': { ...locked, integrity: 'sha512-b' } },
      true
    ],
    ['the folder of one is gone', { 'node_modules/a': locked }, false]
  ])('are not up to date if %s', async (_, found, isThere) => {
    if (isThere) write('node_modules/a/package.json', '{}')
    expect(await isInstalled({ 'node_modules/a': locked }, found)).toBe('false')
  })
})

describe('an installation', () => {
  const install = (options?: Options) =>
    start(`import { ensureInstalled } from './scripts/setup.js'; await ensureInstalled()`, options)

  beforeEach(() => {
    write('package-lock.json', '{ "packages": { "": {}, "node_modules/a": { "version": "1.0.0" } } }')
  })

  test('is done before a script is loaded, and only once', async () => {
    write('scripts/probe.js', `export const main = () => console.log('loaded')`)
    const first = await startScript(['probe']).ended
    expect(first).toMatchObject({ code: 0, stdout: 'loaded\n' })
    expect(log()).toBe('<>')
    expect(await startScript(['probe']).ended).toEqual({ code: 0, stdout: 'loaded\n', output: 'loaded\n' })
    expect(log()).toBe('<>')
  })

  test('is done by one of several terminals', async () => {
    const ends = [1, 2, 3, 4].map(() => install().ended)
    for (const { code } of await Promise.all(ends)) expect(code).toBe(0)
    expect(log()).toBe('<>')
  })

  test('of a killed terminal is awaited by the next one', async () => {
    write('slow', '')
    const first = install()
    await begun(1)
    first.child.kill('SIGKILL')
    // Its output is not at its end: npm has it, too.
    await once(first.child, 'exit')
    const second = install()
    await second.printed('Waiting for another terminal')
    rmSync(join(project, 'slow'))
    expect((await second.ended).code).toBe(0)
    expect(log()).toBe('<>')
  })

  test('of a terminal that is killed with its npm is done again by one of the others', async () => {
    write('slow', '')
    const first = install({ isGroup: true })
    await begun(1)
    const others = [1, 2, 3].map(() => install())
    await Promise.all(others.map(({ printed }) => printed('Waiting for another terminal')))
    process.kill(-(first.child.pid as number), 'SIGKILL')
    await first.ended
    rmSync(join(project, 'slow'))
    for (const { ended } of others) expect((await ended).code).toBe(0)
    expect(log()).toBe('<<>')
  })

  test('that fails does not count as done', async () => {
    // The record of an earlier one, whose package is no longer there.
    cpSync(join(project, 'package-lock.json'), join(project, 'node_modules/.package-lock.json'))
    write('broken', '')
    expect(await startScript(['probe']).ended).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /It is broken\.\nnpm ci failed with exit code 2: its messages are above\.\n$/
      )
    })
    rmSync(join(project, 'broken'))
    expect((await install().ended).code).toBe(0)
    expect(log()).toBe('<<>')
  })
})

describe('a build', () => {
  test('replaces the old one when it is complete', async () => {
    write('src/a.ts', '')
    expect((await build().ended).code).toBe(0)
    expect(existsSync(join(project, 'dist/a.d.ts'))).toBe(true)
    rmSync(join(project, 'src/a.ts'))
    write('src/b.ts', '')
    expect((await build().ended).code).toBe(0)
    expect(existsSync(join(project, 'dist/a.d.ts'))).toBe(false)
    expect(existsSync(join(project, 'dist/b.d.ts'))).toBe(true)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'that is stopped by %s leaves the old one, which is not up to date',
    async (signal) => {
      await build().ended
      write('src/index.ts', `export const text = 'second'`)
      write('slow', '')
      const { child, ended } = build()
      await begun(2)
      child.kill(signal)
      expect((await ended).code).toBe(signal === 'SIGINT' ? 130 : 143)
      expect(read('dist/index.js')).toContain('first')
      rmSync(join(project, 'slow'))
      expect((await build().ended).code).toBe(0)
      expect(log()).toBe('<><<>')
      expect(read('dist/index.js')).toContain('second')
    }
  )

  test('that is killed leaves the old one, which is not up to date', async () => {
    await build().ended
    write('src/index.ts', `export const text = 'second'`)
    write('slow', '')
    const { child, ended } = build({ isGroup: true })
    await begun(2)
    process.kill(-(child.pid as number), 'SIGKILL')
    await ended
    expect(read('dist/index.js')).toContain('first')
    // The compiler is still at work, in a process group of its own.
    rmSync(join(project, 'slow'))
    expect((await build().ended).code).toBe(0)
    expect(log()).toBe('<><><>')
    expect(read('dist/index.js')).toContain('second')
  })

  test('that fails in the compiler leaves the old one, says so, and is not up to date', async () => {
    await build().ended
    write('src/index.ts', `export const text = 'second'`)
    write('broken', '')
    const { code, output } = await build().ended
    expect(code).toBe(1)
    expect(output).toContain('It is broken.')
    expect(output).toContain('[build:compile] exited with exit code 2')
    expect(read('dist/index.js')).toContain('first')
    rmSync(join(project, 'broken'))
    expect((await build().ended).code).toBe(0)
    expect(read('dist/index.js')).toContain('second')
  })

  test('that fails in the bundler leaves the old one, says so, and is not up to date', async () => {
    await build().ended
    write('src/index.ts', 'export const text =')
    for (const _ of ['first', 'again']) {
      const { code, output } = await build().ended
      expect(code).toBe(1)
      expect(output).toContain('[build:dist] exited with exit code 1')
      expect(read('dist/index.js')).toContain('first')
    }
  })

  test('runs again only when a source has changed or an output is missing or has changed', async () => {
    const filesOf = async () => {
      expect((await build().ended).code).toBe(0)
      return read('dist/index.js')
    }
    await filesOf()
    const { ino } = statSync(join(project, 'dist'))
    await filesOf()
    expect(statSync(join(project, 'dist')).ino).toBe(ino)
    expect(log()).toBe('<>')
    write('src/index.ts', `export const text = 'second'`)
    expect(await filesOf()).toContain('second')
    expect(log()).toBe('<><>')
    rmSync(join(project, 'dist/index.js'))
    expect(await filesOf()).toContain('second')
    write('dist/index.js', 'third')
    expect(await filesOf()).toContain('second')
  })

  test('is done once by two terminals', async () => {
    const ends = await Promise.all([build().ended, build().ended])
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    expect(log()).toBe('<>')
    expect(read('dist/index.js')).toContain('first')
  })
})

describe('the outcomes of the parts of a task', () => {
  const outcomes = async (task = 'build:examples') => {
    const { stdout } = await start(`
      import { outcomesOf } from './scripts/wireit.js'
      const outcomes = await outcomesOf('${task}')
      console.log('outcomes: ' + outcomes.map(({ name, passed }) => name + ' ' + passed).join(', '))
    `).ended
    return /^outcomes: (.*)$/m.exec(stdout)?.[1]
  }

  test('are those of its commands, whether they run or are up to date', async () => {
    const all = 'build:compile true, build:page true, build:dist true, build:examples true'
    expect(await outcomes()).toBe(all)
    expect(await outcomes()).toBe(all)
  })

  test('are failures after a failure only where a part depends on it', async () => {
    write('broken', '')
    expect(await outcomes()).toBe(
      'build:compile false, build:page true, build:dist false, build:examples false'
    )
  })

  test('are complete if the command of a part runs another task', async () => {
    const manifest = JSON.parse(read('package.json'))
    const outer = { command: 'node scripts/run.cjs wireit build:compile', dependencies: ['build:page'] }
    write('package.json', JSON.stringify({ ...manifest, wireit: { ...manifest.wireit, outer } }))
    expect(await outcomes('outer')).toBe('build:page true, outer true')
  })

  test('are failures if wireit cannot run', async () => {
    write('node_modules/wireit-broken/bin/wireit.js', 'process.exit(1)')
    rmSync(join(project, 'node_modules/wireit'))
    renameSync(join(project, 'node_modules/wireit-broken'), join(project, 'node_modules/wireit'))
    expect(await outcomes()).toBe(
      'build:compile false, build:page false, build:dist false, build:examples false'
    )
  })
})

describe('npm start', () => {
  test('builds, and leaves stdout to the program', async () => {
    const { code, stdout, output } = await startScript(['start', '--json']).ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: '["--json"]\n' })
    expect(output).toContain('Ran 4 scripts')
  })

  test('with --silent prints what the program prints, and nothing else', async () => {
    const silent = { env: { npm_config_loglevel: 'silent' } }
    const { output } = await startScript(['start', '--json'], silent).ended
    expect(output).toBe('["--json"]\n')
  })

  test('with --silent says why it could not build', async () => {
    write('broken', '')
    const silent = { env: { npm_config_loglevel: 'silent' } }
    const { code, stdout, output } = await startScript(['start', '--json'], silent).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(output).toContain('It is broken.')
  })
})

describe('the program behind npm start', () => {
  const become = (program: string, first = '') =>
    start(`
      ${first}
      import { become } from './scripts/process.js'
      process.exitCode = await become(process.execPath, ['-e', ${JSON.stringify(program)}], { cwd: '.' })
    `)

  test('passes its exit code and its output unchanged', async () => {
    const { code, output } = await become(`console.log('result'); process.exitCode = 7`).ended
    expect({ code, output }).toEqual({ code: 7, output: 'result\n' })
  })

  const counting = `
    let heard = 0
    setInterval(() => {}, 1000)
    process.on('SIGINT', () => {
      heard++
      console.log('heard', heard)
      if (heard === 1) setTimeout(() => process.exit(130), 2000)
      else process.exit(131)
    })
    console.log('ready')
  `

  /** The signal comes a second time, as if it were that much later. */
  const again = (ms: number) => `
    let now = 0
    performance.now = () => now
    process.once('SIGINT', (signal) => {
      setTimeout(() => {
        now = ${ms}
        process.emit(signal, signal)
      }, 100)
    })
  `

  test('receives one Ctrl-C once, though the script receives it twice', async () => {
    const { child, ended, printed } = become(counting, again(20))
    await printed('ready')
    // As from the terminal, which tells everybody; npm then hands on what it was told.
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 130, output: 'ready\nheard 1\n' })
  })

  test('receives a second Ctrl-C', async () => {
    const { child, ended, printed } = become(counting, again(300))
    await printed('ready')
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 131, output: 'ready\nheard 1\nheard 2\n' })
  })

  test('has the exit code 128 + signal if a signal kills it', async () => {
    const { child, ended, printed } = become(`console.log('ready'); setInterval(() => {}, 1000)`)
    await printed('ready')
    child.kill('SIGTERM')
    expect((await ended).code).toBe(143)
  })
})
