/**
 * The walker goes through the folders and catalogues every file that is large enough. It passes a file on as a candidate
 * as soon as there is a second one of its size.
 *
 * It never opens a file and follows no symbolic link. It looks at several entries of a folder at once, but takes them in
 * the folder's order.
 */
import type { Dirent, Stats } from 'node:fs'
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import type { Catalogue, Entry } from './catalogue.js'
import { type ErrorLog, type FileError, LinkLoop, SpecialFile } from './file-error.js'
import * as files from './files.js'
import { Column, Keys, Meeting, RowIndex } from './table.js'
import type { Tally } from './tally.js'

export interface WalkOptions {
  readonly catalogue: Catalogue
  readonly errors: ErrorLog
  readonly tally: Tally
  readonly minSize: number
  /** Called with each file that may have an equal. While it waits, so does the walk. */
  readonly onCandidate: (entry: Entry) => Task.Task<never, unknown>
}

/** What a look at one name has shown. */
type Sighting =
  | { readonly _tag: 'File'; readonly size: number; readonly identity: Uint8Array | null }
  | { readonly _tag: 'Folder' }
  | { readonly _tag: 'Nothing' }
  | { readonly _tag: 'Unreadable'; readonly error: FileError }

const nothing: Sighting = { _tag: 'Nothing' }
const unreadable = (error: FileError): Sighting => ({ _tag: 'Unreadable', error })

const entriesAtOnce = 64
const looksAtOnce = 16

export const walk = (options: WalkOptions): Task.Task<never, void> => {
  const { catalogue, errors, tally } = options
  const folders: Array<Entry> = [0]
  const bySize = new Meeting(
    (entry) => catalogue.sizeOf(entry) ^ (catalogue.sizeOf(entry) / 2 ** 32),
    (left, right) => catalogue.sizeOf(left) === catalogue.sizeOf(right)
  )
  const links = new LinkedFiles()

  const take = (folder: Entry, name: Uint8Array, sighting: Sighting): ReadonlyArray<Entry> => {
    switch (sighting._tag) {
      case 'Nothing':
        return []
      case 'Unreadable':
        errors.note(catalogue.add(folder, name, 0), sighting.error)
        return []
      case 'Folder':
        folders.push(catalogue.add(folder, name, 0))
        return []
      case 'File': {
        tally.files++
        tally.bytes += sighting.size
        if (sighting.size < options.minSize) return []
        const entry = catalogue.add(folder, name, sighting.size)
        const first = sighting.identity === null ? entry : links.claim(entry, sighting.identity)
        if (first === entry) return bySize.arrive(entry)
        catalogue.addName(first, entry)
        return []
      }
    }
  }

  const walkFolder = (folder: Entry): Task.Task<FileError, void> =>
    files.withFolder(catalogue.pathOf(folder), (opened) =>
      Task.gen(function* () {
        tally.folders++
        for (;;) {
          const found = yield* files.readEntries(opened, entriesAtOnce)
          const sightings = yield* pipe(
            found,
            Task.forEach((entry) => sight(catalogue.pathIn(folder, entry.name), entry, options.minSize), {
              concurrency: looksAtOnce
            })
          )
          for (const [index, sighting] of sightings.entries()) {
            const name = found[index]?.name
            if (name === undefined) continue
            for (const candidate of take(folder, name, sighting)) yield* options.onCandidate(candidate)
          }
          if (found.length < entriesAtOnce) return
        }
      })
    )

  return Task.gen(function* () {
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const here = folder
      yield* pipe(
        walkFolder(here),
        Task.orElse((error) => Task.sync(() => errors.note(here, error)))
      )
    }
  })
}

/** Looks at one name, at most three times, and never opens what it names. */
const sight = (path: Buffer, entry: Dirent<Buffer>, minSize: number): Task.Task<never, Sighting> => {
  if (entry.isDirectory()) return Task.succeed<Sighting>({ _tag: 'Folder' })
  const kind = entry.isFile() ? null : files.specialKind(entry)
  if (kind !== null && kind !== 'thing of an unknown kind')
    return Task.succeed(unreadable(new SpecialFile(kind)))
  return pipe(
    entry.isSymbolicLink()
      ? sightLink(path)
      : pipe(
          files.look(path),
          Task.flatMap((stats) => sightFile(path, stats, minSize))
        ),
    Task.getOrElse(unreadable)
  )
}

/** A link is no file of its own, wherever it leads; but a link that leads back to itself is reported. */
const sightLink = (path: Buffer): Task.Task<FileError, Sighting> =>
  pipe(
    files.followLink(path),
    Task.match(
      (error) => (error instanceof LinkLoop ? unreadable(error) : nothing),
      () => nothing
    )
  )

const sightFile = (path: Buffer, stats: Stats, minSize: number): Task.Task<FileError, Sighting> => {
  const { size, nlink } = stats
  if (stats.isDirectory()) return Task.succeed<Sighting>({ _tag: 'Folder' })
  if (stats.isSymbolicLink()) return sightLink(path)
  const kind = files.specialKind(stats)
  if (kind !== null) return Task.fail(new SpecialFile(kind))
  const isOpen = size < minSize || seemsReadable(stats)
  if (isOpen && nlink === 1) return Task.succeed<Sighting>({ _tag: 'File', size, identity: null })
  return Task.gen(function* () {
    // A file whose size is unique is never opened, but the user should know that it could not be read.
    if (!isOpen) yield* files.checkReadable(path)
    const identity = nlink > 1 ? identityOf(yield* files.lookExactly(path)) : null
    return { _tag: 'File', size, identity }
  })
}

const userId = process.geteuid?.()
const groupIds = new Set([process.getegid?.(), ...(process.getgroups?.() ?? [])])

/**
 * Whether the mode bits allow this user to read the file. A no is only a guess, since an access list may allow it, so the
 * caller then asks the system. Root is treated as any user: within a container it may have no right to bypass permissions.
 */
const seemsReadable = ({ mode, uid, gid }: Stats): boolean =>
  userId === undefined || (mode & (uid === userId ? 0o400 : groupIds.has(gid) ? 0o040 : 0o004)) !== 0

const identityOf = ({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): Uint8Array => {
  const identity = Buffer.allocUnsafe(16)
  identity.writeBigUInt64LE(BigInt.asUintN(64, dev), 0)
  identity.writeBigUInt64LE(BigInt.asUintN(64, ino), 8)
  return identity
}

/** The files that have more than one name, by device and inode. */
class LinkedFiles {
  private readonly identities = new Keys(16)
  private readonly entries = new Column(Uint32Array)
  private readonly index = new RowIndex(
    (row) => this.identities.hash(row),
    (left, right) => this.identities.same(left, right)
  )

  /** The entry of the first name of this file that the walk has met: `entry` itself if there was none. */
  claim(entry: Entry, identity: Uint8Array): Entry {
    const row = this.identities.push(identity)
    this.entries.set(row, entry)
    return this.entries.get(this.index.claim(row))
  }
}
