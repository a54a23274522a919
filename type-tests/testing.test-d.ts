// `aio-ts/testing`: a run keeps the types of its task; what a test may say is closed.
import type { Exit, Task } from 'aio-ts'
import {
  DeadlockError,
  type ExploreError,
  explore,
  LeakError,
  replay,
  runTest,
  sweepInterrupts,
  type TestOptions,
  type TestRun
} from 'aio-ts/testing'
import { expectAssignable, expectError, expectType } from 'tsd'
import { type HttpError, loaded } from './fixtures.js'

expectType<Promise<TestRun<HttpError, string>>>(runTest(loaded))
expectType<Promise<TestRun<HttpError, string>>>(runTest(loaded, { seed: 1, yieldEvery: 2 }))
expectType<Promise<TestRun<HttpError, string>>>(replay(loaded, 'aio1:y1:s0:n0:h0'))
declare const run: TestRun<HttpError, string>
expectType<Exit.Exit<HttpError, string>>(run.exit)
expectType<string>(run.schedule)
expectType<number>(run.elapsed)

expectError(runTest(() => loaded))
expectError(runTest(loaded, { seeds: 1 }))
expectError(runTest(loaded, { onUnseen: 'report' }))
expectError(runTest(loaded, { patienceMs: '1s' }))
expectError(replay(loaded))
expectError(replay(loaded, 1))

expectAssignable<TestOptions>({})
expectAssignable<TestOptions>({
  signal: new AbortController().signal,
  maxSteps: 1,
  onUnseen: 'ignore',
  patienceMs: 0
})
expectAssignable<TestOptions>({ onUnseen: (cause, fiber) => void [cause.reasons, fiber.name] })

expectType<'DeadlockError'>(new DeadlockError('')._tag)
expectType<'LeakError'>(new LeakError('')._tag)
expectAssignable<Error>(new LeakError(''))

declare const task: Task.Task<never, 1>
expectType<Promise<TestRun<never, 1>>>(runTest(task))

// ---- searches: `check` sees the types of the task, and nobody waits for what it returns
expectType<Promise<{ readonly runs: number; readonly complete: boolean }>>(explore(() => loaded))
explore(() => loaded, {
  strategy: 'random',
  preemptions: 1,
  maxRuns: 10,
  seed: 3,
  check: (run) => expectType<TestRun<HttpError, string>>(run)
})
expectError(explore(loaded))
expectError(explore(() => 1))
expectError(explore(() => loaded, { strategy: 'dfs' }))
expectError(explore(() => loaded, { check: (run: TestRun<never, number>) => void run }))

expectType<Promise<{ readonly steps: number }>>(sweepInterrupts(() => loaded))
sweepInterrupts(() => loaded, {
  check: (run, step) => {
    expectType<TestRun<HttpError, string>>(run)
    expectType<number>(step)
  }
})
expectError(sweepInterrupts(loaded))

declare const found: ExploreError
expectType<'ExploreError'>(found._tag)
expectType<unknown>(found.cause)
expectType<string>(found.schedule)
expectType<number>(found.runs)
