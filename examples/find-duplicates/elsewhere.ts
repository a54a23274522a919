/**
 * Hashes large files outside of this thread: on other threads of this process, or on other processes that serve a queue.
 *
 * Both have the same `call`, so the search needs to know neither. The modules for it are loaded only if they are used.
 */
import { type Resource, Task } from 'aio-ts'
import type { Calls, DecodeError, ExecutorError } from 'aio-ts/executor'
import { pipe } from 'fp-ts/lib/function.js'
import type * as Jobs from './digest-job.js'
import { type FileError, ReadFailed } from './file-error.js'

/** The queue by which a search sends its files to the processes that serve. */
const queue = 'find-duplicates'

/** Hashes a large file somewhere. */
export type Digest = (path: Buffer, size: number) => Task.Task<FileError, Uint8Array>

export interface Elsewhere {
  readonly threads: number
  readonly cluster?: string
}

/** The threads or the cluster are not available at all. */
export class NowhereToHash {
  readonly _tag = 'NowhereToHash'
  constructor(readonly message: string) {}
}

const nowhere = (error: ExecutorError): NowhereToHash => new NowhereToHash(`error: ${error.message}`)

const loadJobs = Task.promise(() => import('./digest-job.js'))

/**
 * Passes a function that hashes elsewhere to `use`, or undefined if this thread is to do it. The threads, or the connection,
 * are closed when `use` has ended.
 */
export const hashingElsewhere = <E, A>(
  { threads, cluster }: Elsewhere,
  use: (digest: Digest | undefined) => Task.Task<E, A>
): Task.Task<E | NowhereToHash, A> => {
  if (cluster !== undefined) return onCluster(cluster, use)
  return threads > 0 ? onThreads(threads, use) : use(undefined)
}

const onThreads = <E, A>(size: number, use: (digest: Digest) => Task.Task<E, A>): Task.Task<E, A> =>
  Task.gen(function* () {
    const jobs = yield* loadJobs
    const { Executor } = yield* Task.promise(() => import('aio-ts/node'))
    const module = new URL('./digest-job.js', import.meta.url)
    return yield* Task.bracket(
      Executor.make<typeof Jobs>(module, { size, jobs, onInterrupt: 'terminate' }),
      (executor) => use(digestBy(executor)),
      close
    )
  })

const onCluster = <E, A>(
  connection: string,
  use: (digest: Digest) => Task.Task<E, A>
): Task.Task<E | NowhereToHash, A> =>
  Task.gen(function* () {
    const jobs = yield* loadJobs
    const { ClusterExecutor } = yield* Task.promise(() => import('aio-ts/bullmq'))
    return yield* Task.bracket(
      pipe(ClusterExecutor.make<typeof Jobs>({ connection, queue, jobs }), Task.mapError(nowhere)),
      (executor) => use(digestBy(executor)),
      close
    )
  })

const close = (executor: Resource): Task.Task<never, void> => executor.asyncClose()

const digestBy =
  (calls: Calls<Pick<typeof Jobs, 'digest'>>): Digest =>
  (path, size) =>
    pipe(calls.call('digest', { path: absolute(path), size }), Task.mapError(fileError))

/** The process that hashes the file may run in another folder. */
const absolute = (path: Buffer): Buffer =>
  path[0] === 0x2f ? path : Buffer.concat([Buffer.from(`${process.cwd()}/`), path])

/** A thread or a worker that fails does not stop the search: its file counts as one that cannot be read. */
const fileError = (error: FileError | ExecutorError | DecodeError): FileError =>
  error._tag === 'ExecutorError'
    ? new ReadFailed(error.problem)
    : error._tag === 'DecodeError'
      ? new ReadFailed(error._tag)
      : error

/** Hashes for others until it is interrupted. */
export const serve = (connection: string, concurrency: number): Task.Task<NowhereToHash, void> =>
  Task.gen(function* () {
    const jobs = yield* loadJobs
    const { serveJobs } = yield* Task.promise(() => import('aio-ts/bullmq'))
    yield* Task.bracket(
      pipe(serveJobs(jobs, { connection, queue, concurrency }), Task.mapError(nowhere)),
      (server) => server.waitClosed(),
      close
    )
  })
