/**
 * The public module `aio-ts/fp-ts`: instances for Task of the type classes of fp-ts.
 *
 * It is separate from `aio-ts/Task`, so that a program that needs no instance neither loads nor bundles one.
 */
export * from './instances.js'
export { URI } from './kind.js'
export * from './traverse.js'
