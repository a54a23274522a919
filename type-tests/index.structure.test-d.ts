// `aio-ts`, lifetimes and meeting points: a group says what happens to an error, a channel keeps the type of what goes through.
import {
  type CallResult,
  type Cause,
  type CloseOptions,
  call,
  callOnCancel,
  callOnDone,
  Deferred,
  type Exit,
  type Fiber,
  FiberLocal,
  Group,
  type GroupClosedError,
  type GroupOptions,
  Latch,
  Queue,
  type QueueClosedError,
  type QueueEmptyError,
  type QueueFullError,
  Resource,
  Semaphore,
  Task
} from 'aio-ts'
import type { Either } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Option } from 'fp-ts/lib/Option.js'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import { type DiskError, HttpError, load, loaded, type ParseError, parse } from './fixtures.js'

// ---- a group that nobody told what to do with an error takes nothing that can fail
declare const safe: Group<never>
expectType<Task.Task<never, Group<never>>>(Group.make())
expectType<Task.Task<never, Group<never>>>(Group.make({ name: 'workers' }))
expectType<Task.Task<GroupClosedError, Fiber<never, number>>>(safe.spawn(Task.succeed(1)))
expectType<Task.Task<GroupClosedError, Fiber<never, number>>>(safe.spawn(Task.succeed(1), { name: 'one' }))
expectType<Either<GroupClosedError, Fiber<never, number>>>(safe.spawnNowait(Task.succeed(1)))
expectError(safe.spawn(loaded))
expectError(safe.spawnNowait(loaded))
expectError(safe.spawn(Task.fail('no')))
expectError(safe.spawn(() => Task.succeed(1)))
expectError(safe.spawn(Promise.resolve(1)))
expectError(safe.spawn(Task.succeed(1), { nmae: 'one' }))
// made to succeed, it is welcome
expectType<Task.Task<GroupClosedError, Fiber<never, Either<HttpError, string>>>>(
  safe.spawn(pipe(loaded, Task.either))
)

// ---- one that was told takes that, and what is less
declare const web: Group<HttpError>
declare const both: Group<HttpError | ParseError>
expectType<Task.Task<never, Group<HttpError>>>(
  Group.make<HttpError>({
    onFailure: (cause, fiber) => {
      expectType<Cause.Cause<HttpError>>(cause)
      expectType<Fiber<HttpError, unknown>>(fiber)
    }
  })
)
expectType<Group<HttpError>>(new Group<HttpError>({ onFailure: () => {} }))
expectType<Group<never>>(new Group<never>())
expectAssignable<Group<never>>(new Group())
expectAssignable<Group<never>>(new Group({ name: 'workers' }))
expectType<Task.Task<GroupClosedError, Fiber<HttpError, string>>>(web.spawn(loaded))
expectType<Task.Task<GroupClosedError, Fiber<never, number>>>(web.spawn(Task.succeed(1)))
expectType<Task.Task<GroupClosedError, Fiber<HttpError, string>>>(both.spawn(loaded))
expectType<Either<GroupClosedError, Fiber<HttpError, string>>>(both.spawnNowait(loaded))
expectError(web.spawn(parse('1')))
expectError(web.spawnNowait(parse('1')))
expectError(web.spawn({} as Task.Task<HttpError | ParseError, string>))
expectError(new Group<HttpError>())
expectError(new Group<HttpError>({}))
expectError(new Group<HttpError>({ name: 'workers' }))
expectError(new Group<HttpError>({ onFailure: (_cause: Cause.Cause<ParseError>) => {} }))
expectError(Group.make<HttpError>())
expectError(Group.make<HttpError>({ name: 'workers' }))
expectError<GroupOptions<HttpError>>({ name: 'workers' })

// ---- contravariant: who takes more may stand where less is asked for
expectAssignable<Group<never>>(web)
expectAssignable<Group<HttpError>>(both)
expectNotAssignable<Group<HttpError>>(safe)
expectNotAssignable<Group<HttpError | ParseError>>(web)
expectNotAssignable<Group<unknown>>(web)

// ---- subgroups: those of the parent, or one's own
expectType<Task.Task<GroupClosedError, Group<HttpError>>>(web.createSubgroup())
expectType<Task.Task<GroupClosedError, Group<HttpError>>>(web.createSubgroup({ name: 'inner' }))
expectType<Task.Task<GroupClosedError, Group<DiskError>>>(
  web.createSubgroup({ onFailure: (_cause: Cause.Cause<DiskError>) => {} })
)
expectType<Task.Task<GroupClosedError, Group<DiskError>>>(
  safe.createSubgroup<DiskError>({ onFailure: () => {} })
)
expectType<Task.Task<GroupClosedError, Group<never>>>(safe.createSubgroup())
expectError(web.createSubgroup<DiskError>())
expectError(web.createSubgroup<DiskError>({ name: 'inner' }))
expectError<Task.Task<GroupClosedError, Group<DiskError>>>(web.createSubgroup())

// ---- promises and resources under a group's care
expectType<Task.Task<GroupClosedError, Fiber<never, number>>>(safe.wrap(Promise.resolve(1)))
expectType<Task.Task<GroupClosedError | HttpError, string>>(
  safe.acquire(loaded, (text) => {
    expectType<string>(text)
    return Task.unit
  })
)
expectError(safe.wrap(1))
expectError(safe.acquire(loaded))
expectError(safe.acquire(loaded, () => undefined))
expectError(safe.acquire(loaded, () => load('b')))

// ---- a lifetime
expectType<boolean>(web.isOpen)
expectType<boolean>(web.isClosing)
expectType<boolean>(web.isClosed)
expectType<number>(web.size)
expectType<Task.Task<never, void>>(web.waitClosing())
expectType<Task.Task<never, void>>(web.waitClosed())
expectType<void>(web.close())
expectType<void>(web.close({ interrupt: false, graceMs: 100 }))
expectType<Task.Task<never, void>>(web.asyncClose({ graceMs: 100 }))
expectType<Promise<void>>(web[Symbol.asyncDispose]())
expectAssignable<Resource>(web)
expectType<Group<HttpError>>(web.asyncGroup)
expectAssignable<CloseOptions>({})
expectError(web.close({ graceMs: '100' }))
expectError(web.close(100))
// @ts-expect-error what has no group has no lifetime
void new Resource()
expectError(() => {
  web.isOpen = true
})
class Connection extends Resource {
  constructor(private readonly group: Group<HttpError>) {
    super()
  }
  override get asyncGroup(): Group<never> {
    return this.group
  }
}
expectType<Task.Task<never, void>>(new Connection(web).asyncClose())
// @ts-expect-error a resource names its group
void class extends Resource {}

// ---- queues: what goes in comes out, so neither more nor less will do
declare const queue: Queue<string>
expectType<Task.Task<never, Queue<number>>>(Queue.make<number>())
expectType<Queue<number>>(new Queue<number>(1))
expectType<number>(queue.maxsize)
expectType<Task.Task<QueueClosedError, void>>(queue.put('a'))
expectType<Either<QueueClosedError | QueueFullError, void>>(queue.putNowait('a'))
expectType<Task.Task<QueueClosedError, string>>(queue.get())
expectType<Either<QueueClosedError | QueueEmptyError, string>>(queue.getNowait())
expectType<Task.Task<QueueClosedError, string>>(queue.getUntilEmpty())
expectType<Either<QueueClosedError | QueueEmptyError, string>>(queue.getNowaitUntilEmpty())
expectType<Task.Task<QueueClosedError, NonEmptyArray<string>>>(queue.getAll(3))
expectType<Task.Task<HttpError, void>>(queue.forEach(load))
expectType<AsyncIterator<string>>(queue[Symbol.asyncIterator]())
expectAssignable<AsyncIterable<string>>(queue)
expectNotAssignable<Queue<string | number>>(queue)
expectNotAssignable<Queue<'a'>>(queue)
expectError(queue.put(1))
expectError(queue.putNowait(1))
expectError(queue.forEach((n: number) => Task.succeed(n)))
expectError(new Queue<number>('1'))
expectError(() => {
  queue.maxsize = 2
})

// ---- deferred: completed and waited for with one type each
declare const deferred: Deferred<HttpError, string>
expectType<Task.Task<never, Deferred<HttpError, string>>>(Deferred.make<HttpError, string>())
expectType<Deferred<HttpError, string>>(new Deferred<HttpError, string>())
expectType<Task.Task<HttpError, string>>(deferred.wait())
expectType<boolean>(deferred.succeed('a'))
expectType<boolean>(deferred.fail(new HttpError(500)))
expectType<boolean>(deferred.done({} as Exit.Exit<HttpError, string>))
expectNotAssignable<Deferred<HttpError | ParseError, string>>(deferred)
expectNotAssignable<Deferred<never, string>>(deferred)
expectNotAssignable<Deferred<HttpError, string | number>>(deferred)
expectNotAssignable<Deferred<HttpError, 'a'>>(deferred)
expectError(deferred.succeed(1))
expectError(deferred.fail('no'))
expectError(deferred.done({} as Exit.Exit<ParseError, string>))

// ---- semaphore, latch, fiber-local
declare const semaphore: Semaphore
expectType<Task.Task<never, Semaphore>>(Semaphore.make(2))
expectType<number>(semaphore.available)
expectType<Task.Task<HttpError, string>>(pipe(loaded, semaphore.withPermits(1)))
expectType<Task.Task<HttpError, Option<string>>>(pipe(loaded, semaphore.tryWithPermits(1)))
expectError(Semaphore.make())
expectError(new Semaphore())
expectError(semaphore.withPermits(loaded))
declare const latch: Latch
expectType<Task.Task<never, Latch>>(Latch.make())
expectType<Latch>(new Latch(true))
expectType<boolean>(latch.isOpen)
expectType<void>(latch.open())
expectType<void>(latch.shut())
expectType<Task.Task<never, void>>(latch.wait())
declare const local: FiberLocal<string>
expectType<Task.Task<never, FiberLocal<number>>>(FiberLocal.make(1))
expectType<FiberLocal<number>>(new FiberLocal(1))
expectType<Task.Task<never, string>>(local.get)
expectType<Task.Task<HttpError, string>>(pipe(loaded, local.locally('a')))
expectError(local.locally(1))
expectError(new FiberLocal())

// ---- hat.aio's functions: a Task or a promise that a function gives is waited for
expectType<Task.Task<never, number>>(call((n: number) => n, 1))
expectType<Task.Task<never, number>>(call(async (n: number) => n, 1))
expectType<Task.Task<HttpError, string>>(call(load, 'a'))
expectType<Task.Task<never, void>>(call(() => {}))
expectType<Task.Task<HttpError, string>>({} as CallResult<Task.Task<HttpError, string>>)
expectType<Task.Task<never, number>>({} as CallResult<Promise<number>>)
expectType<Task.Task<never, number>>({} as CallResult<number>)
expectError(call((n: number) => n, 'a'))
expectError(call((n: number) => n))
expectError(call(loaded))
expectType<Task.Task<never, number>>(callOnCancel(() => 1))
expectType<Task.Task<HttpError, string>>(callOnCancel(load, 'a'))
expectError(callOnCancel(load, 1))
expectError(callOnCancel(load))
expectType<Task.Task<never, number>>(callOnDone(loaded, () => 1))
expectType<Task.Task<HttpError, string>>(callOnDone(Task.unit, load, 'a'))
expectType<Task.Task<never, string>>(callOnDone(loaded, async () => 'a'))
expectError(callOnDone(loaded, load, 1))
expectError(callOnDone(loaded))
expectError(
  callOnDone(
    () => loaded,
    () => 1
  )
)
