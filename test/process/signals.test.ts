/**
 * Signals as they come in practice: twice for one Ctrl-C, to a whole process group, by way of tsx, npm and nodemon, and to programs
 * with listeners of their own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { npm } from '../../scripts/process.js'
import { type How, Program } from './spawn.js'

const file = fileURLToPath(new URL('fixtures/edge.mjs', import.meta.url))
const bin = (path: string): string => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url))

let started: Array<Program> = []
const start = (name: string, how?: How, fixture = file): Program => {
  const program = new Program(name, fixture, {}, how)
  started.push(program)
  return program
}
afterEach(() => {
  for (const program of started) program.stop()
  started = []
})

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const limit = { timeout: 30_000 }

describe('the same signal again within a second counts as the first one (38)', limit, () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)('%s: finalizers run to their end, exit code %i', async (signal, code) => {
    const program = start('cleansUpAmidSignals')
    await program.says('ready')
    program.kill(signal)
    expect(await program.ended).toMatchObject({ code, stdout: 'ready\ncleaned\n', stderr: '' })
  })

  it('also if it is sent to the process group and to the program', async () => {
    const program = start('blocks', { isGroup: true })
    await program.says('ready')
    program.killGroup('SIGTERM')
    await program.says('cleaning')
    program.kill('SIGTERM')
    program.killGroup('SIGTERM')
    program.hears('go on')
    expect(await program.ended).toMatchObject({ code: 143, stdout: 'ready\ncleaning\ncleaned\n', stderr: '' })
  })

  it('also if the program blocks its event loop for longer than that', async () => {
    const program = start('blocks')
    await program.says('ready')
    program.kill('SIGINT')
    await program.says('cleaning')
    program.kill('SIGINT')
    await wait(1500)
    program.hears('go on')
    expect(await program.ended).toMatchObject({ code: 130, stdout: 'ready\ncleaning\ncleaned\n', stderr: '' })
  })

  it('also if the first one interrupted a part of the program', async () => {
    const program = start('part')
    await program.says('ready')
    program.kill('SIGINT')
    expect(await program.ended).toMatchObject({ code: 0, stdout: 'ready\nwent on\ndone\n', stderr: '' })
  })
})

describe('a later signal prints the running fibers and exits at once (38)', limit, () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)('%s: exit code %i', async (signal, code) => {
    const program = start('cleansUp')
    await program.says('ready')
    program.kill(signal)
    await program.says('cleaning')
    const ended = await program.killAgain(signal)
    expect(ended).toMatchObject({ code, stdout: 'ready\ncleaning\n' })
    expect(ended.stderr).toMatch(/^a second signal \(SIG\w+\): .*\nfiber #\d+ .*async/)
  })

  it('another signal exits at once', async () => {
    const program = start('cleansUp')
    await program.says('ready')
    program.kill('SIGINT')
    await program.says('cleaning')
    program.kill('SIGTERM')
    const ended = await program.ended
    expect(ended.code).toBe(143)
    expect(ended.stderr).toMatch(/^a second signal \(SIGTERM\)/)
  })

  it('if a part does not end after its signal, the program is interrupted, and then exits', async () => {
    const program = start('stubbornPart')
    await program.says('ready')
    program.kill('SIGINT')
    await program.says('cleaning')
    const ended = await program.killAgain('SIGINT')
    expect(ended.code).toBe(130)
    expect(ended.stderr).toMatch(/^a second signal \(SIGINT\)/)
  })
})

describe('signals by way of other programs', limit, () => {
  const cleaned = 'ready\ncleaning\ncleaned\n'

  // tsx passes a signal on where the program has not said within 30 ms that it has come, and kills it after another 30 ms: a machine
  // that is busy can be slower than that.
  it.each([
    ['SIGINT', 'the whole group'],
    ['SIGTERM', 'the whole group'],
    ['SIGINT', 'tsx alone'],
    ['SIGTERM', 'tsx alone']
  ] as const)('tsx: %s to %s', { retry: 3 }, async (signal, to) => {
    const program = start('cleansUp', { by: [process.execPath, bin('tsx/dist/cli.mjs')], isGroup: true })
    await program.says('ready')
    if (to === 'tsx alone') program.kill(signal)
    else program.killGroup(signal)
    await program.says('cleaning')
    // Time for a second one.
    await wait(200)
    program.hears('go on')
    expect(await program.ended).toMatchObject({ stdout: cleaned, stderr: '' })
  })

  it.each(['bash', 'sh'])('npm with %s', async (shell) => {
    const folder = mkdtempSync(join(tmpdir(), 'aio-npm-'))
    try {
      const script = `${JSON.stringify(process.execPath)} ${JSON.stringify(file)} cleansUp`
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { go: script } }))
      const [command, args] = npm()
      const by = [command, ...args, 'run', '--silent', `--script-shell=${shell}`, '--update-notifier=false']
      const program = start('', { by, isGroup: true, cwd: folder }, 'go')
      await program.says('ready')
      program.killGroup('SIGINT')
      await program.says('cleaning')
      await wait(200)
      program.hears('go on')
      await program.says('cleaned')
      expect(await program.ended).toMatchObject({ stdout: cleaned })
      expect(program.stderr).not.toContain('a second signal')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('nodemon restarts the program, after its finalizers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aio-nodemon-'))
    try {
      const by = [process.execPath, bin('nodemon/bin/nodemon.js'), '--quiet', '--watch', folder]
      const program = start('cleansUp', { by, isGroup: true, cwd: folder })
      await program.says('ready')
      for (const times of [1, 2]) {
        program.hears('rs\n')
        await program.says('cleaning', times)
        // nodemon hands on what it reads.
        program.hears('go on\n')
        await program.says('ready', times + 1)
      }
      expect(program.stdout).toBe(`${cleaned}${cleaned}ready\n`)
      program.killGroup('SIGINT')
      await program.says('cleaning', 3)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('SIGUSR2', limit, () => {
  it('interrupts, finalizers run, and the process ends by that signal (38)', async () => {
    const program = start('cleansUp')
    await program.says('ready')
    program.kill('SIGUSR2')
    await program.says('cleaning')
    program.hears('go on')
    expect(await program.ended).toMatchObject({
      code: null,
      signal: 'SIGUSR2',
      stdout: 'ready\ncleaning\ncleaned\n',
      stderr: ''
    })
  })

  it('is left to the listeners of the program, if there are any', async () => {
    const program = start('ownRestart')
    await program.says('ready')
    program.kill('SIGUSR2')
    await program.says('heap written')
    program.hears('go on')
    expect(await program.ended).toMatchObject({ code: 0, stdout: 'ready\nheap written\ncleaned\n' })
  })

  it('interrupts anyway if the option names it', async () => {
    const program = start('askedRestart')
    await program.says('ready')
    program.kill('SIGUSR2')
    const ended = await program.ended
    expect(ended).toMatchObject({ code: 140, stdout: 'ready\nheap written\ncleaned\n' })
  })

  it.each([
    ['SIGUSR2', 'dumps'],
    ['SIGQUIT', 'dumpsOnQuit']
  ] as const)(
    'dumpOn: %s prints the running fibers each time it comes, and the program continues',
    async (signal, name) => {
      const program = start(name)
      await program.says('ready')
      for (const times of [1, 2]) {
        program.kill(signal)
        await program.reports('the-waiter', times)
      }
      expect(program.stderr).toMatch(
        new RegExp(`^${signal}: this is running\\nfiber #\\d+ .* waits for async`)
      )
      program.hears('go on')
      expect(await program.ended).toMatchObject({ code: 0, stdout: 'ready\nwent on\n' })
    }
  )
})

describe('listeners of the program (38)', limit, () => {
  it('are called as well, and what they start can end', async () => {
    const program = start('ownListeners')
    await program.says('ready')
    program.kill('SIGTERM')
    expect(await program.ended).toMatchObject({
      code: 143,
      stdout: 'ready\nflushing\ncleaned\nflushed\n',
      stderr: ''
    })
  })

  it('do not keep the process alive forever', async () => {
    const program = start('ownListenersForEver')
    await program.says('ready')
    program.kill('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 143, stdout: 'ready\ncleaned\nexit\n', stderr: '' })
  })

  it('are cut off by another signal, which ends the process at once', async () => {
    const program = start('ownListenersForEver')
    await program.says('ready')
    program.kill('SIGTERM')
    await program.says('cleaned')
    expect(await program.killAgain('SIGTERM', 'exit')).toMatchObject({ code: 143, stderr: '' })
  })

  it('are removed while a part of the program handles the signal', async () => {
    const program = start('ownListenersAroundPart')
    await program.says('ready')
    program.kill('SIGTERM')
    await program.says('went on')
    expect(program.stdout).toBe('ready\nwent on\n')
    const ended = await program.killAgain('SIGTERM', 'stopped')
    expect(ended.code).toBe(143)
    expect(ended.stdout).toMatch(/^ready\nwent on\n(flushed\n)+stopped\n$/)
  })

  it('are called if the signal passes from such a part to the whole program', async () => {
    const program = start('ownListenersAroundStubbornPart')
    await program.says('ready')
    program.kill('SIGTERM')
    await program.says('cleaning')
    expect(program.stdout).not.toContain('flushed')
    const ended = await program.killAgain('SIGTERM')
    expect(ended.code).toBe(143)
    expect(ended.stdout).toMatch(/^ready\ncleaning\n(flushed\n)+$/)
  })

  it('are restored after the end, and no others', async () => {
    expect(await start('leavesListeners').ended).toMatchObject({
      code: 0,
      stdout: 'the same: true\n',
      stderr: ''
    })
  })
})

it('on Windows SIGBREAK interrupts, and SIGUSR2 is not listened for', limit, async () => {
  const ended = await start('windows').ended
  expect(ended).toMatchObject({ stdout: 'ready\ncleaned, SIGUSR2: 0\n', stderr: '' })
  // Here the signal has no number.
  expect(ended.code).toBe(128)
})

it('invalid options are refused, exit code 1 (40)', limit, async () => {
  for (const [name, words] of [
    [
      'badDump',
      "TypeError: runMain: expected dumpOn to be 'SIGUSR2' or 'SIGQUIT', got \"SIGKILL\" (a string)"
    ],
    [
      'badReaction',
      "TypeError: runMain: expected onUncaught to be 'interrupt' or 'leave', got \"ignore\" (a string)"
    ],
    [
      'badGrace',
      'RangeError: runMain: expected uncaughtGraceMs, a time of 0 or more milliseconds, got -1 (a number)'
    ],
    ['badBoth', 'TypeError: runMain: SIGUSR2 can interrupt or ask for a dump, but not both']
  ] as const) {
    const ended = await start(name).ended
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(words)
  }
})
