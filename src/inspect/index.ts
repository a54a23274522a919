/**
 * The public module `aio-ts/inspect`: a web page that shows the running program. It is built on hooks alone.
 */
export { InspectError, type InspectProblem } from './inspect-error.js'
export { type Inspector, inspect } from './inspector.js'
export type { InspectOptions } from './options.js'
export type {
  Failure,
  FiberActivity as FiberState,
  FiberOutcome as Outcome,
  InspectorState as State,
  Life,
  QueueRow,
  Row,
  View
} from './protocol.js'
