/** The public module `aio-ts/node`: what only a program on Node needs. */
export { runMain } from './main.js'
export { interruptOnSignals, type Signal, type SignalOptions } from './signals.js'
