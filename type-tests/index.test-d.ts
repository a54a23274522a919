// `aio-ts`: how a program ends at its edge, and what fibers, groups and channels take and give.
import {
  addHooks,
  Cause,
  type Clock,
  dump,
  Exit,
  type Fiber,
  type FiberId,
  first,
  type GroupClosedError,
  type InterruptedError,
  type LiveFiber,
  type LiveGroup,
  type LiveQueue,
  makeRuntime,
  QueueClosedError,
  type QueueEmptyError,
  type QueueFullError,
  type RunOptions,
  type RuntimeOptions,
  runFork,
  runSync,
  runTask,
  runTaskExit,
  Schedule,
  type Scheduler,
  Task,
  type TimeoutError
} from 'aio-ts'
import type { Either } from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Option } from 'fp-ts/lib/Option.js'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import { type HttpError, load, loaded, type ParseError, parse } from './fixtures.js'

// ---- the modules within
expectType<Task.Task<never, number>>(Task.succeed(1))
expectType<Schedule.Schedule<unknown>>(Schedule.recurs(1))

// ---- causes and exits
declare const cause: Cause.Cause<HttpError>
expectType<NonEmptyArray<Cause.Reason<HttpError>>>(cause.reasons)
expectType<ReadonlyArray<string>>(cause.trace)
expectAssignable<Cause.Cause<HttpError | ParseError>>(cause)
expectNotAssignable<Cause.Cause<never>>(cause)
expectAssignable<Cause.Cause<HttpError>>(Cause.die('broken'))
expectType<Cause.Cause<string>>(Cause.fail('no' as string))
expectType<Cause.Cause<never>>(Cause.die(1))
expectType<Cause.Cause<never>>(Cause.interrupt())
expectType<Cause.Cause<never>>(Cause.interrupt(1))
expectType<ReadonlyArray<HttpError>>(Cause.failures(cause))
expectType<ReadonlyArray<unknown>>(Cause.defects(cause))
expectType<boolean>(Cause.isInterrupted(cause))
expectType<boolean>(Cause.isInterruptedOnly(cause))
expectType<string>(Cause.pretty(cause))
for (const reason of cause.reasons) {
  if (reason._tag === 'Fail') expectType<HttpError>(reason.error)
  else if (reason._tag === 'Die') expectType<unknown>(reason.defect)
  else {
    expectType<Option<FiberId>>(reason.by)
    expectType<Option<Exit.Exit<unknown, unknown>>>(reason.result)
  }
}
expectError(Cause.interrupt('me'))
expectError(cause.reasons[0].error)
expectType<Either<Cause.Cause<HttpError>, string>>({} as Exit.Exit<HttpError, string>)
expectType<Exit.Exit<never, number>>(Exit.succeed(1))
expectType<Exit.Exit<string, never>>(Exit.fail('no' as string))
expectType<Exit.Exit<never, never>>(Exit.die('broken'))
expectType<Exit.Exit<never, never>>(Exit.interrupt(1))
expectType<Exit.Exit<HttpError, never>>(Exit.failCause(cause))
expectAssignable<Exit.Exit<HttpError, number>>(Exit.succeed(1))
expectNotAssignable<Exit.Exit<never, number>>({} as Exit.Exit<HttpError, number>)

// ---- errors
expectType<'QueueClosedError'>(new QueueClosedError()._tag)
expectType<'QueueEmptyError'>({} as QueueEmptyError['_tag'])
expectType<'QueueFullError'>({} as QueueFullError['_tag'])
expectType<'GroupClosedError'>({} as GroupClosedError['_tag'])
expectType<'TimeoutError'>({} as TimeoutError['_tag'])
expectType<number>({} as TimeoutError['ms'])
expectType<'InterruptedError'>({} as InterruptedError['_tag'])
expectType<Cause.Cause<never>>({} as InterruptedError['cause'])
expectAssignable<Error>(
  {} as
    | QueueClosedError
    | QueueEmptyError
    | QueueFullError
    | GroupClosedError
    | TimeoutError
    | InterruptedError
)
// none passes for another
expectNotAssignable<QueueEmptyError>({} as QueueClosedError)
expectNotAssignable<GroupClosedError>({} as QueueClosedError)

// ---- the edge
expectType<Promise<Either<HttpError, string>>>(runTask(loaded))
expectType<Promise<Either<HttpError, string>>>(
  runTask(loaded, { signal: new AbortController().signal, name: 'main' })
)
expectType<Promise<Exit.Exit<HttpError, string>>>(runTaskExit(loaded))
expectType<Fiber<HttpError, string>>(runFork(loaded))
expectType<Either<HttpError, string>>(runSync(loaded))
expectType<Promise<Either<never, number>>>(runTask(Task.succeed(1)))
expectError(runTask(Promise.resolve(1)))
expectError(runTask(load))
expectError(runTask(loaded, { signal: new AbortController() }))
expectError(runTask(loaded, { nmae: 'main' }))
expectError<Promise<Either<never, string>>>(runTask(loaded))
expectError<Promise<string>>(runTask(loaded))
expectAssignable<RunOptions>({})

const runtime = makeRuntime({
  clock: { now: () => 0, setTimer: (_ms, _fire) => () => {} },
  scheduler: { schedule: (_fiber, run) => queueMicrotask(run) },
  yieldEvery: 1,
  trace: true,
  reporter: (reported, fiber) => {
    expectType<Cause.Cause<unknown>>(reported)
    expectType<Fiber<unknown, unknown>>(fiber)
  }
})
expectType<Promise<Either<HttpError, string>>>(runtime.runTask(loaded))
expectType<Promise<Exit.Exit<HttpError, string>>>(runtime.runTaskExit(loaded, { name: 'main' }))
expectType<Fiber<HttpError, string>>(runtime.runFork(loaded))
expectType<Either<HttpError, string>>(runtime.runSync(loaded))
expectAssignable<RuntimeOptions>({})
expectError(makeRuntime())
expectError(makeRuntime({ yieldEvry: 1 }))
expectError(makeRuntime({ clock: { now: () => 0 } }))
expectError(makeRuntime({ clock: { now: () => new Date(), setTimer: () => () => {} } }))
expectError(makeRuntime({ scheduler: () => {} }))
expectError(makeRuntime({ trace: 'on' }))
expectError(makeRuntime({ trace: 1 }))
expectAssignable<Clock>({ now: () => 0, setTimer: (_ms: number, _fire: () => void) => () => {} })
expectAssignable<Clock>({
  now: () => 0,
  setTimer: (_ms: number, _fire: () => void) => () => {},
  date: () => 0
})
expectNotAssignable<Clock>({ now: () => 0, setTimer: (_ms: number, _fire: () => void) => 1 })
expectNotAssignable<Clock>({ now: () => 0, setTimer: (_ms: number, _fire: () => void) => () => {}, date: 0 })
expectAssignable<RuntimeOptions>({ random: () => 0.5 })
expectNotAssignable<RuntimeOptions>({ random: () => 'much' })
expectAssignable<Scheduler>({ schedule: (_fiber: Fiber<unknown, unknown>, run: () => void) => run })
expectType<string>(dump())

// ---- fibers: covariant in both
declare const fiber: Fiber<HttpError, string>
expectType<FiberId>(fiber.id)
expectType<number>(fiber.id)
expectType<string | undefined>(fiber.name)
expectType<Task.Task<HttpError, string>>(fiber.join())
expectType<Task.Task<never, Exit.Exit<HttpError, string>>>(fiber.wait())
expectType<Task.Task<never, Exit.Exit<HttpError, string>>>(fiber.interrupt())
expectType<void>(fiber.interruptNowait())
expectType<Option<Exit.Exit<HttpError, string>>>(fiber.poll())
const status = fiber.status()
if (status._tag === 'Waiting') expectType<string>(status.on)
else expectType<'Ready' | 'Running' | 'Done'>(status._tag)
expectError(fiber.status().on)
expectAssignable<Fiber<unknown, unknown>>(fiber)
expectAssignable<Fiber<HttpError | ParseError, string | number>>(fiber)
expectNotAssignable<Fiber<never, string>>(fiber)
expectNotAssignable<Task.Task<HttpError, string>>(fiber)
expectError(() => {
  fiber.name = 'other'
})

// ---- the first of a source
declare const source: AsyncIterable<string>
expectType<Task.Task<never, Option<string>>>(first(source))
expectType<Task.Task<never, Option<string>>>(first(source, (text) => text !== ''))
expectError(first(source, (n: number) => n > 1))
expectError(first(['a']))
void parse

// ---- hooks

expectType<() => void>(addHooks({}))
expectType<() => void>(
  addHooks({
    fiberEnded: (fiber, exit) => {
      expectType<LiveFiber>(fiber)
      expectType<Exit.Exit<unknown, unknown>>(exit)
      expectType<LiveFiber | LiveGroup | undefined>(fiber.parent)
    },
    groupClosed: (group) => expectType<'open' | 'closing' | 'closed'>(group.stage),
    queueFilled: (queue) => expectType<LiveQueue>(queue)
  })
)
expectAssignable<RuntimeOptions>({ hooks: { fiberStarted: () => 1 } })
expectError(addHooks())
expectError(addHooks({ fiberEnded: 1 }))
expectError(addHooks({ fiberFinished: () => undefined }))
