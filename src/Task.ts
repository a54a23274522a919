/** The public module `aio-ts/Task`: describing work. */

export { toTaskEither } from './runtime/runtime.js'
export { all, ap, apS, type Concurrency, zip } from './structure/concurrent.js'
export { forEach } from './structure/for-each.js'
export { race, raceAll, timeout } from './structure/race.js'
export { type WithGroupOptions, withGroup } from './structure/with-group.js'
export { repeat, retry } from './task/again.js'
export {
  as,
  asUnit,
  bind,
  bindTo,
  Do,
  delay,
  flatMap,
  flatten,
  forever,
  let,
  map,
  named,
  tap,
  unless,
  when
} from './task/combine.js'
export {
  async,
  currentFiber,
  die,
  fail,
  failCause,
  fromExit,
  interrupt,
  never,
  of,
  promise,
  signal,
  sleep,
  succeed,
  suspend,
  sync,
  tryCatch,
  unit,
  yieldNow
} from './task/construct.js'
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
export { gen } from './task/gen.js'
export {
  bracket,
  ensuring,
  interruptible,
  onExit,
  onInterrupt,
  uncancellable,
  uninterruptible,
  uninterruptibleMask
} from './task/interruption.js'
export {
  catchCause,
  catchTag,
  either,
  exit,
  getOrElse,
  mapBoth,
  mapError,
  match,
  matchTask,
  orDie,
  orElse,
  tapError
} from './task/recover.js'
export type { ErrorOf, Task, ValueOf } from './task/task.js'
