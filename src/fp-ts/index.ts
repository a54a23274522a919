/**
 * The entry `aio-ts/fp-ts`: what lets Task go wherever fp-ts asks for a type class.
 *
 * It stands apart from `aio-ts/Task` so that who never needs an instance neither loads nor bundles one.
 */
export * from './instances.js'
export { URI } from './kind.js'
export * from './traverse.js'
