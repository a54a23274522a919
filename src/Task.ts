/** The public module `aio-ts/Task`: describing work. */

export { all, ap, apS, type Concurrency, zip } from './concurrency/concurrent.js'
export { forEach } from './concurrency/for-each.js'
export { race, raceAll, timeout } from './concurrency/race.js'
export { type WithGroupOptions, withGroup } from './concurrency/with-group.js'
export { die, fail, failCause, fromExit, of, succeed, suspend, sync, unit } from './core/construct.js'
export type { ErrorOf, Task, ValueOf } from './core/node.js'
export { toTaskEither } from './runtime/edge.js'
export { forever, repeat, retry } from './task/again.js'
export { async } from './task/async.js'
export {
  as,
  asUnit,
  bind,
  bindTo,
  Do,
  flatMap,
  flatten,
  let,
  map,
  named,
  tap,
  unless,
  when
} from './task/combine.js'
export {
  fromEither,
  fromIO,
  fromIOEither,
  fromNullable,
  fromOption,
  fromPredicate,
  fromTask,
  fromTaskEither
} from './task/convert.js'
export { currentFiber, interrupt, never, signal, yieldNow } from './task/fiber.js'
export { bracket, ensuring, onExit, onInterrupt } from './task/finalize.js'
export { gen } from './task/gen.js'
export { mapBoth, mapError, orDie } from './task/map-error.js'
export { now } from './task/now.js'
export { type PromiseOptions, promise, tryCatch } from './task/promise.js'
export { random } from './task/random.js'
export {
  catchCause,
  catchTag,
  either,
  exit,
  getOrElse,
  match,
  matchTask,
  orElse,
  tapError
} from './task/recover.js'
export { interruptible, uninterruptible, uninterruptibleMask } from './task/regions.js'
export { uncancellable } from './task/shield.js'
export { delay, sleep } from './task/sleep.js'
