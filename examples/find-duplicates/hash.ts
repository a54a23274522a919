/**
 * What one hasher does with one file: it reads as little as is needed to decide whether the file has an equal.
 *
 * Of a large file only the two ends are hashed at first. It is read in full if another file of its size has the same ends;
 * the hasher that finds the second of such a pair reads both. What counts is always SHA-256 over the whole content.
 */
import { createHash, hash } from 'node:crypto'
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import type { Catalogue, Entry } from './catalogue.js'
import type { FileError } from './file-error.js'
import * as files from './files.js'
import { Column, Keys, Meeting } from './table.js'
import type { Tally } from './tally.js'

/** How much a hasher reads at once, into a buffer that it keeps. */
export const bufferSize = 256 * 1024
/** Larger files are known by their ends first. */
const sampledAbove = 128 * 1024
const endSize = 16 * 1024

export interface Hashed {
  readonly entry: Entry
  readonly digest: Uint8Array
}

export interface HasherOptions {
  readonly catalogue: Catalogue
  readonly tally: Tally
  readonly onHashed: (hashed: Hashed) => Task.Task<never, unknown>
  readonly onError: (entry: Entry, error: FileError) => Task.Task<never, unknown>
  /** Hashes a large file elsewhere. If left out, the hasher does it itself. */
  readonly digestLarge?: (path: Buffer, size: number) => Task.Task<FileError, Uint8Array>
}

/** Returns what a hasher with a buffer of its own does with a file. All hashers share the ends that have been seen. */
export const makeHasher = (
  options: HasherOptions
): ((buffer: Buffer) => (entry: Entry) => Task.Task<never, void>) => {
  const { catalogue, tally, digestLarge } = options
  const ends = new KnownEnds(catalogue)

  /** Hashes the whole file. The tally is right in the end also if that fails or is interrupted. */
  const hashContent = (entry: Entry, buffer: Buffer): Task.Task<never, unknown> =>
    Task.suspend(() => {
      const size = catalogue.sizeOf(entry)
      let counted = 0
      const count = (bytes: number): void => {
        counted += bytes
        tally.settled += bytes
        tally.read += bytes
      }
      const path = catalogue.pathOf(entry)
      const digest =
        digestLarge === undefined || size <= sampledAbove
          ? digestOf(path, size, buffer, count)
          : pipe(
              digestLarge(path, size),
              Task.tap(() => Task.sync(() => count(size)))
            )
      return pipe(
        digest,
        Task.ensuring(
          Task.sync(() => {
            tally.settled += size - counted
          })
        ),
        Task.matchTask(
          (error) => options.onError(entry, error),
          (digest) => options.onHashed({ entry, digest })
        ),
        Task.named('hash')
      )
    })

  const compareEnds = (entry: Entry, buffer: Buffer): Task.Task<never, void> =>
    pipe(
      digestOfEnds(catalogue.pathOf(entry), catalogue.sizeOf(entry), buffer),
      Task.matchTask(
        (error) =>
          Task.suspend(() => {
            tally.settled += catalogue.sizeOf(entry)
            return options.onError(entry, error)
          }),
        (digest) =>
          Task.gen(function* () {
            tally.read += 2 * endSize
            const suspects = ends.arrive(entry, digest)
            if (suspects.length === 0) tally.settled += catalogue.sizeOf(entry)
            for (const suspect of suspects) {
              // It was counted as settled while it was the only file with its ends.
              if (suspect !== entry) tally.settled -= catalogue.sizeOf(suspect)
              yield* hashContent(suspect, buffer)
            }
          })
      ),
      Task.asUnit,
      Task.named('compare ends')
    )

  return (buffer) => (entry) =>
    catalogue.sizeOf(entry) > sampledAbove
      ? compareEnds(entry, buffer)
      : Task.asUnit(hashContent(entry, buffer))
}

const nothingHashed = hash('sha256', Buffer.alloc(0), 'buffer')

/** SHA-256 of a file that had `size` bytes when it was found; `count` is called with the bytes of each read. */
export const digestOf = (
  path: Buffer,
  size: number,
  buffer: Buffer,
  count: (bytes: number) => void,
  fill = files.fill
): Task.Task<FileError, Uint8Array> => {
  if (size === 0) return Task.succeed(nothingHashed)
  return files.withFile(path, size, (descriptor, opened) =>
    size < buffer.length
      ? pipe(
          files.readWhole(descriptor, buffer, size),
          Task.map((content) => {
            count(size)
            return hash('sha256', content, 'buffer')
          })
        )
      : Task.gen(function* () {
          const whole = createHash('sha256')
          for (let position = 0; position < size; position += buffer.length) {
            const view = buffer.subarray(0, Math.min(buffer.length, size - position))
            whole.update(yield* fill(descriptor, view, position))
            count(view.length)
          }
          yield* files.checkUnchanged(descriptor, opened)
          return whole.digest()
        })
  )
}

const digestOfEnds = (path: Buffer, size: number, buffer: Buffer): Task.Task<FileError, Uint8Array> =>
  files.withFile(path, size, (descriptor) =>
    Task.gen(function* () {
      yield* files.fill(descriptor, buffer.subarray(0, endSize), 0)
      yield* files.fill(descriptor, buffer.subarray(endSize, 2 * endSize), size - endSize)
      return hash('sha256', buffer.subarray(0, 2 * endSize), 'buffer')
    })
  )

/** Which large files have the same size and the same ends. */
class KnownEnds {
  private readonly entries = new Column(Uint32Array)
  private readonly keys = new Keys(16)
  private readonly meeting: Meeting

  constructor(catalogue: Catalogue) {
    this.meeting = new Meeting(
      (row) => this.keys.hash(row),
      (left, right) =>
        this.keys.same(left, right) &&
        catalogue.sizeOf(this.entries.get(left)) === catalogue.sizeOf(this.entries.get(right))
    )
  }

  /** The files that must be read in full now. Half of the digest is kept: a collision only costs a reading. */
  arrive(entry: Entry, digest: Uint8Array): ReadonlyArray<Entry> {
    this.entries.push(entry)
    return this.meeting.arrive(this.keys.push(digest.subarray(0, 16))).map((row) => this.entries.get(row))
  }
}
