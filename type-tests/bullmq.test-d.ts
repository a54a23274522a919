// `aio-ts/bullmq`: only jobs with codecs can be called, and a caller hands them over where the codecs change the values.
import type { Cause, Task } from 'aio-ts'
import {
  ClusterExecutor,
  type ClusterLoad,
  type ConnectionEvent,
  type ExecutorError,
  type GivenUpJob,
  type JobServer,
  serveJobs
} from 'aio-ts/bullmq'
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

expectType<Task.Task<ExecutorError, ReadonlyArray<GivenUpJob>>>(executor.givenUp({ count: 10 }))
expectType<Task.Task<ExecutorError, void>>(executor.sendAgain('id'))
expectType<Cause.Cause<unknown>>({} as GivenUpJob['cause'])
expectError(executor.givenUp({ limit: 10 }))

expectType<Task.Task<ExecutorError, JobServer>>(serveJobs(plain, { ...place, concurrency: 2 }))
expectError(serveJobs(plain, { connection: place.connection }))

// The options of ioredis, for one Redis, for Sentinels and for a cluster; not those that a queue needs in one way only.
const queue = 'q'
const onConnection = ({ state, error }: ConnectionEvent) => {
  expectType<'connected' | 'disconnected'>(state)
  expectType<Error | undefined>(error)
}
serveJobs(plain, {
  connection: {
    url: 'rediss://redis',
    tls: { ca: 'pem' },
    socketTimeout: 3000,
    keepAlive: 10_000,
    reconnectOnError: () => 2
  },
  queue,
  onConnection
})
ClusterExecutor.make<typeof plain>({
  connection: { sentinels: [{ host: 'a', port: 26_379 }], name: 'main', sentinelPassword: 'secret' },
  queue,
  onConnection
})
serveJobs(plain, {
  connection: { nodes: [{ host: 'a', port: 6379 }], options: { redisOptions: { password: 'secret' } } },
  queue
})
expectError(serveJobs(plain, { connection: { host: 'redis', maxRetriesPerRequest: 3 }, queue }))
expectError(serveJobs(plain, { connection: { host: 'redis', keyPrefix: 'own:' }, queue }))
expectError(serveJobs(plain, { connection: { host: 'redis', socketTimeOut: 3000 }, queue }))

declare const server: JobServer
expectType<ClusterLoad>(server.load)
expectType<ClusterLoad>(executor.load)
expectType<number>(server.load.running)
expectType<number | undefined>(server.load.depth)
