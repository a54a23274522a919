/** The program's answer against that of find, sha256sum, sort and uniq. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  build,
  buildTimeout,
  bytesOf,
  makeFolder,
  resultOf,
  root,
  runCommand,
  runProgram,
  writeFiles
} from './support.js'

/** Groups of paths as latin1 strings (one character a byte), each in order, in the order of their first. */
type Answer = ReadonlyArray<ReadonlyArray<string>>

const inOrder = (groups: Iterable<ReadonlyArray<string>>): Answer =>
  [...groups].map((group) => [...group].sort()).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))

const askShell = async (folder: string, cwd: string, minSize: number): Promise<Answer> => {
  const script =
    'find "$1" -type f -size "+$2c" -print0 | xargs -0 -r sha256sum -z -- | sort -z | uniq -z -w64 --all-repeated=none'
  const { stdout, code, stderr } = await runCommand(
    'sh',
    ['-c', script, 'sh', folder, String(minSize - 1)],
    cwd
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const groups = new Map<string, Array<string>>()
  for (const line of stdout.toString('latin1').split('\0')) {
    if (line === '') continue
    const digest = line.slice(0, 64)
    groups.set(digest, [...(groups.get(digest) ?? []), line.slice(66)])
  }
  return inOrder(groups.values())
}

const askProgram = async (folder: string, cwd: string, args: ReadonlyArray<string> = []): Promise<Answer> => {
  const outcome = await runProgram(['--json', '--quiet', ...args, '--', folder], cwd)
  expect(outcome.code).toBe(0)
  expect(outcome.stderr).toBe('')
  return inOrder(
    resultOf(outcome).groups.map(({ files }) => files.map((path) => bytesOf(path).toString('latin1')))
  )
}

/** The same from the text, whose odd lines the shell itself reads back. */
const askProgramForText = async (folder: string, cwd: string): Promise<Answer> => {
  const { stdout } = await runProgram(['--quiet', '--', folder], cwd)
  const groups: Array<Array<string>> = []
  for (const line of stdout.toString('latin1').split('\n')) {
    if (line.includes(' wasted: ') && !line.startsWith('  ')) groups.push([])
    else if (line.startsWith("  $'")) {
      const unquoted = execFileSync('bash', { input: Buffer.from(`printf %s ${line}`, 'latin1') })
      groups.at(-1)?.push(unquoted.toString('latin1'))
    } else if (line.startsWith('  ')) groups.at(-1)?.push(line.slice(2))
  }
  return inOrder(groups)
}

const { folder, remove } = makeFolder()

beforeAll(async () => {
  await build()
  const block = (text: string, length: number): Buffer => Buffer.alloc(length, text)
  writeFiles(folder, {
    'tree/a': 'same',
    'tree/b/a': 'same',
    'tree/b/c/d/e/f/a': 'same',
    'tree/b/other': 'diff',
    'tree/unique': 'the only one of its size',
    'tree/empty-1': '',
    'tree/empty-2': '',
    'tree/with space/and  two': 'odd names',
    'tree/-leading-dash': 'odd names',
    'tree/new\nline': 'odd names',
    "tree/quote'and\\backslash": 'odd names',
    'tree/tab\tand\x1b[31mescape': 'odd names',
    'tree/ünïcödé-名前-🙂': 'odd names',
    "tree/$'looks quoted'": 'odd names',
    'tree/a-b/x': 'order',
    'tree/a.b/x': 'order',
    'tree/aa': 'order',
    'tree/large/one': block('large', 500_000),
    'tree/large/two': block('large', 500_000),
    'tree/large/other-end': Buffer.concat([block('large', 499_999), Buffer.from('!')]),
    'tree/large/other-middle': Buffer.concat([
      block('large', 250_000),
      Buffer.from('!'),
      block('large', 500_000).subarray(250_001)
    ]),
    'tree/large/buffer': block('b', 128 * 1024),
    'tree/large/buffer-again': block('b', 128 * 1024),
    'tree/large/buffer-and-one': block('b', 128 * 1024 + 1),
    'tree/large/buffer-and-one-again': block('b', 128 * 1024 + 1),
    '-dash/a': 'x',
    '-dash/b': 'x'
  })
  mkdirSync(Buffer.concat([Buffer.from(join(folder, 'tree/')), Buffer.from([0xff, 0xfe])]))
  for (const name of [
    [0xff, 0xfe, 0x2f, 0x61, 0x80],
    [0x62, 0xc3],
    [0x63, 0xed, 0xb3, 0xbf],
    [0xe4, 0x0a]
  ]) {
    writeFileSync(
      Buffer.concat([Buffer.from(join(folder, 'tree/')), Buffer.from(name)]),
      'names that are no UTF-8'
    )
  }
  symlinkSync('a', join(folder, 'tree/link-to-a'))
  symlinkSync('b', join(folder, 'tree/link-to-folder'))
  symlinkSync('..', join(folder, 'tree/b/link-up'))
  for (const name of ['sparse-1', 'sparse-2']) {
    writeFileSync(join(folder, 'tree', name), '')
    truncateSync(join(folder, 'tree', name), 5_000_000)
  }
}, buildTimeout)
afterAll(remove)

describe('find-duplicates has the result of find, sha256sum, sort and uniq', () => {
  it('on a tree with duplicates, lookalikes, odd names and links', async () => {
    const expected = await askShell('tree', folder, 1)
    expect(expected.length).toBe(8)
    expect(await askProgram('tree', folder)).toEqual(expected)
  })

  it('as text whose lines a shell can read', async () => {
    expect(await askProgramForText('tree', folder)).toEqual(await askShell('tree', folder, 1))
  })

  it('with empty files, if the option says so', async () => {
    const script =
      'find tree -type f -print0 | xargs -0 sha256sum -z | sort -z | uniq -z -w64 --all-repeated=none'
    const { stdout } = await runCommand('sh', ['-c', script], folder)
    const answer = await askProgram('tree', folder, ['--min-size', '0'])
    expect(answer.flat().length).toBe(stdout.toString('latin1').split('\0').length - 1)
    expect(answer).toContainEqual(['tree/empty-1', 'tree/empty-2'])
  })

  it('with --min-size', async () => {
    const expected = await askShell('tree', folder, 128 * 1024 + 1)
    expect(expected.length).toBe(3)
    expect(await askProgram('tree', folder, ['--min-size', '131073'])).toEqual(expected)
  })

  it('for a folder whose name starts with a dash', async () => {
    expect(await askProgram('-dash', folder)).toEqual([['-dash/a', '-dash/b']])
  })

  it('with any number of hashers', async () => {
    const expected = await askShell('tree', folder, 1)
    for (const concurrency of ['1', '2', '64']) {
      expect(await askProgram('tree', folder, ['--concurrency', concurrency])).toEqual(expected)
    }
  })

  it('on a folder of installed packages', async () => {
    const packages = 'node_modules/fp-ts'
    const expected = await askShell(packages, root, 1)
    expect(expected.length).toBeGreaterThan(50)
    expect(await askProgram(packages, root)).toEqual(expected)
  }, 60_000)
})
