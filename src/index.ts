/** The public module `aio-ts`: everything that the core exports, and nothing else. */

export { type CallResult, call } from './concurrency/call.js'
export { callOnCancel } from './concurrency/call-on-cancel.js'
export { callOnDone } from './concurrency/call-on-done.js'
export { first } from './concurrency/first.js'
export { type CloseOptions, Group, type GroupOptions, Resource } from './concurrency/group.js'
export { Deferred } from './coordination/deferred.js'
export { FiberLocal } from './coordination/fiber-local.js'
export { Latch } from './coordination/latch.js'
export { Queue, type QueueOptions } from './coordination/queue.js'
export { Semaphore } from './coordination/semaphore.js'
export type { Fiber, FiberStatus } from './core/fiber.js'
export * as Cause from './data/cause.js'
export {
  GroupClosedError,
  InterruptedError,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
  TimeoutError
} from './data/errors.js'
export * as Exit from './data/exit.js'
export type { FiberId } from './data/reasons.js'
export { addHooks } from './runtime/add-hooks.js'
export { type RunOptions, runFork, runTask, runTaskExit } from './runtime/edge.js'
export type { Hooks, LiveFiber, LiveGroup, LiveQueue } from './runtime/hooks.js'
export type { Clock } from './runtime/host/clock.js'
export { makeRuntime, type Runtime, type RuntimeOptions } from './runtime/make-runtime.js'
export { dump } from './runtime/observe/dump.js'
export { deadlocks } from './runtime/observe/wait-cycles.js'
export { runSync } from './runtime/run-sync.js'
export type { Scheduler } from './runtime/scheduler.js'
export * as Schedule from './Schedule.js'
export * as Task from './Task.js'
