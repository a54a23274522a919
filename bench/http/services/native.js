/** The service in async functions. */
import { answer, fail, lookup, readBody } from '../service.js'

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

/** @param {Request} request @param {Response} response */
export const handle = (request, response) => {
  const work = async () => {
    const body = await new Promise((/** @type {(body: string) => void} */ resolve) =>
      readBody(request, resolve)
    )
    const { id } = JSON.parse(body)
    answer(response, await lookup(id))
  }
  work().catch(() => fail(response))
}
