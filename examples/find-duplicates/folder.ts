/** Checks, before anything is started, that the folder which the user names can be searched. */
import { constants } from 'node:fs'
import { access, lstat, stat } from 'node:fs/promises'
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { UsageError } from './options.js'

/** The folder is there, but this user may not read it. */
export class FolderClosed {
  readonly _tag = 'FolderClosed'
  constructor(readonly message: string) {}
}

export type FolderError = UsageError | FolderClosed

export const checkFolder = (folder: string): Task.Task<FolderError, void> => {
  const name = `the folder '${folder}'`
  const explain = (error: NodeJS.ErrnoException, isLink: boolean): FolderError => {
    switch (error.code) {
      case 'ENOENT':
        return new UsageError(
          isLink
            ? `error: ${name} is a symbolic link to something that does not exist`
            : `error: ${name} does not exist`
        )
      case 'ENOTDIR':
        return new UsageError(`error: ${name} does not exist: a part of its path is not a folder`)
      case 'ELOOP':
        return new UsageError(`error: ${name} is a symbolic link that leads back to itself`)
      case 'EACCES':
        return new FolderClosed(`error: ${name} may not be read: permission denied`)
      default:
        return new FolderClosed(`error: ${name} cannot be searched: ${error.message}`)
    }
  }
  return Task.gen(function* () {
    const isLink = yield* pipe(
      system(() => lstat(folder)),
      Task.match(
        () => false,
        (found) => found.isSymbolicLink()
      )
    )
    const explained = Task.mapError((error: NodeJS.ErrnoException) => explain(error, isLink))
    const found = yield* pipe(
      system(() => stat(folder)),
      explained
    )
    if (!found.isDirectory()) return yield* Task.fail(new UsageError(`error: '${folder}' is not a folder`))
    yield* pipe(
      system(() => access(folder, constants.R_OK | constants.X_OK)),
      explained
    )
  })
}

/** A call of Node's file functions, which reject with nothing else. */
const system = <A>(f: () => Promise<A>): Task.Task<NodeJS.ErrnoException, A> =>
  Task.tryCatch(f, (reason) => reason as NodeJS.ErrnoException)
