/** Executors in processes of their own: a clean end, Ctrl-C, and a missing package. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { Program } from './spawn.js'

const fixture = fileURLToPath(new URL('fixtures/executors.mjs', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

let started: Array<Program> = []
const start = (name: string, file = fixture): Program => {
  const program = new Program(name, file)
  started.push(program)
  return program
}
afterEach(() => {
  for (const program of started) program.stop()
  started = []
})

describe('executors of threads', { timeout: 60_000 }, () => {
  it('with open threads do not keep a program alive', async () => {
    expect(await start('leavesThreads').ended).toMatchObject({ code: 0, stdout: '3,7 2\n', stderr: '' })
  })

  it('stop a job that never yields at Ctrl-C', async () => {
    const program = start('isStopped')
    await program.says('ready')
    program.kill('SIGINT')
    expect(await program.ended).toMatchObject({ code: 130, stdout: 'ready\nstopped\n' })
  })

  it('pass the output of a job to the process', async () => {
    expect(await start('printsOnThread').ended).toMatchObject({ code: 0, stdout: 'from a thread\n' })
  })

  it('can be imported without piscina, and a call says what to install', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aio-ts-peers-'))
    try {
      mkdirSync(join(folder, 'node_modules/aio-ts'), { recursive: true })
      cpSync(join(root, 'dist'), join(folder, 'node_modules/aio-ts/dist'), { recursive: true })
      cpSync(join(root, 'package.json'), join(folder, 'node_modules/aio-ts/package.json'))
      symlinkSync(join(root, 'node_modules/fp-ts'), join(folder, 'node_modules/fp-ts'), 'junction')
      cpSync(fixture, join(folder, 'executors.mjs'))
      const ended = await start('withoutPiscina', join(folder, 'executors.mjs')).ended
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(ended.stdout).toMatch(/^NotInstalled: .*npm install piscina/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
