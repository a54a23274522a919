/**
 * Node's file functions as Tasks with typed errors.
 *
 * Each call is uninterruptible: a thread of Node's pool works for it and cannot be called back, and its result (a
 * descriptor that must be closed, bytes in a buffer that will be used again) must have an owner. No call takes long, and
 * an interruption is delivered as soon as it has returned.
 */

import * as fs from 'node:fs'
import { type BigIntStats, constants, type Dir, type Dirent, type Stats } from 'node:fs'
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { ChangedWhileRead, type FileError, fromSystem, SpecialFile, type SpecialKind } from './file-error.js'

type Callback<A> = (error: NodeJS.ErrnoException | null, value: A) => void

const attempt = <A>(start: (done: Callback<A>) => void): Task.Task<FileError, A> =>
  pipe(
    Task.async<FileError, A>((resume) => {
      start((error, value) => resume(error === null ? Task.succeed(value) : Task.fail(fromSystem(error))))
    }),
    Task.uninterruptible
  )

/** What a path names; a symbolic link is not followed. */
export const look = (path: Buffer): Task.Task<FileError, Stats> => attempt((done) => fs.lstat(path, done))

/** The same with exact inode numbers, which a double does not hold on every file system. */
export const lookExactly = (path: Buffer): Task.Task<FileError, BigIntStats> =>
  attempt((done) => fs.lstat(path, { bigint: true }, done))

export const followLink = (path: Buffer): Task.Task<FileError, Stats> =>
  attempt((done) => fs.stat(path, done))

export const checkReadable = (path: Buffer): Task.Task<FileError, void> =>
  attempt((done) => fs.access(path, constants.R_OK, (error) => done(error, undefined)))

/** The kind of a thing that is neither a file nor a folder nor a link; null for those. */
export const specialKind = (what: Stats | Dirent<Buffer>): SpecialKind | null =>
  what.isFIFO()
    ? 'FIFO'
    : what.isSocket()
      ? 'socket'
      : what.isCharacterDevice()
        ? 'character device'
        : what.isBlockDevice()
          ? 'block device'
          : what.isFile() || what.isDirectory() || what.isSymbolicLink()
            ? null
            : 'thing of an unknown kind'

/** A directory that gives its names as bytes. */
export interface Folder {
  readonly read: (done: Callback<Dirent<Buffer> | null>) => void
  readonly close: (done: (error?: NodeJS.ErrnoException | null) => void) => void
}

/** Node accepts 'buffer' as an encoding here, since `opendir` exists; only its types do not say so. */
const openAsBytes = (path: Buffer, done: Callback<Folder>): void => {
  const options = { encoding: 'buffer', bufferSize: 256 } as unknown as fs.OpenDirOptions
  fs.opendir(path, options, done as unknown as Callback<Dir>)
}

/** Opens the folder, passes it to `use`, and closes it however `use` ends. */
export const withFolder = <E, A>(
  path: Buffer,
  use: (folder: Folder) => Task.Task<E, A>
): Task.Task<E | FileError, A> =>
  Task.bracket(
    attempt<Folder>((done) => openAsBytes(path, done)),
    use,
    (folder) => attempt<void>((done) => folder.close((error) => done(error ?? null, undefined)))
  )

/** The next entries of the folder, at most `count`; fewer only at its end. */
export const readEntries = (
  folder: Folder,
  count: number
): Task.Task<FileError, ReadonlyArray<Dirent<Buffer>>> =>
  attempt((done) => {
    const entries: Array<Dirent<Buffer>> = []
    const readOne = (): void =>
      folder.read((error, entry) => {
        if (error !== null) done(error, entries)
        else if (entry === null || entries.push(entry) === count) done(null, entries)
        else readOne()
      })
    readOne()
  })

/** Where the system has these flags: a FIFO does not block, and a link that took the file's place is not followed. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

const statOpen = (descriptor: number): Task.Task<FileError, Stats> =>
  attempt((done) => fs.fstat(descriptor, done))

/**
 * Opens a regular file that has `size` bytes, passes it to `use`, and closes it however `use` ends. It checks what it has
 * opened, since something else may have taken the file's name after the walk.
 */
export const withFile = <A>(
  path: Buffer,
  size: number,
  use: (descriptor: number, opened: Stats) => Task.Task<FileError, A>
): Task.Task<FileError, A> =>
  Task.bracket(
    pipe(
      attempt<number>((done) => fs.open(path, openFlags, done)),
      // It was a file when the walker saw it; now a link has its name.
      Task.catchTag('LinkLoop', () => Task.fail(new ChangedWhileRead()))
    ),
    (descriptor) =>
      pipe(
        statOpen(descriptor),
        Task.flatMap((opened) => {
          const kind = opened.isDirectory() ? 'thing of an unknown kind' : specialKind(opened)
          if (kind !== null) return Task.fail(new SpecialFile(kind))
          return opened.size === size ? use(descriptor, opened) : Task.fail(new ChangedWhileRead())
        })
      ),
    (descriptor) => attempt<void>((done) => fs.close(descriptor, (error) => done(error, undefined)))
  )

/** Fails if the file was written since it was opened: parts that were read at different times may not belong together. */
export const checkUnchanged = (descriptor: number, opened: Stats): Task.Task<FileError, void> =>
  pipe(
    statOpen(descriptor),
    Task.flatMap(({ size, mtimeMs }) =>
      size === opened.size && mtimeMs === opened.mtimeMs ? Task.unit : Task.fail(new ChangedWhileRead())
    )
  )

/** Fills the view from `position` on. A file that is too short for that has changed since its size was taken. */
export type Fill = (
  descriptor: number,
  view: Uint8Array,
  position: number
) => Task.Task<FileError, Uint8Array>

const filledBy = (
  read: (descriptor: number, view: Uint8Array, position: number) => Task.Task<FileError, number>
): Fill => {
  const fill: Fill = (descriptor, view, position) =>
    view.length === 0
      ? Task.succeed(view)
      : pipe(
          read(descriptor, view, position),
          Task.flatMap((count) =>
            count === 0
              ? Task.fail(new ChangedWhileRead())
              : pipe(fill(descriptor, view.subarray(count), position + count), Task.as(view))
          )
        )
  return fill
}

/** Reads on a thread of Node's pool. */
export const fill: Fill = filledBy((descriptor, view, position) =>
  attempt((done) => fs.read(descriptor, view, 0, view.length, position, done))
)

/**
 * Reads on the calling thread, which does nothing else meanwhile: for a thread that has nothing else to do. To hand each
 * part to Node's pool and back costs the system as much as the reading.
 */
export const fillHere: Fill = filledBy((descriptor, view, position) =>
  Task.tryCatch(
    () => fs.readSync(descriptor, view, 0, view.length, position),
    (error) => fromSystem(error as NodeJS.ErrnoException)
  )
)

/**
 * The whole content of a file that is smaller than the buffer, usually by one read. It asks for one byte more than there
 * should be, so that a file that has grown is noticed.
 */
export const readWhole = (
  descriptor: number,
  buffer: Uint8Array,
  size: number
): Task.Task<FileError, Uint8Array> =>
  pipe(
    attempt<number>((done) => fs.read(descriptor, buffer, 0, size + 1, 0, done)),
    Task.flatMap((count) =>
      count > size
        ? Task.fail(new ChangedWhileRead())
        : pipe(fill(descriptor, buffer.subarray(count, size), count), Task.as(buffer.subarray(0, size)))
    )
  )
