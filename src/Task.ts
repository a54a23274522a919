/** The public module `aio-ts/Task`: describing work. */

export { die, fail, failCause, fromExit, of, succeed, suspend, sync, unit } from './core/construct.js'
export type { ErrorOf, Task, ValueOf } from './core/node.js'
export { forever, repeat, retry } from './operations/again.js'
export { async } from './operations/async.js'
export {
  fromEither,
  fromIO,
  fromIOEither,
  fromNullable,
  fromOption,
  fromPredicate,
  fromTask,
  fromTaskEither
} from './operations/convert.js'
export { currentFiber, interrupt, never, signal, yieldNow } from './operations/fiber.js'
export { bracket, ensuring, onExit, onInterrupt } from './operations/finalize.js'
export { gen } from './operations/gen.js'
export { mapBoth, mapError, orDie } from './operations/map-error.js'
export { now } from './operations/now.js'
export { type PromiseOptions, promise, tryCatch } from './operations/promise.js'
export { random } from './operations/random.js'
export { interruptible, uninterruptible, uninterruptibleMask } from './operations/regions.js'
export { uncancellable } from './operations/shield.js'
export { delay, sleep } from './operations/sleep.js'
export { toTaskEither } from './runtime/edge.js'
export { all, ap, apS, type Concurrency, zip } from './structure/concurrent.js'
export { forEach } from './structure/for-each.js'
export { race, raceAll, timeout } from './structure/race.js'
export { type WithGroupOptions, withGroup } from './structure/with-group.js'
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
