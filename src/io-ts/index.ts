/**
 * The entry `aio-ts/io-ts`: what comes from outside, checked by an io-ts codec, as a Task.
 *
 * It alone knows io-ts, and its types only: io-ts stays an optional peer, and nothing of it is loaded from
 * here.
 */
export { decode } from './decode.js'
export { DecodeError } from './decode-error.js'
