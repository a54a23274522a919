/**
 * A client that sends the same small request over connections that stay open: as many as it can, or at a fixed rate. At a fixed rate the
 * latency of a request counts from the moment in which it was due, so that a server that falls behind cannot hide it.
 */
import { once } from 'node:events'
import { connect } from 'node:net'

const body = '{"id":7}'
const request = `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

/** A connection with one request at a time. */
class Connection {
  /** @type {((ok: boolean) => void) | undefined} */
  #done = undefined

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket
    // The whole answer comes in one piece, since it is short.
    socket.on('data', (data) => {
      const done = this.#done
      this.#done = undefined
      done?.(data.subarray(9, 12).toString() === '200')
    })
  }

  /** @param {(ok: boolean) => void} done */
  send(done) {
    this.#done = done
    this.socket.write(request)
  }
}

/** @param {number} port @param {number} count */
const connections = async (port, count) => {
  const sockets = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1', noDelay: true }))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  return sockets.map((socket) => new Connection(socket))
}

/**
 * Requests a second, with `count` connections that each send the next request when they have an answer.
 *
 * @param {number} port
 * @param {number} count
 * @param {number} ms
 */
export const capacityOf = async (port, count, ms) => {
  const all = await connections(port, count)
  let answers = 0
  let failures = 0
  const began = performance.now()
  const end = began + ms
  await Promise.all(
    all.map(
      (connection) =>
        new Promise((/** @type {(value: void) => void} */ resolve) => {
          const next = () =>
            connection.send((ok) => {
              if (ok) answers++
              else failures++
              if (performance.now() < end) next()
              else resolve()
            })
          next()
        })
    )
  )
  const seconds = (performance.now() - began) / 1000
  for (const { socket } of all) socket.destroy()
  if (failures > 0) throw new Error(`${failures} requests failed`)
  return answers / seconds
}

/**
 * The value below which the share `share` of the sorted figures lies.
 *
 * @param {ArrayLike<number>} sorted
 * @param {number} share
 */
export const percentile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN

/**
 * Latencies in milliseconds at `rate` requests a second, sorted.
 *
 * @param {number} port
 * @param {number} rate
 * @param {number} ms
 */
export const latenciesAt = async (port, rate, ms) => {
  const idle = await connections(port, 64)
  const all = [...idle]
  const total = Math.floor((rate * ms) / 1000)
  const latencies = new Float64Array(total)
  let sent = 0
  let answered = 0
  let failures = 0
  const began = performance.now()
  const dueAt = (/** @type {number} */ index) => began + (index * 1000) / rate
  await new Promise((/** @type {(value: void) => void} */ resolve) => {
    /** Sends what is due, as far as connections are free. A request that finds none waits, and its latency grows. */
    const pump = () => {
      for (let connection = idle.at(-1); connection !== undefined; connection = idle.at(-1)) {
        if (sent === total || dueAt(sent) > performance.now()) break
        idle.pop()
        const index = sent++
        const used = connection
        used.send((ok) => {
          latencies[index] = performance.now() - dueAt(index)
          if (!ok) failures++
          idle.push(used)
          if (++answered === total) resolve()
        })
      }
      if (answered < total) setImmediate(pump)
    }
    pump()
  })
  for (const { socket } of all) socket.destroy()
  if (failures > 0) throw new Error(`${failures} requests failed`)
  return latencies.sort()
}
