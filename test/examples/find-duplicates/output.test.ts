/** What the program prints, where to, and with which exit code. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseOptions } from '../../../examples/find-duplicates/options.js'
import {
  build,
  buildTimeout,
  makeFolder,
  program,
  resultOf,
  root,
  runCommand,
  runProgram,
  runProgramUnprivileged,
  writeFiles
} from './support.js'

const { folder, remove } = makeFolder()
const socket = createServer()

beforeAll(async () => {
  await build()
  writeFiles(folder, {
    'plain/small-1': 'ab',
    'plain/small-2': 'ab',
    'plain/small-3': 'ab',
    'plain/medium/1': 'm'.repeat(3000),
    'plain/medium/2': 'm'.repeat(3000),
    'plain/medium-b/1': 'n'.repeat(3000),
    'plain/medium-b/2': 'n'.repeat(3000),
    'plain/other': 'abc',
    'alone/file': 'nothing like it',
    'linked/a': 'linked',
    'linked/z': 'linked',
    'only-links/a': 'one file',
    'odd/readable': 'fine',
    'odd/also-readable': 'fine',
    'odd/forbidden': 'some',
    'odd/forbidden-and-unique': 'of a size of its own',
    'odd/forbidden-folder/file': 'hidden',
    'odd/unsearchable-folder/file': 'hidden'
  })
  linkSync(join(folder, 'linked/z'), join(folder, 'linked/m'))
  linkSync(join(folder, 'linked/z'), join(folder, 'linked/b'))
  linkSync(join(folder, 'only-links/a'), join(folder, 'only-links/b'))
  mkdirSync(join(folder, 'special'))
  execFileSync('mkfifo', [join(folder, 'odd/fifo'), join(folder, 'special/fifo')])
  await new Promise<void>((resolve) => socket.listen(join(folder, 'odd/socket'), resolve))
  symlinkSync('loop-2', join(folder, 'odd/loop-1'))
  symlinkSync('loop-1', join(folder, 'odd/loop-2'))
  symlinkSync('itself', join(folder, 'odd/itself'))
  symlinkSync('nowhere', join(folder, 'odd/dangling'))
  symlinkSync('plain', join(folder, 'to-plain'))
  for (const name of ['forbidden', 'forbidden-and-unique', 'forbidden-folder'])
    chmodSync(join(folder, 'odd', name), 0)
  chmodSync(join(folder, 'odd/unsearchable-folder'), 0o444)
}, buildTimeout)
afterAll(() => {
  socket.close()
  for (const name of ['forbidden-folder', 'unsearchable-folder']) chmodSync(join(folder, 'odd', name), 0o755)
  remove()
})

describe('the result as text', () => {
  it('is the only output on stdout: the most wasteful group first, then by path', async () => {
    const { stdout, stderr, code } = await runProgram(['plain'], folder)
    expect(stdout.toString()).toBe(
      [
        '2.9 KiB wasted: 2 files of 3,000 bytes',
        '  plain/medium-b/1',
        '  plain/medium-b/2',
        '',
        '2.9 KiB wasted: 2 files of 3,000 bytes',
        '  plain/medium/1',
        '  plain/medium/2',
        '',
        '4 bytes wasted: 3 files of 2 bytes',
        '  plain/small-1',
        '  plain/small-2',
        '  plain/small-3',
        ''
      ].join('\n')
    )
    expect(stderr).toMatch(
      /^3 groups of duplicates, 4 files more than needed, 5\.9 KiB wasted\. 8 files in 3 folders seen/
    )
    expect(code).toBe(0)
  })

  it('is empty, and no failure, without duplicates', async () => {
    const { stdout, stderr, code } = await runProgram(['alone'], folder)
    expect(stdout.toString()).toBe('')
    expect(stderr).toMatch(/^No duplicates\. 1 file in 1 folder seen/)
    expect(code).toBe(0)
  })

  it('comes without output on stderr if --quiet is given', async () => {
    const { stdout, stderr } = await runProgram(['--quiet', 'plain'], folder)
    expect(stdout.length).toBeGreaterThan(0)
    expect(stderr).toBe('')
  })

  it('takes several names of one file for one file', async () => {
    const { stdout } = await runProgram(['-q', 'linked'], folder)
    expect(stdout.toString()).toBe(
      [
        '6 bytes wasted: 2 files of 6 bytes',
        '  linked/a',
        '  linked/b',
        '    the same file: linked/m',
        '    the same file: linked/z',
        ''
      ].join('\n')
    )
    expect((await runProgram(['-q', 'only-links'], folder)).stdout.toString()).toBe('')
  })

  it('has paths in the format of find, however the folder is written', async () => {
    for (const [written, printed] of [
      ['./linked/', './linked/a'],
      ['linked//', 'linked/a'],
      [join(folder, 'linked'), join(folder, 'linked/a')]
    ] as const) {
      expect((await runProgram(['-q', written], folder)).stdout.toString()).toContain(`  ${printed}\n`)
    }
    expect((await runProgram(['-q', '.'], join(folder, 'linked'))).stdout.toString()).toContain('  ./a\n')
  })
})

describe('the result as JSON', () => {
  it('has the documented shape', async () => {
    const outcome = await runProgram(['--json', '--quiet', 'linked'], folder)
    expect(resultOf(outcome)).toEqual({
      version: 1,
      folder: 'linked',
      partial: false,
      groups: [
        {
          size: 6,
          wasted: 6,
          sha256: createHash('sha256').update('linked').digest('hex'),
          files: ['linked/a', 'linked/b'],
          hardLinks: { 'linked/b': ['linked/m', 'linked/z'] }
        }
      ],
      errors: [],
      summary: {
        files: 4,
        folders: 1,
        bytes: 24,
        bytesRead: 12,
        groups: 1,
        duplicates: 1,
        wasted: 6,
        errors: 0
      }
    })
  })

  it('is complete also without duplicates', async () => {
    const result = resultOf(await runProgram(['--json', 'alone'], folder))
    expect(result).toMatchObject({
      groups: [],
      errors: [],
      partial: false,
      summary: { files: 1, bytesRead: 0 }
    })
  })

  it('contains the errors, and none are on stderr', async () => {
    const outcome = await runProgram(['--json', '--quiet', 'special'], folder)
    expect(resultOf(outcome).errors).toEqual([
      { _tag: 'SpecialFile', path: 'special/fifo', reason: 'not a regular file but a FIFO' }
    ])
    expect(outcome.stderr).toBe('')
  })
})

describe('a file that cannot be read', () => {
  it('is listed with its reason, and does not end the search', async () => {
    const outcome = await runProgramUnprivileged(['--json', 'odd'], folder)
    expect(outcome.code).toBe(0)
    const { groups, errors, summary } = resultOf(outcome)
    expect(groups.map(({ files }) => files)).toEqual([['odd/also-readable', 'odd/readable']])
    expect(errors.map(({ path, _tag }) => `${path} ${_tag}`)).toEqual([
      'odd/fifo SpecialFile',
      'odd/forbidden PermissionDenied',
      'odd/forbidden-and-unique PermissionDenied',
      'odd/forbidden-folder PermissionDenied',
      'odd/itself LinkLoop',
      'odd/loop-1 LinkLoop',
      'odd/loop-2 LinkLoop',
      'odd/socket SpecialFile',
      'odd/unsearchable-folder/file PermissionDenied'
    ])
    expect(summary.errors).toBe(9)
  })

  it('is listed on stderr, after the result, if the result is text', async () => {
    const { stdout, stderr } = await runProgramUnprivileged(['odd'], folder)
    expect(stdout.toString()).toBe(
      '4 bytes wasted: 2 files of 4 bytes\n  odd/also-readable\n  odd/readable\n'
    )
    expect(stderr).toContain(
      '9 names could not be compared:\n  odd/fifo: not a regular file but a FIFO\n  odd/forbidden: permission denied\n'
    )
    expect(stderr).toContain('  odd/itself: a symbolic link that leads back to itself\n')
    expect(stderr).toContain('  odd/socket: not a regular file but a socket\n')
  })

  it('is listed despite --quiet', async () => {
    const { stderr } = await runProgram(['-q', 'special'], folder)
    expect(stderr).toBe('1 name could not be compared:\n  special/fifo: not a regular file but a FIFO\n')
  })

  it.runIf(process.getuid?.() === 0)('may be a device, which is not opened', async () => {
    const devices = join(folder, 'devices')
    mkdirSync(devices)
    execFileSync('mknod', [join(devices, 'character'), 'c', '1', '5'])
    execFileSync('mknod', [join(devices, 'block'), 'b', '7', '200'])
    const { errors } = resultOf(await runProgram(['--json', '-q', devices]))
    expect(errors.map(({ reason }) => reason)).toEqual([
      'not a regular file but a block device',
      'not a regular file but a character device'
    ])
  })
})

describe('a folder that cannot be searched', () => {
  it.each([
    ['does not exist', ['missing'], "error: the folder 'missing' does not exist", 2],
    [
      'is within a file',
      ['plain/other/x'],
      "error: the folder 'plain/other/x' does not exist: a part of its path is",
      2
    ],
    ['is a file', ['plain/other'], "error: 'plain/other' is not a folder", 2],
    ['is a FIFO', ['odd/fifo'], "error: 'odd/fifo' is not a folder", 2],
    ['is a dangling link', ['odd/dangling'], 'is a symbolic link to something that does not exist', 2],
    ['is a loop of links', ['odd/loop-1'], 'is a symbolic link that leads back to itself', 2],
    ['may not be read', ['odd/forbidden-folder'], 'may not be read: permission denied', 1]
  ])('because it %s is listed with the reason', async (_, args, message, code) => {
    const outcome = await runProgramUnprivileged(args, folder)
    expect(outcome.stderr).toContain(message)
    expect(outcome.stderr.trim().split('\n').length).toBe(1)
    expect(outcome.stdout.toString()).toBe('')
    expect(outcome.code).toBe(code)
  })

  it('differs from a folder named by a link', async () => {
    const { stdout, code } = await runProgram(['-q', 'to-plain'], folder)
    expect(stdout.toString()).toContain('  to-plain/small-1\n')
    expect(code).toBe(0)
  })
})

describe('the command line', () => {
  it.each([
    [['--nonsense'], "error: unknown option '--nonsense'"],
    [['--jsn'], '(Did you mean --json?)'],
    [['one', 'two'], 'error: too many arguments'],
    [['--min-size'], 'argument missing'],
    [['--min-size', 'ten'], 'A size is a number'],
    [['--min-size', '-5'], 'A size is a number'],
    [['--min-size', '10q'], 'A size is a number'],
    [['--min-size', ''], 'A size is a number'],
    [['--min-size', '99999999999T'], 'No file is that large'],
    [['--concurrency', '0'], 'It is a whole number from 1 to 128'],
    [['--concurrency', '1.5'], 'It is a whole number from 1 to 128'],
    [['--concurrency', 'NaN'], 'It is a whole number from 1 to 128'],
    [['--concurrency', '1000'], 'It is a whole number from 1 to 128']
  ])('%j is refused with a reason', (args, message) => {
    const parsed = parseOptions(args)
    expect(parsed).toMatchObject(
      Either.left({ _tag: 'UsageError', message: expect.stringContaining(message) })
    )
    expect(parsed).toMatchObject(Either.left({ message: expect.stringContaining('--help') }))
  })

  it('that is refused ends the program with exit code 2, and nothing on stdout', async () => {
    const { code, stdout, stderr } = await runProgram(['--nonsense'], folder)
    expect(stderr).toBe("error: unknown option '--nonsense'\n(--help lists what can be said)\n")
    expect(stdout.toString()).toBe('')
    expect(code).toBe(2)
  })

  it.each(['--help', '-h'])('%s prints the options or the version on stdout', async (option) => {
    const { code, stdout, stderr } = await runProgram([option], folder)
    for (const word of [
      'Usage: find-duplicates',
      '--json',
      '--min-size',
      '--concurrency',
      '--quiet',
      'Exit codes'
    ]) {
      expect(stdout.toString()).toContain(word)
    }
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('--version prints the version of the package', async () => {
    const { stdout } = await runProgram(['--version'], folder)
    expect(stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    ['2k', ['2.9 KiB', '2.9 KiB']],
    ['2K', ['2.9 KiB', '2.9 KiB']],
    ['2.9kB', ['2.9 KiB', '2.9 KiB']],
    ['3000', ['2.9 KiB', '2.9 KiB']],
    ['3001', []],
    ['1M', []]
  ])('--min-size %s skips smaller files', async (size, expected) => {
    const { stdout } = await runProgram(['-q', '--min-size', size, 'plain'], folder)
    expect(stdout.toString().match(/^\S.*(?= wasted)/gm) ?? []).toEqual(expected)
  })

  it('without a folder searches the node_modules of the project', async () => {
    const { stdout, code } = await runProgram(['-q', '--min-size', '100k'], root)
    expect(stdout.toString()).toMatch(/^ {2}node_modules\//m)
    expect(code).toBe(0)
    const elsewhere = await runProgram(['-q', '--min-size', '100k'], folder)
    expect(elsewhere.stdout.toString()).toContain(`  ${root}/node_modules/`)
  }, 60_000)
})

describe('the environment of the program', () => {
  it('may close its output early, which ends the program quietly', async () => {
    const many = join(folder, 'many')
    writeFiles(
      many,
      Object.fromEntries(
        Array.from({ length: 3000 }, (_, index) => [`a-rather-long-name-of-a-file-${index}`, 'x'])
      )
    )
    const script = '"$0" "$1" "$2" | head -n 1; echo $PIPESTATUS'
    const { stdout, stderr } = await runCommand('bash', ['-c', script, process.execPath, program, many])
    expect(stdout.toString()).toBe('2.9 KiB wasted: 3,000 files of 1 byte\n0\n')
    expect(stderr.split('\n').filter((line) => /error|EPIPE| {4}at /.test(line))).toEqual([])
  })

  it('may refuse the output, which is a failure with a reason', async () => {
    const script = '"$0" "$1" "$2" > /dev/full; echo $?'
    const { stdout, stderr } = await runCommand('bash', [
      '-c',
      script,
      process.execPath,
      program,
      join(folder, 'plain')
    ])
    expect(stderr).toContain('error: the result could not be written: ENOSPC')
    expect(stdout.toString()).toBe('1\n')
  })

  it('may be a terminal, with a progress bar that is removed before the result', async () => {
    const large = join(folder, 'large')
    mkdirSync(large)
    for (const name of ['1', '2']) {
      writeFileSync(join(large, name), '')
      truncateSync(join(large, name), 400_000_000)
    }
    const command = `'${process.execPath}' '${program}' '${large}'`
    const { stdout } = await runCommand('script', ['-qec', command, '/dev/null'])
    const seen = stdout.toString()
    expect(seen).toMatch(/█+░+ \d+% of 762\.9 MiB compared/)
    const afterwards = seen.slice(seen.indexOf('381.5 MiB wasted'))
    expect(afterwards).toContain(`  ${large}/1`)
    expect(afterwards).not.toContain('█')
    expect(seen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(seen.lastIndexOf('\x1b[?25l'))
  }, 30_000)
})
