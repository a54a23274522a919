/** An inspector with a page of the test's own, on a free port, and raw requests to it. */
import { request } from 'node:http'
import { Task } from 'aio-ts'
import type { InspectOptions, Inspector, State } from 'aio-ts/inspect'
import { afterEach } from 'vitest'
import { runTask } from '../../src/index.js'
import { Inspector as InspectorClass } from '../../src/inspect/inspector.js'
import type { Page } from '../../src/inspect/server/page-files.js'
import { rightOf } from '../support/exits.js'

export const page: Page = new Map([
  ['', { type: 'text/html; charset=utf-8', bytes: Buffer.from('<!doctype html><title>page</title>') }],
  ['page.js', { type: 'text/javascript; charset=utf-8', bytes: Buffer.from('// script') }],
  ['page.css', { type: 'text/css; charset=utf-8', bytes: Buffer.from('/* style */') }]
])

export const inspectHere = (options: InspectOptions = {}) => InspectorClass.make(options, Task.succeed(page))

const undos: Array<() => Promise<unknown>> = []
export const atEnd = (undo: () => Promise<unknown>): void => void undos.push(undo)
afterEach(async () => {
  for (const undo of undos.splice(0).reverse()) await undo()
})

/** Open until the test ends. */
export async function open(options: InspectOptions = {}): Promise<Inspector> {
  const opened = await runTask(inspectHere(options))
  const inspector = rightOf(opened)
  atEnd(() => runTask(inspector.asyncClose()))
  return inspector
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

/** `path` is appended to the address of the inspector, or with a slash in front takes the place of its path. */
export const ask = (
  { url }: { readonly url: string },
  path: string,
  {
    method = 'GET',
    headers = {},
    body
  }: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string | Array<string>>>
    readonly body?: string
  } = {}
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url)
    const sent = request(
      {
        host: hostname,
        port,
        path: path.startsWith('/') ? path : `${pathname}${path}`,
        method,
        headers,
        agent: false
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
        )
        response.on('error', reject)
      }
    )
    sent.on('error', reject)
    sent.end(body)
  })

export async function stateOf(inspector: { readonly url: string }, query = ''): Promise<State> {
  const { status, body } = await ask(inspector, `state?${query}`)
  if (status !== 200) throw new Error(`${status}: ${body}`)
  return JSON.parse(body)
}
