/**
 * The job that hashes one large file, on a thread of this program or in another process.
 *
 * Its caller loads this file as well, for the codecs: a path is bytes, which JSON does not have, and the errors of files
 * are classes.
 */
import { isMainThread } from 'node:worker_threads'
import { Task } from 'aio-ts'
import { job } from 'aio-ts/executor'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import {
  ChangedWhileRead,
  type FileError,
  LinkLoop,
  PathTooLong,
  PermissionDenied,
  ReadFailed,
  SpecialFile,
  type SpecialKind,
  Vanished
} from './file-error.js'
import { type Fill, fillHere } from './files.js'
import { digestOf } from './hash.js'
import { makeReadBuffer } from './read-buffer.js'

const Bytes = new t.Type<Uint8Array, string, unknown>(
  'Bytes',
  (value): value is Uint8Array => value instanceof Uint8Array,
  (value, context) =>
    typeof value === 'string' ? t.success(Buffer.from(value, 'base64')) : t.failure(value, context),
  (bytes) => Buffer.from(bytes).toString('base64')
)

const Kind: t.Type<SpecialKind> = t.keyof({
  FIFO: null,
  socket: null,
  'character device': null,
  'block device': null,
  'thing of an unknown kind': null
})

const simple = { PermissionDenied, Vanished, LinkLoop, ChangedWhileRead, PathTooLong } as const
const SimpleTag = t.keyof({
  PermissionDenied: null,
  Vanished: null,
  LinkLoop: null,
  ChangedWhileRead: null,
  PathTooLong: null
})
const classes = [...Object.values(simple), SpecialFile, ReadFailed]

const EncodedError = t.union([
  t.type({ _tag: SimpleTag }),
  t.type({ _tag: t.literal('SpecialFile'), kind: Kind }),
  t.type({ _tag: t.literal('ReadFailed'), code: t.string })
])
type EncodedError = t.TypeOf<typeof EncodedError>

const errorFrom = (encoded: EncodedError): FileError => {
  switch (encoded._tag) {
    case 'SpecialFile':
      return new SpecialFile(encoded.kind)
    case 'ReadFailed':
      return new ReadFailed(encoded.code)
    default:
      return new simple[encoded._tag]()
  }
}

const encodedFrom = (error: FileError): EncodedError => {
  switch (error._tag) {
    case 'SpecialFile':
      return { _tag: error._tag, kind: error.kind }
    case 'ReadFailed':
      return { _tag: error._tag, code: error.code }
    default:
      return { _tag: error._tag }
  }
}

const FileErrorCodec = new t.Type<FileError, EncodedError, unknown>(
  'FileError',
  (value): value is FileError => classes.some((one) => value instanceof one),
  (value, context) => {
    const encoded = EncodedError.validate(value, context)
    return encoded._tag === 'Left' ? encoded : t.success(errorFrom(encoded.right))
  },
  encodedFrom
)

/** Small enough for the caches of a processor's core, where the bytes are hashed right after they were read. */
const bufferSizeOfThread = 64 * 1024

/** After so many reads a thread checks whether its job has been stopped: every few milliseconds. */
const readsBetweenChecks = 64

/** Larger than the buffer of a hasher: each job has one of its own, and few jobs run at a time. */
const bufferSize = 2 ** 20

/** A thread of an executor has one job at a time, so it may wait for its disk. */
const onThread = (path: Buffer, size: number): Task.Task<FileError, Uint8Array> => {
  let reads = 0
  const fill: Fill = (descriptor, view, position) =>
    pipe(
      fillHere(descriptor, view, position),
      Task.tap(() => (++reads % readsBetweenChecks === 0 ? Task.yieldNow : Task.unit))
    )
  return digestOf(path, size, makeReadBuffer(bufferSizeOfThread), () => {}, fill)
}

/** SHA-256 of a file that had `size` bytes when it was found. */
export const digest = job(
  { input: t.type({ path: Bytes, size: t.number }), output: Bytes, error: FileErrorCodec },
  ({ path, size }) =>
    isMainThread
      ? digestOf(Buffer.from(path), size, makeReadBuffer(bufferSize), () => {})
      : onThread(Buffer.from(path), size)
)
