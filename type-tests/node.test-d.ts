// `aio-ts/node`: signals leave the types of a Task as they were; a whole program has nobody to give an error to, and takes any.
import type { Task } from 'aio-ts'
import { interruptOnSignals, runMain } from 'aio-ts/node'
import { pipe } from 'fp-ts/lib/function.js'
import { expectError, expectType } from 'tsd'
import { type HttpError, loaded } from './fixtures.js'

expectType<Task.Task<HttpError, string>>(pipe(loaded, interruptOnSignals()))
expectType<Task.Task<HttpError, string>>(
  pipe(loaded, interruptOnSignals({ signals: ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK', 'SIGUSR2'] }))
)
expectError(pipe(loaded, interruptOnSignals))
expectError(interruptOnSignals({ signals: ['SIGKILL'] }))
expectError(interruptOnSignals({ signals: 'SIGINT' }))
expectError(interruptOnSignals({ signal: ['SIGINT'] }))

expectType<void>(runMain(loaded))
expectType<void>(runMain(loaded, { signals: ['SIGTERM'] }))
expectType<void>(runMain(loaded, {}))
expectType<void>(runMain(loaded, { dumpOn: 'SIGUSR2', onUncaught: 'leave', uncaughtGraceMs: Infinity }))
expectError(runMain(loaded, { dumpOn: 'SIGTERM' }))
expectError(runMain(loaded, { onUncaught: 'ignore' }))
expectError(interruptOnSignals({ dumpOn: 'SIGUSR2' }))
expectError(runMain(() => loaded))
expectError(runMain(Promise.resolve(1)))
expectError(runMain(loaded, { signals: [1] }))
expectError(runMain())
