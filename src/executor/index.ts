/** The public module `aio-ts/executor`: what a job is and what an executor is, wherever the jobs run. */
export { ExecutorError, type ExecutorProblem } from '../data/errors.js'
export { DecodeError } from '../io-ts/decode-error.js'
export { jobInterrupted } from './interrupted.js'
export {
  type IsPlain,
  type Job,
  type JobArgs,
  type JobCodecs,
  type JobDecodeError,
  type JobError,
  type JobResult,
  type JobValue,
  job,
  type WithCodecs
} from './job.js'
export {
  type CallOptions,
  type Calls,
  type ExecutorLoad,
  JobExecutor,
  type OptionsError
} from './job-executor.js'
export { LocalExecutor, type LocalExecutorOptions } from './local-executor.js'
