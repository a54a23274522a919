/** Ctrl-C, and how much memory it takes. */
import { spawn } from 'node:child_process'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  build,
  buildTimeout,
  makeFolder,
  type Outcome,
  outcomeOf,
  program,
  resultOf,
  runCommand,
  writeFiles
} from './support.js'

const { folder, remove } = makeFolder()
const tree = join(folder, 'tree')

beforeAll(async () => {
  await build()
  writeFiles(tree, { 'small-1': 'small', 'small-2': 'small' })
  for (const name of ['huge-1', 'huge-2', 'huge-3', 'huge-4']) {
    writeFileSync(join(tree, name), '')
    truncateSync(join(tree, name), 2 ** 37)
  }
}, buildTimeout)
afterAll(remove)

/** How much the process has read from files by now. */
const bytesRead = (pid: number): number =>
  Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0)

/** Sends the signal when the program is in the middle of a huge file. */
const interrupt = async (args: ReadonlyArray<string>): Promise<{ outcome: Outcome; ms: number }> => {
  const child = spawn(process.execPath, [program, ...args, tree], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = outcomeOf(child)
  while (child.exitCode === null && bytesRead(child.pid ?? 0) < 400_000_000) await wait(20)
  const sent = performance.now()
  child.kill('SIGINT')
  const outcome = await ended
  return { outcome, ms: performance.now() - sent }
}

describe('Ctrl-C in the middle of a huge file', () => {
  it('ends the program within a second, with the result so far and exit code 130', async () => {
    const { outcome, ms } = await interrupt([])
    expect(outcome.stdout.toString()).toBe(
      [
        'Partial result: the search was broken off.',
        '',
        '5 bytes wasted: 2 files of 5 bytes',
        `  ${tree}/small-1`,
        `  ${tree}/small-2`,
        ''
      ].join('\n')
    )
    expect(outcome.stderr).toContain(
      '1 file more than needed, 5 bytes wasted when the search was broken off.'
    )
    expect(outcome.stderr).not.toMatch(/interrupt|Error| {4}at /i)
    expect(outcome).toMatchObject({ code: 130, signal: null })
    expect(ms).toBeLessThan(1000)
  }, 30_000)

  it('leaves whole JSON, marked as partial', async () => {
    const { outcome } = await interrupt(['--json'])
    expect(resultOf(outcome)).toMatchObject({ partial: true, groups: [{ size: 5 }], errors: [] })
    expect(outcome.code).toBe(130)
  }, 30_000)
})

/** Makes the program say at its end how much it took at most, in KiB. */
const sayingMemory = [
  '--import',
  'data:text/javascript,process.on("exit",()=>process._rawDebug("maxRSS "+process.resourceUsage().maxRSS))'
]

const memoryFor = async (args: ReadonlyArray<string>): Promise<number> => {
  const { stderr, code } = await runCommand(process.execPath, [...sayingMemory, program, '-q', ...args])
  expect(code).toBe(0)
  return Number(/maxRSS (\d+)/.exec(stderr)?.[1])
}

describe('memory', () => {
  it('stays bounded while two files are read that are larger than the bound', async () => {
    const large = join(folder, 'large')
    writeFiles(large, { '1': '', '2': '' })
    for (const name of ['1', '2']) truncateSync(join(large, name), 300_000_000)
    expect(await memoryFor([large])).toBeLessThan(200 * 1024)
  }, 60_000)

  it('stays bounded on many files of one size, half of them duplicates', async () => {
    const many = join(folder, 'many')
    const files = Array.from({ length: 20_000 }, (_, index): [string, string] => [
      `folder-${index % 100}/a-file-with-a-name-of-usual-length-${index}`,
      String(index >> 1).padStart(8, '0')
    ])
    writeFiles(many, Object.fromEntries(files))
    expect(await memoryFor([many])).toBeLessThan(200 * 1024)
  }, 60_000)

  it('is not needed for a file of 50 GB without an equal', async () => {
    const single = join(folder, 'single')
    writeFiles(single, { huge: '', small: 'x' })
    truncateSync(join(single, 'huge'), 50 * 2 ** 30)
    expect(await memoryFor([single])).toBeLessThan(200 * 1024)
  })
})
