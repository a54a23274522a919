// `aio-ts/bullmq`: only jobs with codecs can be called, and a caller hands them over where the codecs change the values.
import type { Task } from 'aio-ts'
import { ClusterExecutor, type ExecutorError, type JobServer, serveJobs } from 'aio-ts/bullmq'
import { type DecodeError, job } from 'aio-ts/executor'
import * as t from 'io-ts'
import { expectError, expectType } from 'tsd'

declare const Day: t.Type<Date, string, unknown>
const plain = {
  add: job({ input: t.tuple([t.number, t.number]), output: t.number }, ([a, b]) => a + b),
  helper: () => 1
}
const changing = { nextDay: job({ input: Day, output: Day }, (day) => day) }
const place = { connection: 'redis://127.0.0.1:6379', queue: 'q' }

expectType<Task.Task<ExecutorError, ClusterExecutor<typeof plain>>>(ClusterExecutor.make<typeof plain>(place))
expectType<Task.Task<ExecutorError, ClusterExecutor<typeof changing>>>(
  ClusterExecutor.make<typeof changing>({ ...place, jobs: changing })
)
expectError(ClusterExecutor.make<typeof changing>(place))
expectError(ClusterExecutor.make<typeof plain>({ queue: 'q' }))

declare const executor: ClusterExecutor<typeof plain>
expectType<Task.Task<ExecutorError | DecodeError, number>>(executor.call('add', [1, 2]))
expectError(executor.call('add', [1]))
expectError(executor.call('helper'))

expectType<Task.Task<ExecutorError, JobServer>>(serveJobs(plain, { ...place, concurrency: 2 }))
expectError(serveJobs(plain, { connection: place.connection }))
