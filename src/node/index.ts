/** The public module `aio-ts/node`: what only a program on Node needs. */
export { ExecutorError, type ExecutorProblem } from '../data/errors.js'
export type { JobError, JobValue } from '../executor/job.js'
export { createExecutor, type FunctionExecutor } from './create-executor.js'
export { Executor, type MakeOptions } from './executor.js'
export { runMain } from './main.js'
export type { DumpSignal, MainOptions } from './main-options.js'
export type { ExecutorOptions, ResourceLimits } from './options.js'
export { interruptOnSignals, type Signal, type SignalOptions } from './signals.js'
