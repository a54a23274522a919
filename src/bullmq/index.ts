/** The public module `aio-ts/bullmq`: jobs on other processes and machines, by BullMQ and Redis. */
export { ExecutorError, type ExecutorProblem } from '../data/errors.js'
export { ClusterExecutor } from './cluster-executor.js'
export type { ClusterOptions, JobsOption, ServedJobs } from './cluster-options.js'
export type {
  ClusterConnection,
  Connection,
  ConnectionEvent,
  RedisConnection,
  RedisQueueOptions as QueueOptions
} from './connection.js'
export type { GivenUpJob, GivenUpRange } from './given-up.js'
export type { ClusterLoad } from './load.js'
export { JobServer, serveJobs } from './serve-jobs.js'
export type { Refusal, ServeOptions } from './serve-options.js'
