/**
 * A user's program, compiled against the built package by every TypeScript from 5.4 on (see tsconfig.usage.json).
 *
 * tsd holds the types to their exact shape under one compiler; this says that what a user writes is understood, and what must
 * not compile is refused, by all of them.
 */
import {
  Cause,
  type Clock,
  call,
  callOnCancel,
  Deferred,
  Exit,
  type Fiber,
  FiberLocal,
  first,
  Group,
  type GroupClosedError,
  Latch,
  makeRuntime,
  Queue,
  type QueueClosedError,
  Resource,
  runFork,
  runSync,
  runTask,
  runTaskExit,
  type Scheduler,
  Semaphore,
  Task,
  type TimeoutError
} from 'aio-ts'
import { ApplicativePar, Monad } from 'aio-ts/fp-ts'
import { type DecodeError, decode } from 'aio-ts/io-ts'
import { interruptOnSignals, runMain } from 'aio-ts/node'
import * as Schedule from 'aio-ts/Schedule'
import type { Task as T } from 'aio-ts/Task'
import type { Either } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Option } from 'fp-ts/lib/Option.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import * as t from 'io-ts'

class HttpError {
  readonly _tag = 'HttpError' as const
  constructor(readonly status: number) {}
}
class ParseError {
  readonly _tag = 'ParseError' as const
}
declare const load: (url: string) => T<HttpError, string>
declare const parse: (text: string) => T<ParseError, { n: number }>

/** Compiles where `value` is a `Type`. */
const is = <Type>(_value: Type): void => {}

// ---- pipes: errors widen, and are taken out one by one
const program = pipe(
  load('x'),
  Task.flatMap(parse),
  Task.map((x) => x.n),
  Task.timeout(100)
)
is<Promise<Either<HttpError | ParseError | TimeoutError, number>>>(runTask(program))
is<T<ParseError | TimeoutError, number | string>>(
  pipe(
    program,
    Task.catchTag('HttpError', (e) => Task.succeed(String(e.status)))
  )
)
// @ts-expect-error HttpError is still in it
is<T<ParseError | TimeoutError, number>>(program)
pipe(
  program,
  // @ts-expect-error no such tag in it
  Task.catchTag('Nonsense', () => Task.unit)
)
is<T<never, number>>(
  pipe(
    program,
    Task.getOrElse(() => 0)
  )
)
is<T<never, Either<HttpError | ParseError | TimeoutError, number>>>(Task.either(program))
is<T<never, Exit.Exit<HttpError | ParseError | TimeoutError, number>>>(Task.exit(program))
is<T<HttpError, string>>(
  pipe(load('x'), Task.retry(pipe(Schedule.exponential(10), Schedule.jittered(), Schedule.upTo(1000))))
)
is<T<HttpError, string>>(
  pipe(
    load('x'),
    Task.retry(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((e: HttpError) => e.status >= 500)
      )
    )
  )
)

// ---- generators and do notation
const generated = Task.gen(function* () {
  const text = yield* load('a')
  const { n } = yield* parse(text)
  return n
})
is<T<HttpError | ParseError, number>>(generated)
// @ts-expect-error ParseError is in it too
is<T<HttpError, number>>(generated)
is<T<HttpError | ParseError, number>>(
  pipe(
    Task.Do,
    Task.bind('a', () => load('a')),
    Task.bind('b', ({ a }) => parse(a)),
    Task.map(({ a, b }) => a.length + b.n)
  )
)

// ---- groups: who takes a task that can fail says what happens to its error
is<T<HttpError | GroupClosedError, string>>(
  Task.withGroup((group: Group<HttpError>) =>
    Task.gen(function* () {
      const fiber = yield* group.spawn(load('a'))
      return yield* fiber.join()
    })
  )
)
is<T<GroupClosedError, Fiber<never, number>>>(Task.withGroup((group) => group.spawn(callOnCancel(() => 1))))
// @ts-expect-error a Group<never> takes no task that can fail
Task.withGroup((group) => group.spawn(load('a')))
is<T<never, Group<HttpError>>>(Group.make<HttpError>({ onFailure: () => {} }))
is<T<never, Group<never>>>(Group.make())
// @ts-expect-error whoever takes an HttpError says what happens to it
new Group<HttpError>()
is<Group<never>>(new Group<HttpError>({ onFailure: () => {} }))
// @ts-expect-error a group that takes nothing that fails is not one that takes an HttpError
is<Group<HttpError>>(new Group())
is<T<GroupClosedError, Group<HttpError>>>(new Group<HttpError>({ onFailure: () => {} }).createSubgroup())
class Server extends Resource {
  readonly asyncGroup = new Group()
}
is<T<never, void>>(new Server().asyncClose({ graceMs: 100 }))

// ---- all and forEach keep the shape
is<T<HttpError | ParseError, [string, { n: number }]>>(Task.all([load('a'), parse('b')]))
is<T<HttpError | ParseError, { x: string; y: { n: number } }>>(Task.all({ x: load('a'), y: parse('b') }))
// @ts-expect-error the first gives a string
is<T<HttpError | ParseError, [number, { n: number }]>>(Task.all([load('a'), parse('b')]))
is<T<HttpError, ReadonlyArray<string>>>(pipe(['a', 'b'], Task.forEach(load, { concurrency: 4 })))
is<T<HttpError | ParseError, string | { n: number }>>(pipe(load('a'), Task.race(parse('b'))))

// ---- meeting points
const queue = new Queue<number>(1)
is<Promise<Either<QueueClosedError, number>>>(runTask(queue.get()))
is<T<never, Option<number>>>(first(queue, (n) => n > 1))
// @ts-expect-error a queue of numbers takes no string
queue.put('a')
// @ts-expect-error nor is it a queue of what is more than a number
is<Queue<number | string>>(queue)
is<T<HttpError, string>>(new Deferred<HttpError, string>().wait())
is<T<HttpError, string>>(pipe(load('a'), new Semaphore(2).withPermits(1)))
is<T<HttpError, Option<string>>>(pipe(load('a'), new Semaphore(2).tryWithPermits(1)))
is<T<never, void>>(new Latch().wait())
is<T<HttpError, string>>(pipe(load('a'), new FiberLocal(1).locally(2)))
is<T<never, number>>(call(async (x: number) => x, 1))
is<T<HttpError, string>>(call(load, 'x'))

// ---- the edge
is<Either<HttpError, string>>(runSync(load('a')))
is<Promise<Exit.Exit<HttpError, string>>>(runTaskExit(load('a'), { name: 'load' }))
is<Fiber<HttpError, string>>(runFork(load('a')))
declare const clock: Clock
declare const scheduler: Scheduler
is<Promise<Either<HttpError, string>>>(
  makeRuntime({
    clock,
    scheduler,
    yieldEvery: 1,
    reporter: (cause) => is<string>(Cause.pretty(cause))
  }).runTask(load('a'))
)
is<Exit.Exit<HttpError, never>>(Exit.fail(new HttpError(404)))

// ---- fp-ts, io-ts, Node
is<T<HttpError, ReadonlyArray<string>>>(pipe(['a', 'b'], RA.traverse(ApplicativePar)(load)))
is<T<HttpError, number>>(Monad.map(load('a'), (text) => text.length))
const User = t.type({ name: t.string })
is<T<DecodeError, { name: string }>>(decode(User)({ name: 'Ada' }))
is<T<HttpError, string>>(pipe(load('a'), interruptOnSignals({ signals: ['SIGINT'] })))
runMain(load('a'))
