/** The client of the benchmark of services: a server that falls behind cannot hide it. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { capacityOf, latenciesAt, percentile } from '../../bench/http/load.js'
import { handle as inTasks } from '../../bench/http/services/aio-ts.js'
import { handle as inPromises } from '../../bench/http/services/native.js'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

const listen = async (handler: (request: any, response: any) => void): Promise<number> => {
  server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('a percentile', () => {
  test('is the smallest figure that has the share below it or at it', () => {
    const figures = Array.from({ length: 1000 }, (_, index) => index + 1)
    expect([0.5, 0.99, 0.999, 1].map((share) => percentile(figures, share))).toEqual([500, 990, 999, 1000])
    expect(percentile([7], 0.5)).toBe(7)
  })
})

describe('latencies at a fixed rate', () => {
  test('count from the time at which a request was due, also while the server has stopped', async () => {
    let served = 0
    const port = await listen((request, response) => {
      request.resume()
      // It stops once, for a tenth of a second.
      if (++served === 10) {
        const end = performance.now() + 100
        while (performance.now() < end);
      }
      response.end('{}')
    })
    const latencies = await latenciesAt(port, 500, 200)
    expect(latencies.length).toBe(100)
    // Fifty requests were due meanwhile, each two milliseconds after the one before.
    expect(latencies.filter((ms) => ms > 20).length).toBeGreaterThan(30)
  })

  test('are not counted for a service that fails', async () => {
    const port = await listen((request, response) => {
      request.resume()
      response.writeHead(500).end()
    })
    await expect(latenciesAt(port, 100, 50)).rejects.toThrow('5 requests failed')
    await expect(capacityOf(port, 2, 10)).rejects.toThrow('requests failed')
  })
})

describe.each([
  ['native', inPromises],
  ['aio-ts', inTasks]
])('the service of %s', (_, handler) => {
  test('answers with the record, without one, and to a body that is no JSON', async () => {
    const port = await listen(handler)
    const post = async (body: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
      return [response.status, await response.text()]
    }
    expect(await post('{"id":7}')).toEqual([200, '{"id":7,"name":"record 7"}'])
    expect(await post('{"id":1000}')).toEqual([404, 'null'])
    expect(await post('no JSON')).toEqual([500, ''])
  })
})
