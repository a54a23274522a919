/** `runMain` and `interruptOnSignals` in processes of their own: signals, exit codes, reports, deadlocks, and a clean end. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Ended, Program } from './spawn.js'

let started: Array<Program> = []
const start = (name: string, env?: NodeJS.ProcessEnv): Program => {
  const program = new Program(name, undefined, env)
  started.push(program)
  return program
}
const run = (name: string, trace?: string): Promise<Ended> =>
  start(name, trace === undefined ? {} : { AIO_TRACE: trace }).ended
afterEach(() => {
  for (const program of started) program.stop()
  started = []
})

/** Far below the timers that the programs would leave behind, far above what a busy machine needs. */
const promptly = 8_000
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('runMain: exit codes and reports (38)', { timeout: 15_000 }, () => {
  it('success is 0, without output', async () => {
    expect(await run('succeeds')).toMatchObject({ code: 0, signal: null, stdout: 'working\n', stderr: '' })
  })

  it('a failure is printed with its cause and trace, exit code 1', async () => {
    const ended = await run('fails')
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('the settings are missing')
    expect(ended.stderr).toContain('load the settings')
    expect(ended.stderr).toContain('programs.mjs')
  })

  it('a failure that is no Error is printed with its fields', async () => {
    const ended = await run('failsTagged')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('HttpError')
    expect(ended.stderr).toContain('503')
    expect(ended.stderr).not.toContain('[object Object]')
  })

  it('with AIO_TRACE=1 each reason is printed with the line where its operation was built', async () => {
    const builtAt = (text: string) => text.match(/built at .*programs\.mjs:\d+:\d+/g) ?? []
    const [off, on, another] = await Promise.all([
      run('failsTwice', '0'),
      run('failsTwice', '1'),
      run('failsTagged', '1')
    ])
    expect(builtAt(off.stderr)).toEqual([])
    expect(new Set(builtAt(on.stderr)).size).toBe(2)
    expect(builtAt(another.stderr)).toHaveLength(1)
    for (const { code } of [off, on, another]) expect(code).toBe(1)
  })

  it('the stack of a defect has no line of the library', async () => {
    const ended = await run('dies')
    expect(ended.stderr).toContain('programs.mjs')
    expect(ended.stderr).not.toContain('dist/')
    expect(ended.stderr).not.toContain('node:internal')
  })

  it('a defect is printed with its stack, exit code 1', async () => {
    const ended = await run('dies')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('a bug in the program')
    expect(ended.stderr).toContain('programs.mjs')
  })

  it('every reason is printed (4)', async () => {
    const ended = await run('failsTwice')
    expect(ended.code).toBe(1)
    expect(ended.stderr.indexOf('main broke')).toBeGreaterThanOrEqual(0)
    expect(ended.stderr.indexOf('cleanup broke')).toBeGreaterThan(ended.stderr.indexOf('main broke'))
  })

  it('all output before the end arrives', async () => {
    const ended = await run('failsAfterMuchOutput')
    expect(ended.code).toBe(1)
    expect(ended.stdout).toHaveLength(2_000_000 + '\nlast line\n'.length)
    expect(ended.stdout.endsWith('last line\n')).toBe(true)
  })

  it('a program that interrupts itself has an exit code other than 0', async () => {
    const ended = await run('interruptsItself')
    expect(ended.code).not.toBe(0)
    expect(ended.code).not.toBe(null)
  })

  it('a value that is no Task is refused with a message, exit code 1 (40)', async () => {
    const ended = await run('notATask')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/Task/)
    expect(ended.stderr).toMatch(/42/)
  })
})

describe('runMain: signals (38)', { timeout: 15_000 }, () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)('%s interrupts, finalizers run, exit code %i', async (signal, code) => {
    const program = start('waits')
    await program.says('ready')
    program.kill(signal)
    const ended = await program.ended
    expect(ended).toMatchObject({ code, signal: null, stdout: 'ready\ncleaned\n' })
    expect(ended.took).toBeLessThan(promptly)
  })

  it('SIGINT stops a group and its body', async () => {
    const program = start('waitsInGroup')
    await program.says('ready')
    program.kill('SIGINT')
    const ended = await program.ended
    expect(ended.code).toBe(130)
    expect(ended.stdout).toContain('child cleaned')
    expect(ended.stdout).toContain('body cleaned')
  })

  it('SIGHUP has 129 if the option names it', async () => {
    const program = start('waitsForHangup')
    await program.says('ready')
    program.kill('SIGHUP')
    expect(await program.ended).toMatchObject({ code: 129, stdout: 'ready\ncleaned\n' })
  })

  it('a signal without the option has its default effect', async () => {
    const program = start('waitsForHangup')
    await program.says('ready')
    program.kill('SIGINT')
    expect(await program.ended).toMatchObject({ code: null, signal: 'SIGINT', stdout: 'ready\n' })
  })

  it('a failed cleanup is printed, and the exit code is not 0', async () => {
    const program = start('cleanupBreaks')
    await program.says('ready')
    program.kill('SIGINT')
    const ended = await program.ended
    expect(ended.stderr).toContain('cleanup broke')
    expect([1, 130]).toContain(ended.code)
  })

  it('a program that saves its work on the signal and then ends has the exit code of the signal', async () => {
    for (const [name, last] of [
      ['absorbs', 'saved'],
      ['absorbsAll', 'went on']
    ] as const) {
      const program = start(name)
      await program.says('ready')
      program.kill('SIGINT')
      const ended = await program.ended
      expect(ended).toMatchObject({ code: 130, stdout: `ready\n${last}\n`, stderr: '' })
    }
  })

  it('a second signal prints the running fibers and exits at once', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143]
    ] as const) {
      const program = start('stubborn')
      await program.says('ready')
      program.kill(signal)
      const ended = await program.killAgain(signal)
      expect(ended.code).toBe(code)
      expect(ended.stderr).toContain('write the file')
      expect(ended.stderr).toContain('sleep 600000ms')
      expect(ended.took).toBeLessThan(promptly)
    }
  })
})

describe('runMain: nothing can wake the program (38)', { timeout: 15_000 }, () => {
  it('a wait cycle is named', async () => {
    const { code, stderr } = await run('circle')
    expect(code).toBe(13)
    expect(stderr.replace(/#\d+/g, '#N')).toContain(
      'wait cycle: #N plato waits for permits that #N socrates holds, #N socrates waits for permits that #N plato holds'
    )
  })

  it('fibers that wait for each other are printed with their waits, exit code 13', async () => {
    const ended = await run('deadlock')
    expect(ended.code).toBe(13)
    for (const word of ['the-consumer', 'the-producer', 'Queue.get', 'join #'])
      expect(ended.stderr).toContain(word)
    expect(ended.took).toBeLessThan(promptly)
  })

  it.each([
    ['waitsForDeferred', /Deferred/],
    ['waitsForDeadPromise', /promise/i],
    ['waitsForDeadCallback', /ask the sensor/]
  ])('%s: exit code 13', async (name, words) => {
    const ended = await run(name)
    expect(ended.code).toBe(13)
    expect(ended.stderr).toMatch(words)
  })

  it('a sleeping program stays alive and ends with 0', async () => {
    expect(await run('sleeps')).toMatchObject({ code: 0, stdout: 'woke up\n', stderr: '' })
  })

  it('a program that waits for a timer of other code stays alive', async () => {
    expect(await run('wokenByTimer')).toMatchObject({ code: 0, stdout: 'news\n', stderr: '' })
  })

  it('a program that waits for its input stays alive', async () => {
    const program = start('wokenByInput')
    await program.says('ready')
    await wait(300)
    expect(program.child.exitCode).toBe(null)
    program.child.stdin?.write('a line\n')
    expect(await program.ended).toMatchObject({ code: 0, stdout: 'ready\ngot a line\n', stderr: '' })
  })

  it('a server stays alive until a signal comes', async () => {
    const program = start('serves')
    await program.says('ready')
    await wait(300)
    expect(program.child.exitCode).toBe(null)
    program.kill('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 143, stdout: 'ready\nclosed\n' })
  })
})

describe('a program that has ended leaves nothing behind (38)', { timeout: 15_000 }, () => {
  it('no timer of a timeout, a race or a closed group holds the process', async () => {
    const ended = await run('leavesTimers')
    expect(ended).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' })
    expect(ended.took).toBeLessThan(promptly)
  })

  it('the listeners are restored', async () => {
    const ended = await run('handlersAgain')
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stdout).toBe('done\nown handler alone: true, SIGTERM handlers: 0\n')
  })

  it('a program without runMain ends as well', async () => {
    const ended = await run('endsByItself')
    expect(ended).toMatchObject({ code: 0, stdout: 'ended\n', stderr: '' })
    expect(ended.took).toBeLessThan(promptly)
  })
})

describe('interruptOnSignals in a program (39)', { timeout: 15_000 }, () => {
  it('interrupts its part, the program continues, and the next signal has its former effect', async () => {
    const program = start('interruptsAPart')
    await program.says('ready')
    program.kill('SIGINT')
    await program.says('went on after Left')
    expect(program.stdout).toBe('ready\ncleaned\nwent on after Left\n')
    program.kill('SIGINT')
    expect(await program.ended).toMatchObject({ code: null, signal: 'SIGINT' })
  })
})

describe('the default reporter', { timeout: 15_000 }, () => {
  it('writes to stderr, and the program continues', async () => {
    const ended = await run('reportsByItself')
    expect(ended).toMatchObject({ code: 0, stdout: 'won\n' })
    expect(ended.stderr).toContain('broke while being stopped')
  })
})
