/** The page, which is built on its own and lies beside this. */
import { readFile } from 'node:fs/promises'
import * as Task from '../../Task.js'
import { InspectError } from '../inspect-error.js'

/** A file as it is served. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
}

/** By the end of its path; that of the page itself is ''. */
export type Page = ReadonlyMap<string, PageFile>

const files = [
  ['', 'index.html', 'text/html; charset=utf-8'],
  ['page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['page.css', 'page.css', 'text/css; charset=utf-8']
] as const

/** Reads it, once: what is served stays the same whatever happens to the folder. */
export const readPage = (folder: URL): Task.Task<InspectError, Page> =>
  Task.tryCatch(
    async () =>
      new Map(
        await Promise.all(
          files.map(async ([path, name, type]): Promise<[string, PageFile]> => {
            return [path, { type, bytes: await readFile(new URL(name, folder)) }]
          })
        )
      ),
    (reason) =>
      new InspectError(
        'PageMissing',
        `the inspector's page cannot be read from ${folder.href}, where the package has it: in the sources, run npm run build; with a ` +
          'bundler, leave aio-ts/inspect out of the bundle',
        reason
      )
  )
