/** `npm run bench -- http`: a service on node:http, with and without the library: requests a second, and latency at a fixed rate. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { capacityOf, latenciesAt, percentile } from './load.js'

/** @typedef {{ readonly library: string, readonly perSecond: number, readonly rate: number, readonly p50: number, readonly p99: number, readonly p999: number }} Service */

const libraries = ['native', 'aio-ts', 'effect']

/** The connections of the client that sends as fast as it can. */
const connectionCount = 32

/** The share of what the slowest can do that all have to do. */
const loadShare = 0.6

/** How many steps the section has. */
export const httpSteps = libraries.length * 2

/**
 * Starts the service, passes its port to `use`, and stops it.
 *
 * @template A
 * @param {string} library
 * @param {(port: number) => Promise<A>} use
 */
const serving = async (library, use) => {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'server.js'), library], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const ended = once(server, 'close')
  try {
    const [port] = await Promise.race([
      once(server.stdout, 'data'),
      ended.then(() => Promise.reject(new Error(`the service of ${library} did not start`)))
    ])
    return await use(Number(port))
  } finally {
    server.stdin.end()
    await ended
  }
}

/**
 * @param {boolean} isQuick
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<Service>>}
 */
export const measureHttp = async (isQuick, tell) => {
  const ms = isQuick ? 100 : 4000
  /** @type {Map<string, number>} */
  const capacities = new Map()
  for (const library of libraries) {
    tell(`requests a second, ${library}`)
    const capacity = await serving(library, async (port) => {
      await capacityOf(port, connectionCount, ms)
      return capacityOf(port, connectionCount, ms)
    })
    capacities.set(library, capacity)
  }
  const rate = Math.round(Math.min(...capacities.values()) * loadShare)
  /** @type {Array<Service>} */
  const services = []
  for (const library of libraries) {
    tell(`latency at ${rate} requests a second, ${library}`)
    const latencies = await serving(library, async (port) => {
      await latenciesAt(port, rate, ms)
      return latenciesAt(port, rate, ms)
    })
    services.push({
      library,
      perSecond: capacities.get(library) ?? Number.NaN,
      rate,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      p999: percentile(latencies, 0.999)
    })
  }
  return services
}
