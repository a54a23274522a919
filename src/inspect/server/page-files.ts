/** Reads the files of the page, which is built separately and installed beside this module. */
import { readFile } from 'node:fs/promises'
import * as Task from '../../Task.js'
import { InspectError } from '../inspect-error.js'

/** A file as it is served. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
}

/** The files by the last part of their path, which is '' for the page itself. */
export type Page = ReadonlyMap<string, PageFile>

const files = [
  ['', 'index.html', 'text/html; charset=utf-8'],
  ['page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['page.css', 'page.css', 'text/css; charset=utf-8']
] as const

/** Reads the page once, so that later changes of the folder do not affect what is served. */
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
