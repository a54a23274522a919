/** What the services have in common: the same work, whichever library runs it. */

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

const records = new Map(Array.from({ length: 100 }, (_, id) => [id, { id, name: `record ${id}` }]))

/** A client of a database, which has the answer already. @param {number} id */
export const lookup = (id) => Promise.resolve(records.get(id))

/**
 * The body of a request, by its callbacks.
 *
 * @param {Request} request
 * @param {(body: string) => void} done
 */
export const readBody = (request, done) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text) => {
    body += text
  })
  request.on('end', () => done(body))
}

/** @param {Response} response @param {unknown} record */
export const answer = (response, record) => {
  const body = JSON.stringify(record ?? null)
  response.writeHead(record === undefined ? 404 : 200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body)
  })
  response.end(body)
}

/** @param {Response} response */
export const fail = (response) => void response.writeHead(500).end()

/** A signal that aborts when the client has gone. @param {Response} response */
export const goneOf = (response) => {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone.signal
}
