/** Walker, hashers, sort and display each by itself. What needs no file runs on virtual time. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, readdirSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { runTask, runTaskExit, Task } from 'aio-ts'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../examples/find-duplicates/catalogue.js'
import * as files from '../../../examples/find-duplicates/files.js'
import { bufferSize, makeHasher } from '../../../examples/find-duplicates/hash.js'
import { Output } from '../../../examples/find-duplicates/output.js'
import { writeLines } from '../../../examples/find-duplicates/progress.js'
import type { Findings } from '../../../examples/find-duplicates/report.js'
import { newFindings, search } from '../../../examples/find-duplicates/search.js'
import { sortRows } from '../../../examples/find-duplicates/sort.js'
import { newTally } from '../../../examples/find-duplicates/tally.js'
import { walk } from '../../../examples/find-duplicates/walk.js'
import { runVirtual } from '../../support/kit.js'
import { makeFolder, writeFiles } from './support.js'

let folder = ''
let remove = (): void => {}
beforeEach(() => {
  ;({ folder, remove } = makeFolder())
})
afterEach(() => remove())

const errorsOf = ({ errors, catalogue }: Findings): ReadonlyArray<string> =>
  Array.from({ length: errors.length }, (_, row) => {
    const path = catalogue
      .pathOf(errors.entryAt(row))
      .toString()
      .slice(folder.length + 1)
    return `${path}: ${errors.errorAt(row)._tag}`
  }).sort()

const walked = async (minSize: number, onCandidate: (path: string) => void): Promise<Findings> => {
  const findings = newFindings(folder)
  const { catalogue, errors, tally } = findings
  await runTask(
    walk({
      catalogue,
      errors,
      tally,
      minSize,
      onCandidate: (entry) =>
        Task.sync(() =>
          onCandidate(
            catalogue
              .pathOf(entry)
              .toString()
              .slice(folder.length + 1)
          )
        )
    })
  )
  return findings
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length

describe('the walker', () => {
  it('passes on the files that share their size, and no others', async () => {
    writeFiles(folder, { a: '12', 'b/c': '34', 'b/d': '5', 'e/f/g': '678', 'e/h': '901', i: 'alone' })
    const candidates: Array<string> = []
    const { tally } = await walked(1, (path) => candidates.push(path))
    expect(candidates.sort()).toEqual(['a', 'b/c', 'e/f/g', 'e/h'])
    expect(tally).toMatchObject({ files: 6, folders: 4, bytes: 16 })
  })

  it('does not catalogue files that are too small', async () => {
    writeFiles(folder, { a: '12', b: '34', c: 'large' })
    const { catalogue, tally } = await walked(3, () => {})
    expect([catalogue.length, tally.files]).toEqual([2, 3])
  })

  it('accepts a folder with more entries than it reads at once', async () => {
    writeFiles(folder, Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`file-${index}`, 'x'])))
    const candidates = new Set<string>()
    await walked(1, (path) => candidates.add(path))
    expect(candidates.size).toBe(200)
  })

  it('records a folder that vanishes, and continues', async () => {
    writeFiles(folder, { a: 'x', b: 'x', 'gone/file': '', 'also-gone/file': '', 'here/c': 'x' })
    const candidates: Array<string> = []
    const findings = await walked(1, (path) => {
      if (candidates.push(path) === 1)
        execFileSync('rm', ['-r', join(folder, 'gone'), join(folder, 'also-gone')])
    })
    expect(candidates.sort()).toEqual(['a', 'b', 'here/c'])
    expect(errorsOf(findings)).toEqual(['also-gone: Vanished', 'gone: Vanished'])
  })

  it('closes its folder when it is interrupted', async () => {
    writeFiles(folder, { a: 'x', b: 'x' })
    const { catalogue, errors, tally } = newFindings(folder)
    const before = openDescriptors()
    const controller = new AbortController()
    const onCandidate = () =>
      pipe(
        Task.sync(() => controller.abort()),
        Task.flatMap(() => Task.never)
      )
    const exit = await runTaskExit(walk({ catalogue, errors, tally, minSize: 1, onCandidate }), {
      signal: controller.signal
    })
    expect(Either.isLeft(exit)).toBe(true)
    expect(openDescriptors()).toBe(before)
  })
})

describe('opening a file', () => {
  const tagOf = async (name: string, size = 0): Promise<string> => {
    const task = files.withFile(Buffer.from(join(folder, name)), size, () => Task.succeed('opened'))
    const either = await runTask(task)
    return Either.isLeft(either) ? either.left._tag : either.right
  }

  it('does not wait for a writer if a FIFO has replaced the file', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')])
    expect(await tagOf('fifo')).toBe('SpecialFile')
  })

  it('does not follow a link that has replaced the file', async () => {
    writeFiles(folder, { file: '' })
    symlinkSync('file', join(folder, 'link'))
    expect(await tagOf('link')).toBe('ChangedWhileRead')
  })

  it('refuses a folder, and reports a file that vanished', async () => {
    writeFiles(folder, { 'sub/file': '' })
    expect([await tagOf('sub'), await tagOf('missing'), await tagOf('sub/file/x')]).toEqual([
      'SpecialFile',
      'Vanished',
      'Vanished'
    ])
  })

  it('fails if the size differs from that of the walk', async () => {
    writeFiles(folder, { file: 'abc' })
    expect([await tagOf('file', 3), await tagOf('file', 4), await tagOf('file', 2)]).toEqual([
      'opened',
      'ChangedWhileRead',
      'ChangedWhileRead'
    ])
  })

  it('fails if the file is written meanwhile, longer, shorter or in place', async () => {
    for (const change of [
      (path: string) => appendFileSync(path, 'more'),
      (path: string) => writeFileSync(path, ''),
      (path: string) => {
        writeFileSync(path, 'xyz')
        utimesSync(path, 1, 1)
      }
    ]) {
      writeFiles(folder, { file: 'abc' })
      const path = join(folder, 'file')
      const task = files.withFile(Buffer.from(path), 3, (descriptor, opened) =>
        pipe(
          Task.sync(() => change(path)),
          Task.flatMap(() => files.checkUnchanged(descriptor, opened))
        )
      )
      expect(
        await runTask(
          pipe(
            task,
            Task.mapError(({ _tag }) => _tag)
          )
        )
      ).toEqual(Either.left('ChangedWhileRead'))
    }
  })

  it('reads the whole of a small file, and fails if it has become longer or shorter', async () => {
    const path = join(folder, 'file')
    const read = (size: number) =>
      files.withFile(Buffer.from(path), 3, (descriptor) =>
        files.readWhole(descriptor, Buffer.alloc(10), size)
      )
    writeFiles(folder, { file: 'abc' })
    expect(await runTask(pipe(read(3), Task.map(String)))).toEqual(Either.right('abc'))
    for (const size of [2, 4]) {
      expect(
        await runTask(
          pipe(
            read(size),
            Task.mapError(({ _tag }) => _tag)
          )
        )
      ).toEqual(Either.left('ChangedWhileRead'))
    }
  })

  it('closes the file, whether its use succeeds, fails or is interrupted', async () => {
    writeFiles(folder, { file: 'abc' })
    const path = Buffer.from(join(folder, 'file'))
    const before = openDescriptors()
    const controller = new AbortController()
    const waiting = pipe(
      Task.sync(() => controller.abort()),
      Task.flatMap(() => Task.never)
    )
    await runTask(files.withFile(path, 3, () => Task.unit))
    await runTask(files.withFile(path, 4, () => Task.unit))
    await runTaskExit(files.withFile(path, 3, () => Task.die('a bug')))
    await runTaskExit(
      files.withFile(path, 3, () => waiting),
      { signal: controller.signal }
    )
    expect(openDescriptors()).toBe(before)
  })
})

describe('the search', () => {
  const searched = async (): Promise<Findings> => {
    const findings = newFindings(folder)
    expect(await runTask(search(findings, { folder, minSize: 1, concurrency: 2 }))).toEqual(
      Either.right(undefined)
    )
    return findings
  }

  it('reads only the ends of a large file if they differ from those of the others', async () => {
    const size = 1_000_000
    writeFiles(folder, {
      a: Buffer.alloc(size, 'a'),
      b: Buffer.alloc(size, 'b'),
      c: Buffer.concat([Buffer.alloc(size - 1, 'a'), Buffer.from('c')])
    })
    const { tally, groups } = await searched()
    expect(tally.read).toBe(3 * 32 * 1024)
    expect(groups.totals.groups).toBe(0)
    expect(tally.settled).toBe(tally.expected)
  })

  it('reads completely files with the same ends, and distinguishes different middles', async () => {
    const size = 1_000_000
    const middle = Buffer.alloc(size, 'a')
    middle[500_000] = 0
    writeFiles(folder, { a: Buffer.alloc(size, 'a'), b: middle, c: Buffer.alloc(size, 'a') })
    const { tally, groups } = await searched()
    expect(groups.totals).toEqual({ groups: 1, duplicates: 1, wasted: size })
    expect(tally.settled).toBe(tally.expected)
  })

  it('gives the same result each time it is run', async () => {
    writeFiles(
      folder,
      Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [`${index % 7}/${index}`, `${index % 50}`])
      )
    )
    const first = await searched()
    const second = await searched()
    expect(second.groups.totals).toEqual(first.groups.totals)
    expect(first.groups.totals.groups).toBe(50)
  })
})

describe('a hasher', () => {
  it('records a file that vanished or changed since the walk, continues, and counts all as done', async () => {
    const large = 'x'.repeat(200_000)
    writeFiles(folder, { a: 'same', b: 'same', gone: 'same', longer: 'same', large, 'large-gone': large })
    const findings = newFindings(folder)
    const { catalogue, errors, tally } = findings
    const candidates: Array<Entry> = []
    const onCandidate = (entry: Entry) =>
      Task.sync(() => {
        tally.expected += catalogue.sizeOf(entry)
        candidates.push(entry)
      })
    await runTask(walk({ catalogue, errors, tally, minSize: 1, onCandidate }))
    unlinkSync(join(folder, 'gone'))
    unlinkSync(join(folder, 'large-gone'))
    appendFileSync(join(folder, 'longer'), 'more')

    const hashed: Array<string> = []
    const hasher = makeHasher({
      catalogue,
      tally,
      onHashed: ({ entry }) =>
        Task.sync(() =>
          hashed.push(
            catalogue
              .pathOf(entry)
              .toString()
              .slice(folder.length + 1)
          )
        ),
      onError: (entry, error) => Task.sync(() => errors.note(entry, error))
    })(Buffer.alloc(bufferSize))
    await runTask(pipe(candidates, Task.forEach(hasher)))

    expect(hashed.sort()).toEqual(['a', 'b'])
    expect(errorsOf(findings)).toEqual(['gone: Vanished', 'large-gone: Vanished', 'longer: ChangedWhileRead'])
    expect(tally.settled).toBe(tally.expected)
  })
})

describe('sorting in slices', () => {
  it('has the order of a plain sort, also for more rows than one slice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 70_000 }), fc.integer(), async (length, seed) => {
        const rows = Uint32Array.from({ length }, (_, index) => Math.imul(index + seed, 0x9e3779b1) >>> 8)
        const { exit } = await runVirtual(sortRows(rows, (left, right) => left - right))
        expect(exit).toEqual(Either.right(rows.slice().sort()))
      }),
      { numRuns: 10 }
    )
  })

  it('does not change its input', async () => {
    const rows = Uint32Array.of(3, 1, 2)
    await runVirtual(sortRows(rows, (left, right) => left - right))
    expect([...rows]).toEqual([3, 1, 2])
  })
})

describe('plain progress', () => {
  it('is a line every five seconds, until it is interrupted', async () => {
    const lines: Array<string> = []
    const tally = newTally()
    const work = pipe(
      Task.sync(() => {
        tally.files += 1000
      }),
      Task.delay(4_000),
      Task.forever
    )
    const stream = { write: (text: string) => lines.push(text) }
    const { elapsed } = await runVirtual(
      pipe(
        Task.race(writeLines(tally, stream))(work),
        Task.timeout(16_000),
        Task.getOrElse(() => {})
      )
    )
    expect(elapsed).toBe(16_000)
    expect(lines).toEqual(
      [1000, 2000, 3000].map(
        (files) => `${files.toLocaleString('en-US')} files in 0 folders found, 0 bytes compared\n`
      )
    )
  })
})

describe('output', () => {
  const slowSink = (answer: (error?: Error) => Error | undefined) => {
    const chunks: Array<number> = []
    const stream = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _, done) {
        chunks.push(chunk.length)
        setImmediate(() => done(answer()))
      }
    })
    return { chunks, stream }
  }

  it('is written by pages, and waits for each', async () => {
    const { chunks, stream } = slowSink(() => undefined)
    const writing = Output.writing(stream, (output) =>
      Task.gen(function* () {
        for (let line = 0; line < 3000; line++) {
          yield* output.write(`${'x'.repeat(99)}\n`)
          expect(stream.writableLength).toBe(0)
        }
      })
    )
    expect(await runTask(writing)).toEqual(Either.right(undefined))
    expect(chunks.reduce((sum, size) => sum + size, 0)).toBe(300_000)
    expect(chunks.length).toBe(5)
  })

  it.each([
    ['EPIPE', 'OutputClosed'],
    ['ENOSPC', 'OutputFailed']
  ])('fails with a typed error when the system reports %s', async (code, tag) => {
    const { stream } = slowSink(() => Object.assign(new Error(`it said ${code}`), { code }))
    const either = await runTask(Output.writing(stream, (output) => output.write('text')))
    expect(either).toMatchObject(Either.left({ _tag: tag }))
    expect(stream.listenerCount('error')).toBe(0)
  })
})
