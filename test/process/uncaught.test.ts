/** Errors outside of every fiber: the program is interrupted, so that its finalizers run before the process ends. */
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type How, Program } from './spawn.js'

const file = fileURLToPath(new URL('fixtures/edge.mjs', import.meta.url))

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

const limit = { timeout: 30_000 }

describe('an uncaught exception or an unhandled rejection (38)', limit, () => {
  it.each([
    ['throws', 'uncaught exception', 'thrown by a timer'],
    ['rejects', 'unhandled rejection', 'rejected by nobody']
  ])('%s: finalizers run, it is printed with its stack, exit code 1', async (name, what, message) => {
    const ended = await start(name).ended
    expect(ended).toMatchObject({ code: 1, stdout: 'ready\ncleaned\n' })
    expect(ended.stderr).toContain(
      `${what} outside of every fiber, which interrupts the program: Error: ${message}`
    )
    expect(ended.stderr).toContain('edge.mjs')
    expect(ended.stderr.split(message)).toHaveLength(2)
  })

  it('in the main module itself', async () => {
    const ended = await start('throwsAtOnce').ended
    expect(ended).toMatchObject({ code: 1, stdout: 'cleaned\n' })
    expect(ended.stderr).toContain('thrown by the module')
  })

  it('another one while finalizers run is printed, and they continue', async () => {
    const ended = await start('throwsTwice').ended
    expect(ended).toMatchObject({ code: 1, stdout: 'ready\ncleaned\n' })
    expect(ended.stderr).toMatch(/the first[\s\S]*the second/)
  })

  it('a failed cleanup is printed after it', async () => {
    const ended = await start('throwsAndBreaks').ended
    expect(ended).toMatchObject({ code: 1, stdout: 'ready\n' })
    expect(ended.stderr).toMatch(/thrown by a timer[\s\S]*cleanup broke/)
  })

  it.each(['throwsInVain', 'throwsAndNever'])(
    '%s: finalizers have their limit of time, and no more',
    async (name) => {
      const ended = await start(name).ended
      expect(ended.code).toBe(1)
      expect(ended.stderr).toMatch(
        /thrown by a timer[\s\S]*finalizers still run 100 ms after an uncaught exception.*\nfiber #\d+ .*(sleep 600000ms|never)/
      )
    }
  )

  it('a finalizer that no event can wake is reported, exit code 1', async () => {
    const ended = await start('throwsToDeadlock').ended
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(
      /thrown by a timer[\s\S]*nothing can wake the program any more.*\nfiber #\d+ .*Deferred/
    )
  })

  it('a signal meanwhile does not end the finalizers', async () => {
    const program = start('throwsThenSignal')
    await program.says('cleaning')
    program.kill('SIGTERM')
    program.hears('go on')
    expect(await program.ended).toMatchObject({ code: 1, stdout: 'ready\ncleaning\ncleaned\n' })
  })

  it("onUncaught: 'leave' leaves it to Node", async () => {
    const ended = await start('leaves').ended
    expect(ended).toMatchObject({ code: 1, stdout: 'ready\n' })
    expect(ended.stderr).toContain('thrown by a timer')
    expect(ended.stderr).not.toContain('outside of every fiber')
  })

  it('rejections for which the program has a listener are left to it', async () => {
    expect(await start('ownRejections').ended).toMatchObject({
      code: 0,
      stdout: 'ready\nnoted\nwent on\n',
      stderr: ''
    })
  })
})

describe('a closed reader of the output (38)', limit, () => {
  /** Until it has said something; then nobody reads its output any more. */
  const readOnce = async (name: string, from: 'stdout' | 'stderr' = 'stdout') => {
    const program = start(name)
    await (from === 'stdout' ? program.says('a line') : program.reports('a line'))
    program.child[from]?.destroy()
    return program.ended
  }

  it.each(['logs', 'writes', 'pipes'])('%s: the program is interrupted, and prints nothing', async (name) => {
    expect(await readOnce(name)).toMatchObject({ code: 141, signal: null, stderr: 'cleaned\n' })
  })

  it('also of stderr', async () => {
    const ended = await readOnce('writesErrors', 'stderr')
    expect(ended).toMatchObject({ code: 141, stdout: 'cleaned\n' })
  })

  it('with head', async () => {
    const by = ['bash', '-c', '"$0" "$1" "$2" | head -n 1; echo "$PIPESTATUS"', process.execPath]
    expect(await start('logs', { by }).ended).toMatchObject({
      code: 0,
      stdout: 'a line\n141\n',
      stderr: 'cleaned\n'
    })
  })

  it('is left to a program with a listener', async () => {
    expect(await readOnce('handlesPipe')).toMatchObject({ code: 0, stderr: 'handled\n' })
  })

  it('differs from another error of the stream, which is uncaught', async () => {
    const ended = await start('diskIsFull').ended
    expect(ended).toMatchObject({ code: 1, stdout: 'ready\ncleaned\n' })
    expect(ended.stderr).toMatch(/^uncaught exception outside of every fiber.*ENOSPC/)
  })

  it('does not hide a failed cleanup, which is printed', async () => {
    const ended = await readOnce('breaksAfterPipe')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('cleanup broke')
    expect(ended.stderr).not.toContain('EPIPE')
  })
})
