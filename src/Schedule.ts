/** The public module `aio-ts/Schedule`: when to run a Task again. */
export {
  exponential,
  intersect,
  jittered,
  recurs,
  type Schedule,
  spaced,
  upTo,
  whileInput
} from './task/schedule.js'
