/**
 * A stand-in for a program: it serves the built page and answers with generated data, so that the page can be shown what a real
 * program seldom has: 50,000 fibers, hostile names, an inspector that disconnects.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { InspectorState, Row, View } from '../../src/inspect/protocol.js'

const folder =
  process.env.INSPECTOR_PAGE ?? fileURLToPath(new URL('../../dist/inspect/page', import.meta.url))

const types = { 'index.html': 'text/html', 'page.js': 'text/javascript', 'page.css': 'text/css' } as const

/** What the real one sends along. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A fiber that waits; what is given takes the place of the rest. */
export const row = (key: string, given: Partial<Row> = {}): Row => ({
  key,
  depth: 0,
  place: 1,
  siblings: 1,
  above: -1,
  kind: 'fiber',
  id: Number(key.replace(/\D/g, '')) || undefined,
  name: `worker ${key}`,
  state: 'waiting',
  on: 'queue get',
  path: [],
  age: 1234,
  count: 1,
  below: 0,
  canOpen: false,
  isOpen: false,
  ...given
})

const startedAt = Date.now() - 83_000

const minute = Array.from({ length: 60 }, (_, second) => second % 7)
const none = minute.map(() => 0)

/** An answer with nothing in it; what is given takes the place of the rest. */
export const state = (given: Partial<InspectorState> = {}): InspectorState => ({
  version: 1,
  at: Date.now(),
  nextMs: 500,
  program: { title: 'made-up', pid: 4711, node: 'v20.19.0', startedAt },
  totals: {
    fibers: { running: 0, ready: 0, waiting: 0 },
    groups: 0,
    queues: 0,
    ended: { succeeded: 0, failed: 0, died: 0, interrupted: 0 }
  },
  rates: {
    from: Date.now() - 60_000,
    started: minute,
    ended: { succeeded: minute, failed: none, died: none, interrupted: none },
    items: minute
  },
  tree: { total: 0, from: 0, rows: [] },
  queues: { total: 0, rows: [] },
  failures: [],
  lives: { ended: [], living: [], left: 0, livingLeft: 0 },
  circles: [],
  ...given
})

/** The part of all rows that the page asks for. */
export const treeOf = (rows: ReadonlyArray<Row>, view: View): InspectorState['tree'] => ({
  total: rows.length,
  from: view.from,
  rows: rows.slice(view.from, view.from + view.rows)
})

const viewOf = (query: URLSearchParams): View => {
  const list = (name: string): ReadonlyArray<string> =>
    (query.get(name) ?? '').split(',').filter((part) => part !== '')
  const number = (name: string): number => Number(query.get(name) ?? Number.NaN)
  return {
    from: number('from'),
    rows: number('rows'),
    turned: list('turned'),
    search: query.get('search') ?? '',
    states: list('states') as View['states'],
    failuresAfter: number('failuresAfter'),
    livesAfter: number('livesAfter')
  }
}

export class FakeProgram {
  /** What it was asked for, the last one last. */
  readonly asked: Array<View> = []
  private server: Server | undefined
  private port = 0

  constructor(public answer: (view: View) => InspectorState = () => state()) {}

  get address(): string {
    return `http://127.0.0.1:${this.port}/token/`
  }

  /** At the same address as before, if it was there before. */
  async start(): Promise<void> {
    const server = createServer(({ url = '' }, response) =>
      this.serve(new URL(url, 'http://127.0.0.1'), response)
    )
    this.server = server
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(this.port, '127.0.0.1', resolve)
    )
    this.port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const { server } = this
    this.server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  private serve({ pathname, searchParams }: URL, response: ServerResponse): void {
    const name = pathname.replace(/^\/token\//, '') || 'index.html'
    response.setHeader('content-security-policy', policy)
    if (name === 'state') {
      const view = viewOf(searchParams)
      this.asked.push(view)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(this.answer(view)))
    } else if (name === 'index.html' || name === 'page.js' || name === 'page.css')
      response.setHeader('content-type', types[name]).end(readFileSync(`${folder}/${name}`))
    else response.writeHead(404).end()
  }
}
