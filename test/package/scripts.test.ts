/**
 * The scripts behind `npm start` and `npm test`, in a project of their own: on a machine without an installation, two at a time, and
 * stopped halfway.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { root } from '../../scripts/process.js'

// Each starts a few processes, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 })

let project = ''

const write = (path: string, text: string) => {
  mkdirSync(join(project, path, '..'), { recursive: true })
  writeFileSync(join(project, path), text)
}

const read = (path: string) => readFileSync(join(project, path), 'utf8')

/** A compiler that takes as long as it is told and copies what it compiles. */
const compiler = `
  const { cpSync, existsSync } = require('node:fs')
  const target = process.argv[process.argv.indexOf('--outDir') + 1]
  cpSync('src', target, { recursive: true })
  console.log('compiling')
  if (existsSync('slow')) setTimeout(() => {}, 60_000)
  if (existsSync('broken')) process.exitCode = 2
`

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'aio-ts-scripts-'))
  cpSync(join(root, 'scripts'), join(project, 'scripts'), { recursive: true })
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', '{ "packages": { "": {} } }')
  write('node_modules/.package-lock.json', '{ "packages": {} }')
  write('node_modules/typescript/package.json', '{}')
  write('node_modules/typescript/bin/tsc', compiler)
  write('tsconfig.json', '{}')
  write('src/a.js', 'first')
})

afterEach(() => {
  rmSync(project, { recursive: true, force: true })
})

/** Starts a program in the project that may use its scripts. */
const start = (text: string) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: project })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    output += data
  })
  const ended = new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
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

const build = () => start(`process.argv[2] = 'build'; await import('./scripts/run.cjs')`)

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

describe('a build', () => {
  test('replaces the old one when it is complete', async () => {
    expect((await build().ended).code).toBe(0)
    rmSync(join(project, 'src/a.js'))
    write('src/b.js', 'second')
    expect((await build().ended).code).toBe(0)
    expect(existsSync(join(project, 'dist/a.js'))).toBe(false)
    expect(read('dist/b.js')).toBe('second')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'that is stopped by %s leaves the old one, which is not up to date',
    async (signal) => {
      await build().ended
      write('src/a.js', 'second')
      write('slow', '')
      const { child, ended, printed } = build()
      await printed('compiling')
      child.kill(signal)
      expect((await ended).code).toBe(signal === 'SIGINT' ? 130 : 143)
      expect(read('dist/a.js')).toBe('first')
      rmSync(join(project, 'slow'))
      await start(`import { ensureBuilt } from './scripts/setup.js'; await ensureBuilt()`).ended
      expect(read('dist/a.js')).toBe('second')
    }
  )

  test('that fails leaves the old one, and says so', async () => {
    await build().ended
    write('src/a.js', 'second')
    write('broken', '')
    const { code, output } = await build().ended
    expect(code).toBe(1)
    expect(output).toContain('Could not build the library')
    expect(read('dist/a.js')).toBe('first')
  })

  test('runs once, and again only when a source has changed or an output is missing', async () => {
    const ensureBuilt = async () => {
      const { output } = await start(`import { ensureBuilt } from './scripts/setup.js'; await ensureBuilt()`)
        .ended
      return output.includes('compiling')
    }
    expect(await ensureBuilt()).toBe(true)
    expect(await ensureBuilt()).toBe(false)
    write('src/a.js', 'second')
    expect(await ensureBuilt()).toBe(true)
    rmSync(join(project, 'dist/a.js'))
    expect(await ensureBuilt()).toBe(true)
  })
})

describe('the lock', () => {
  const holder = (words: string) => `
    import { appendFileSync } from 'node:fs'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { withLock } from './scripts/lock.js'
    await withLock(async () => {
      appendFileSync('log', '<')
      ${words}
      appendFileSync('log', '>')
    })
  `

  test('is held by one process at a time', async () => {
    const ends = [1, 2, 3, 4].map(() => start(holder('await sleep(50)')).ended)
    for (const { code } of await Promise.all(ends)) expect(code).toBe(0)
    expect(read('log')).toBe('<><><><>')
  })

  test('of a killed owner is taken over by one of the waiting processes', async () => {
    const first = start(holder(`console.log('inside'); await sleep(60_000)`))
    await first.printed('inside')
    const others = [1, 2, 3].map(() => start(holder('await sleep(50)')).ended)
    first.child.kill('SIGKILL')
    for (const { code } of await Promise.all(others)) expect(code).toBe(0)
    expect(read('log')).toBe('<<><><>')
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
    expect(await ended).toEqual({ code: 130, output: 'ready\nheard 1\n' })
  })

  test('receives a second Ctrl-C', async () => {
    const { child, ended, printed } = become(counting, again(300))
    await printed('ready')
    child.kill('SIGINT')
    expect(await ended).toEqual({ code: 131, output: 'ready\nheard 1\nheard 2\n' })
  })

  test('has the exit code 128 + signal if a signal kills it', async () => {
    const { child, ended, printed } = become(`console.log('ready'); setInterval(() => {}, 1000)`)
    await printed('ready')
    child.kill('SIGTERM')
    expect((await ended).code).toBe(143)
  })
})
