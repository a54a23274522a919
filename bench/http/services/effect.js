/** The service in Effects. */
import { Effect } from 'effect'
import { answer, fail, goneOf, lookup, readBody } from '../service.js'

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

/** @param {Request} request @param {Response} response */
const theirs = (request, response) =>
  Effect.gen(function* () {
    const body = yield* /** @type {Effect.Effect<string>} */ (
      Effect.callback((resume) => readBody(request, (text) => resume(Effect.succeed(text))))
    )
    const { id } = yield* Effect.try({ try: () => JSON.parse(body), catch: () => 'no JSON' })
    const record = yield* Effect.promise(() => lookup(id))
    answer(response, record)
  })

/** @param {Request} request @param {Response} response */
export const handle = (request, response) => {
  Effect.runPromise(theirs(request, response), { signal: goneOf(response) }).catch(() => fail(response))
}
