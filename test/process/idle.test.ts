/** A program whose event loop has no work left: it stays alive until a signal comes, or reports its deadlock. */
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { Program } from './spawn.js'

const file = fileURLToPath(new URL('fixtures/edge.mjs', import.meta.url))

let started: Array<Program> = []
const start = (name: string): Program => {
  const program = new Program(name, file)
  started.push(program)
  return program
}
afterEach(() => {
  for (const program of started) program.stop()
  started = []
})

const limit = { timeout: 30_000 }

describe(
  'a main fiber that waits for an interruption keeps the process alive until a signal comes (38)',
  limit,
  () => {
    // Every kind of wait is in test/runtime/observe/idle.test.ts.
    it.each(['never', 'callOnCancel', 'body', 'join', 'closed', 'beside'])('%s', async (name) => {
      const program = start(`staying:${name}`)
      // Where it did not stay, this would be its last word.
      await program.says('idle')
      program.kill('SIGTERM')
      expect(await program.ended).toMatchObject({ code: 143, stdout: 'idle\n', stderr: '' })
    })

    it('also in a finalizer, until the second signal', async () => {
      const program = start('neverCleaned')
      await program.says('ready')
      program.kill('SIGINT')
      await program.says('cleaning')
      const ended = await program.killAgain('SIGINT')
      expect(ended).toMatchObject({ code: 130, stdout: 'ready\ncleaning\n' })
      expect(ended.stderr).toMatch(/^a second signal \(SIGINT\): .*\nfiber #\d+ .* waits for never/)
    })

    it('but no longer: a later deadlock is reported', async () => {
      const program = start('dead')
      await program.says('idle')
      program.kill('SIGHUP')
      const ended = await program.ended
      expect(ended).toMatchObject({ code: 13, stdout: 'idle\n' })
      expect(ended.stderr).toMatch(
        /^nothing can wake the program any more.*\nfiber #\d+ .* waits for Deferred\.wait/
      )
    })
  }
)

describe(
  'a main fiber that no event can wake is reported, whatever other fibers wait for (38)',
  limit,
  () => {
    it.each([
      ['deferred', /Deferred\.wait/],
      ['queue', /Queue\.get/],
      ['circleBeside', /wait cycle: .*plato.*socrates/],
      ['joins', /wait cycle: .*joins .*two.*joins .*one/]
    ])('%s', async (name, words) => {
      const ended = await start(`stuck:${name}`).ended
      expect(ended).toMatchObject({ code: 13, stdout: '' })
      expect(ended.stderr).toMatch(/^nothing can wake the program any more/)
      expect(ended.stderr).toMatch(words)
    })
  }
)

describe('a program that ends itself is no deadlock', limit, () => {
  it.each(['wokenAndExits', 'exitsAtOnce', 'exitsAfterReading', 'exitsAfterFlush'])('%s', async (name) => {
    expect(await start(name).ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('but one that is woken without effect is', async () => {
    const ended = await start('wokenInVain').ended
    expect(ended).toMatchObject({ code: 13, stdout: 'woken\n' })
    expect(ended.stderr).toMatch(/^nothing can wake the program any more/)
  })
})
