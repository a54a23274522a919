/** find-duplicates with `--cluster`: its large files are hashed by other processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { theRedis } from '../../bullmq/support.js'
import {
  build,
  buildTimeout,
  makeFolder,
  outcomeOf,
  program,
  resultOf,
  runProgram,
  writeFiles
} from './support.js'

const { folder, remove } = makeFolder()
let servers: Array<ChildProcess> = []

beforeAll(async () => {
  await build()
  writeFiles(folder, {
    'a/1': 'a'.repeat(400_000),
    'a/2': 'a'.repeat(400_000),
    'b/1': 'b'.repeat(500_000),
    'b/2': 'b'.repeat(500_000),
    'small-1': 'small',
    'small-2': 'small'
  })
}, buildTimeout)
afterAll(remove)
afterEach(() => {
  for (const server of servers) server.kill('SIGKILL')
  servers = []
})

const serve = (): ChildProcess => {
  const server = spawn(process.execPath, [program, '--serve', theRedis().url], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  servers.push(server)
  return server
}

it('finds the same duplicates, and the servers end with Ctrl-C', async () => {
  const ended = [serve(), serve()].map(outcomeOf)
  const options = ['--json', '-q', folder]
  const clustered = await runProgram(['--cluster', theRedis().url, ...options])
  expect(clustered).toMatchObject({ code: 0, stderr: '' })
  expect(resultOf(clustered)).toEqual(resultOf(await runProgram(options)))
  for (const server of servers) server.kill('SIGINT')
  for (const outcome of ended) expect((await outcome).code).toBe(130)
})

it('prints the result so far at Ctrl-C without a server', async () => {
  const child = spawn(process.execPath, [program, '--cluster', theRedis().url, folder], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = outcomeOf(child)
  await new Promise((resolve) => setTimeout(resolve, 3000))
  child.kill('SIGINT')
  const outcome = await ended
  expect(outcome.code).toBe(130)
  expect(outcome.stdout.toString()).toContain(join(folder, 'small-2'))
})

it('prints one line of error for a missing Redis, exit code 1', async () => {
  for (const option of ['--cluster', '--serve']) {
    const outcome = await runProgram([option, 'redis://127.0.0.1:1', folder])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(
      /^error: Redis at 127\.0\.0\.1:1 does not answer within 5000 ms: connect ECONNREFUSED 127\.0\.0\.1:1$/m
    )
    expect(outcome.stdout.toString()).toBe('')
  }
})
