/**
 * The public module `aio-ts/io-ts`: decodes external data with an io-ts codec, as a Task.
 *
 * Only this module depends on io-ts, and only on its types: io-ts remains
 * an optional peer dependency, and nothing of it is loaded from here.
 */
export { decode } from './decode.js'
export { DecodeError } from './decode-error.js'
