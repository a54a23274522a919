/** `--threads`: the same result, by other threads. */
import { spawn } from 'node:child_process'
import { chmodSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseOptions } from '../../../examples/find-duplicates/options.js'
import {
  build,
  buildTimeout,
  makeFolder,
  outcomeOf,
  program,
  resultOf,
  runProgram,
  runProgramUnprivileged,
  writeFiles
} from './support.js'

const { folder, remove } = makeFolder()

beforeAll(async () => {
  await build()
  const large = (text: string) => text.repeat(400_000)
  writeFiles(folder, {
    'tree/a/1': large('a'),
    'tree/a/2': large('a'),
    'tree/b/3': large('b'),
    'tree/b/4': large('b'),
    'tree/c': `${large('c').slice(0, 200_000)}x${large('c').slice(0, 199_999)}`,
    'tree/d': `${large('c').slice(0, 200_001)}${large('c').slice(0, 199_999)}`,
    'tree/forbidden': large('a'),
    'tree/small-1': 'small',
    'tree/small-2': 'small'
  })
  chmodSync(join(folder, 'tree/forbidden'), 0)
}, buildTimeout)
afterAll(remove)

describe('--threads', () => {
  it('finds the duplicates and errors that one thread finds', async () => {
    const tree = join(folder, 'tree')
    const [alone, threads] = await Promise.all(
      [[], ['--threads', '2']].map((options) =>
        runProgramUnprivileged(['--json', '-q', ...options, tree], folder)
      )
    )
    expect(resultOf(threads!)).toEqual(resultOf(alone!))
    expect(resultOf(threads!)).toMatchObject({
      groups: { length: 3 },
      errors: [{ _tag: 'PermissionDenied' }]
    })
    expect(threads).toMatchObject({ code: 0, stderr: '' })
  }, 60_000)

  it('accepts a relative path', async () => {
    const outcome = await runProgram(['--json', '-q', '--threads', '1', 'tree'], folder)
    expect(resultOf(outcome).groups.map(({ files }) => files[0])).toContain('tree/a/1')
    expect(outcome.code).toBe(0)
  }, 60_000)

  it('ends soon at Ctrl-C, in the middle of huge files', async () => {
    const huge = join(folder, 'huge')
    writeFiles(huge, { 'small-1': 'small', 'small-2': 'small', '1': '', '2': '' })
    for (const name of ['1', '2']) truncateSync(join(huge, name), 2 ** 37)
    const child = spawn(process.execPath, [program, '--threads', '2', huge], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const ended = outcomeOf(child)
    await wait(3000)
    const sent = performance.now()
    child.kill('SIGINT')
    const outcome = await ended
    expect(outcome.code).toBe(130)
    expect(outcome.stdout.toString()).toContain('small-2')
    expect(performance.now() - sent).toBeLessThan(5000)
  }, 60_000)

  it('is refused if it is invalid', () => {
    for (const words of [
      ['--threads', '0'],
      ['--threads', 'two'],
      ['--threads', '2', '--cluster', 'redis://x'],
      ['--cluster', 'http://x'],
      ['--cluster', 'redis://x', '--serve', 'redis://x'],
      ['--serve', 'x']
    ]) {
      expect(parseOptions(words), words.join(' ')).toMatchObject(Either.left({ _tag: 'UsageError' }))
    }
    expect(parseOptions(['--serve', 'redis://x:1', '--concurrency', '2'])).toEqual(
      Either.right({ _tag: 'Serve', connection: 'redis://x:1', concurrency: 2 })
    )
  })
})
