/** The service in Tasks. */
import { runTask, Task } from 'aio-ts'
import { answer, fail, goneOf, lookup, readBody } from '../service.js'

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

const own = Task.fn('request', function* (/** @type {Request} */ request, /** @type {Response} */ response) {
  const body = yield* /** @type {Task.Task<never, string>} */ (
    Task.async((resume) => readBody(request, (text) => resume(Task.succeed(text))))
  )
  const { id } = yield* Task.tryCatch(
    () => JSON.parse(body),
    () => 'no JSON'
  )
  const record = yield* Task.promise(() => lookup(id))
  answer(response, record)
})

/** @param {Request} request @param {Response} response */
export const handle = (request, response) => {
  runTask(own(request, response), { signal: goneOf(response) }).then(
    (result) => result._tag === 'Left' && fail(response),
    () => fail(response)
  )
}
