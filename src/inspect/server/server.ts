/**
 * The HTTP server: serves the files of the page, and the state. It only reads, and its resources are limited:
 * few connections, short requests, and time limits.
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

/** Enough for a few pages, each with up to six connections of a browser. */
const mostConnections = 32
const longestAddress = 8192
const longestHeaders = 16_384
/** How long a request may take to arrive, in ms. */
const requestMs = 10_000
/** How long a connection may be idle in both directions, in ms. */
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
  // A wrong secret and a wrong path give the same answer, so that a client does not learn which of them was
  // wrong.
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

/** Reports a bug here, or a throwing getter of the program, to the client. The program continues. */
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
    // The connection is closed so that a body sent with the request need not be read.
    ...(isRead ? {} : { Connection: 'close' }),
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body)
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** A listening server. `serve` sets what it serves, once its port is known. */
export interface Listening {
  readonly server: Server
  readonly port: number
  readonly serve: (serving: Serving) => void
}

/** Starts listening. Not interruptible, so that a listening server is never lost. */
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
    // Only the server decides whether the process stays alive, not its open connections.
    server.on('connection', (socket) => void socket.unref())
    if (!keepAlive) server.unref()
    // The handler stays registered: a connection cannot be accepted while all file descriptors are in use,
    // and that error must not end the program.
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

/** Stops listening and closes open connections at once, so that a slow client does not delay it. */
export const stopListening = ({ server }: Listening): Task.Task<never, void> =>
  Task.async((resume) => {
    server.close(() => resume(Task.unit))
    server.closeAllConnections()
  })
