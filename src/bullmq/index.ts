/** The public module `aio-ts/bullmq`: jobs on other processes and machines, by BullMQ and Redis. */
export { ExecutorError, type ExecutorProblem } from '../data/errors.js'
export { ClusterExecutor, type ClusterOptions, type JobsOption, type ServedJobs } from './cluster-executor.js'
export type {
  ClusterConnection,
  Connection,
  ConnectionEvent,
  QueueOptions,
  RedisConnection
} from './connection.js'
export type { ClusterLoad } from './load.js'
export { JobServer, type Refusal, type ServeOptions, serveJobs } from './serve-jobs.js'
