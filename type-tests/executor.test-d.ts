// `aio-ts/executor` and the executors of `aio-ts/node`: a call has the types of the job that it names.
import type { Task, TimeoutError } from 'aio-ts'
import { type Calls, type DecodeError, job, LocalExecutor } from 'aio-ts/executor'
import {
  createExecutor,
  Executor,
  type ExecutorError,
  type FunctionExecutor,
  type JobError,
  type JobValue
} from 'aio-ts/node'
import * as t from 'io-ts'
import { expectError, expectType } from 'tsd'
import { type HttpError, loaded } from './fixtures.js'

const half = job({ input: t.number, output: t.number, error: t.string }, (n) => (n > 0 ? n : n))
const load = job({ input: t.string, output: t.string }, async (url) => url)
declare const jobs: {
  plain(a: number, b: string): boolean
  later(): Promise<string>
  task(url: string): typeof loaded
  half: typeof half
  load: typeof load
}
type Jobs = typeof jobs

// A job is its function.
expectType<number>(half(1))
expectError(half('1'))
expectError(job({ input: t.number, output: t.number }, (_n: string) => 1))
expectError(job({ input: t.number, output: t.number }, () => 'one'))
// Without a codec for its errors a job cannot fail.
expectError(job({ input: t.number, output: t.string }, () => loaded))
expectError(job({ input: t.number }, () => 1))

expectType<HttpError>({} as JobError<Jobs['task']>)
expectType<string>({} as JobValue<Jobs['task']>)
expectType<string>({} as JobValue<Jobs['later']>)
expectType<boolean>({} as JobValue<Jobs['plain']>)
expectType<never>({} as JobError<Jobs['plain']>)

declare const executor: Executor<Jobs>
expectType<Task.Task<never, Executor<Jobs>>>(Executor.make<Jobs>(new URL('file:///jobs.js'), { size: 2 }))
expectType<Task.Task<ExecutorError, boolean>>(executor.call('plain', 1, 'a'))
expectType<Task.Task<ExecutorError, string>>(executor.call('later'))
expectType<Task.Task<ExecutorError | HttpError, string>>(executor.call('task', '/'))
// Only where there are codecs can a value not fit.
expectType<Task.Task<ExecutorError | DecodeError, number>>(executor.call('half', 1))
expectType<Task.Task<ExecutorError | TimeoutError, boolean>>(
  executor.with({ timeoutMs: 5 }).call('plain', 1, 'a')
)
// A hard limit ends in an ExecutorError, which every call may fail with.
expectType<Task.Task<ExecutorError, boolean>>(executor.with({ maxMs: 5 }).call('plain', 1, 'a'))
expectType<Task.Task<ExecutorError, boolean>>(
  executor.with({ transfer: [new ArrayBuffer(1)] }).call('plain', 1, 'a')
)
expectError(executor.call('missing'))
expectError(executor.call('plain', '1', 'a'))
expectError(executor.call('plain', 1))
expectError(Executor.make<Jobs>('./jobs.js'))
expectError(Executor.make<Jobs>(new URL('file:///jobs.js'), { onInterrupt: 'kill' }))
expectError(executor.with({ timeout: 5 }))

// All executors have the same calls.
declare const local: LocalExecutor<Jobs>
const calls: ReadonlyArray<Calls<Jobs>> = [executor, local]
expectType<Task.Task<ExecutorError | HttpError, string>>(calls[0]!.call('task', '/'))
expectType<Task.Task<never, LocalExecutor<Jobs>>>(LocalExecutor.make(jobs))

expectType<Task.Task<never, FunctionExecutor>>(createExecutor({ size: 1 }))
declare const onThread: FunctionExecutor
expectType<Task.Task<ExecutorError, number>>(onThread((n: number) => n, 1))
expectType<Task.Task<ExecutorError, string>>(onThread(async (n: number) => String(n), 1))
expectError(onThread((n: number) => n, '1'))
