/** The public module `aio-ts/Schedule`: when to try again. */
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
