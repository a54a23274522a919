/**
 * The server: the page, its parts, and the state. It only ever reads, and it takes little: few connections,
 * short requests, and none that takes its time.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeValue } from '../../data/check-input.js'
import * as Task from '../../Task.js'
import { type InspectError, listenError } from '../inspect-error.js'
import type { InspectorState, View } from '../protocol.js'
import { isForUs, safeHeaders } from './guard.js'
import type { Page } from './page-files.js'
import { viewOf } from './query.js'

/** What a server is for. */
interface Serving {
  readonly page: Page
  readonly isToken: (given: string) => boolean
  readonly hosts: ReadonlySet<string>
  readonly state: (view: View) => InspectorState
}

/** Some pages, each with the six that a browser opens at most. */
const mostConnections = 32
const longestAddress = 8192
const longestHeaders = 16_384
/** How long a request may take to arrive. */
const requestMs = 10_000
/** How long a connection may lie there without a word in either direction. */
const silentMs = 30_000

const plainText = 'text/plain; charset=utf-8'

interface HttpAnswer {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

const refusedAnswer = (
  status: number,
  body: string,
  headers?: Readonly<Record<string, string>>
): HttpAnswer => ({
  status,
  type: plainText,
  body: `${body}\n`,
  ...(headers && { headers })
})

function answerTo(request: IncomingMessage, { page, isToken, hosts, state }: Serving): HttpAnswer {
  if (!isForUs(request, hosts)) {
    return refusedAnswer(
      403,
      'Not for this address: open the one that the program has printed (see allowedHosts).'
    )
  }
  const { url = '' } = request
  if (url.length > longestAddress) return refusedAnswer(414, 'The address is too long.')
  const [path = '', query = ''] = url.split('?', 2)
  // Of a wrong secret and a wrong path nobody learns which of them was wrong.
  const match = /^\/([^/]*)\/([^/]*)$/.exec(path)
  const isRight = isToken(match?.[1] ?? '')
  const name = match?.[2] ?? ''
  const file = page.get(name)
  if (match === null || !isRight || (file === undefined && name !== 'state')) {
    return refusedAnswer(404, 'There is nothing here.')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refusedAnswer(405, 'This can only be read.', { Allow: 'GET, HEAD' })
  }
  if (file !== undefined) return { status: 200, type: file.type, body: file.bytes }
  const view = viewOf(new URLSearchParams(query))
  if (typeof view === 'string') return refusedAnswer(400, `The query makes no sense: ${view}.`)
  return { status: 200, type: 'application/json', body: JSON.stringify(state(view)) }
}

/**
 * A bug here, or a getter of the program that throws, is sent to the client as an error; the program
 * continues.
 */
function safeAnswerTo(request: IncomingMessage, serving: Serving): HttpAnswer {
  try {
    return answerTo(request, serving)
  } catch (thrown) {
    return refusedAnswer(500, `The inspector has thrown ${describeValue(thrown)}.`)
  }
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const { status, type, body, headers } = answer
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  response.writeHead(status, {
    ...safeHeaders,
    ...headers,
    // A body that comes with it is not waited for.
    ...(isRead ? {} : { Connection: 'close' }),
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body)
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** What listens. `serve` says for what, as soon as it is known under which port. */
export interface Listening {
  readonly server: Server
  readonly port: number
  readonly serve: (serving: Serving) => void
}

/** Out of reach of interruption, so that what listens is never lost. */
export const startListening = (
  host: string,
  port: number,
  keepAlive: boolean
): Task.Task<InspectError, Listening> =>
  Task.async((resume) => {
    let serving: Serving | undefined
    const server = createServer(
      {
        maxHeaderSize: longestHeaders,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: requestMs / 4
      },
      (request, response) => {
        if (serving === undefined) request.destroy()
        else sendAnswer(request, response, safeAnswerTo(request, serving))
      }
    )
    server.maxConnections = mostConnections
    server.timeout = silentMs
    // The server, and not the connections of browsers, decides whether the process stays alive.
    server.on('connection', (socket) => void socket.unref())
    if (!keepAlive) server.unref()
    // Also later: with all file descriptors taken a connection cannot be accepted. That must not end the
    // program.
    server.on('error', (error) => resume(Task.fail(listenError(host, port, error))))
    server.listen({ host, port }, () =>
      resume(
        Task.succeed({
          server,
          port: (server.address() as AddressInfo).port,
          serve: (what) => {
            serving = what
          }
        })
      )
    )
  })

/** Stops listening and closes open connections at once: a slow reader does not delay it. */
export const stopListening = ({ server }: Listening): Task.Task<never, void> =>
  Task.async((resume) => {
    server.close(() => resume(Task.unit))
    server.closeAllConnections()
  })
