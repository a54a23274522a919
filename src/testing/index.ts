/**
 * The public module `aio-ts/testing`: a program on virtual time, one interleaving at a time, under a control
 * that can run each of them again. It uses nothing of Node, nothing of a browser and nothing of a test
 * runner.
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
