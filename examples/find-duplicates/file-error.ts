/**
 * Why a file could not be compared. None of these errors stops the search. The compiler checks that, since the fibers that
 * read files run in a `Group<never>`, which accepts no task that can still fail.
 *
 * The errors do not contain the path. Their handler knows it, and a million unreadable files must not cost a million
 * objects (see `ErrorLog`).
 */

import type { Entry } from './catalogue.js'
import { Column } from './table.js'

export class PermissionDenied {
  readonly _tag = 'PermissionDenied'
  readonly reason = 'permission denied'
}

/** The file was there when its folder was read, and is gone now. */
export class Vanished {
  readonly _tag = 'Vanished'
  readonly reason = 'vanished while the search was running'
}

export class LinkLoop {
  readonly _tag = 'LinkLoop'
  readonly reason = 'a symbolic link that leads back to itself'
}

export type SpecialKind = 'FIFO' | 'socket' | 'character device' | 'block device' | 'thing of an unknown kind'

/** It is named like a file, but reading it could block for ever, as a FIFO does, or do harm, as a device may. */
export class SpecialFile {
  readonly _tag = 'SpecialFile'
  readonly reason: string
  constructor(readonly kind: SpecialKind) {
    this.reason = `not a regular file but a ${kind}`
  }
}

/** What was read may be a content that the file never had. */
export class ChangedWhileRead {
  readonly _tag = 'ChangedWhileRead'
  readonly reason = 'changed while the search was running'
}

export class PathTooLong {
  readonly _tag = 'PathTooLong'
  readonly reason = 'its path is longer than the system allows'
}

/** Any other error of the system. */
export class ReadFailed {
  readonly _tag = 'ReadFailed'
  readonly reason: string
  constructor(readonly code: string) {
    this.reason = `cannot be read (${code})`
  }
}

export type FileError =
  | PermissionDenied
  | Vanished
  | LinkLoop
  | SpecialFile
  | ChangedWhileRead
  | PathTooLong
  | ReadFailed

export const fromSystem = (error: NodeJS.ErrnoException): FileError => {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return new PermissionDenied()
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESTALE':
      return new Vanished()
    case 'ELOOP':
      return new LinkLoop()
    case 'ENXIO': // what opening a socket says
      return new SpecialFile('socket')
    case 'ENAMETOOLONG':
      return new PathTooLong()
    default:
      return new ReadFailed(error.code ?? error.message)
  }
}

/** Which entry failed, and why. An error takes five bytes, since equal reasons share one object. */
export class ErrorLog {
  private readonly entries = new Column(Uint32Array)
  private readonly kinds = new Column(Uint8Array)
  private readonly errors: Array<FileError> = []

  get length(): number {
    return this.entries.length
  }

  note(entry: Entry, error: FileError): void {
    const known = this.errors.findIndex((other) => other._tag === error._tag && other.reason === error.reason)
    this.kinds.push(known < 0 ? this.errors.push(error) - 1 : known)
    this.entries.push(entry)
  }

  entryAt(row: number): Entry {
    return this.entries.get(row)
  }

  errorAt(row: number): FileError {
    const error = this.errors[this.kinds.get(row)]
    if (error === undefined) throw new RangeError(`there is no error ${row}, only ${this.length}`)
    return error
  }
}
