/**
 * The public module `aio-ts/testing`: runs a program on virtual time, one interleaving at a time, under a
 * controlled scheduler that can replay each of them. It depends neither on Node, nor on a browser, nor on a
 * test runner.
 */
export {
  DeadlockError,
  ExploreError,
  LeakError,
  LivelockError,
  NondeterminismError,
  ScheduleError,
  TimeLimitError,
  UnseenFailureError
} from './errors.js'
export { type ExploreOptions, type ExploreResult, explore } from './explore.js'
export type { ControlOptions, OnUnseen, TestOptions } from './options.js'
export type { TestRun } from './report/test-run.js'
export { replay, runTest } from './run-test.js'
export { type SweepOptions, sweepInterrupts } from './sweep.js'
