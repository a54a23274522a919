// Time and many fibers in `aio-ts/Task`: shapes come out as they went in, and every side's error with them.
import type { Fiber, Group, GroupClosedError, TimeoutError } from 'aio-ts'
import * as Schedule from 'aio-ts/Schedule'
import * as Task from 'aio-ts/Task'
import { pipe } from 'fp-ts/lib/function.js'
import { expectError, expectNotAssignable, expectType } from 'tsd'
import {
  type DiskError,
  type HttpError,
  load,
  loaded,
  many,
  type Parsed,
  type ParseError,
  parse,
  save
} from './fixtures.js'

// ---- time
expectType<Task.Task<HttpError | TimeoutError, string>>(pipe(loaded, Task.timeout(100)))
expectType<Task.Task<HttpError, string>>(pipe(loaded, Task.retry(Schedule.recurs(3))))
expectType<Task.Task<HttpError, string>>(pipe(loaded, Task.repeat(Schedule.spaced(10))))
// the schedule of a retry is given errors, that of a repeat values
expectType<Task.Task<HttpError, string>>(
  pipe(
    loaded,
    Task.retry(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((error: HttpError) => error.status >= 500)
      )
    )
  )
)
expectType<Task.Task<HttpError, string>>(
  pipe(
    loaded,
    Task.repeat(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((text: string) => text !== 'done')
      )
    )
  )
)
// one that takes more than it is given will do
expectType<Task.Task<HttpError, string>>(
  pipe(
    loaded,
    Task.retry(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((error: HttpError | ParseError) => error._tag === 'HttpError')
      )
    )
  )
)
expectError(
  pipe(
    loaded,
    Task.retry(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((error: ParseError) => error.line > 1)
      )
    )
  )
)
expectError(
  pipe(
    many,
    Task.retry(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((error: HttpError) => error.status > 1)
      )
    )
  )
)
expectError(
  pipe(
    loaded,
    Task.repeat(
      pipe(
        Schedule.recurs(3),
        Schedule.whileInput((n: number) => n > 1)
      )
    )
  )
)
expectError(pipe(loaded, Task.retry(3)))
expectError(pipe(loaded, Task.timeout('100')))

// ---- concurrency
expectType<Task.Task<HttpError | ParseError, string | Parsed>>(pipe(loaded, Task.race(parse('1'))))
expectType<Task.Task<HttpError | ParseError, string | Parsed>>(Task.raceAll([loaded, parse('1')]))
expectType<Task.Task<HttpError, string>>(Task.raceAll(new Set([loaded])))
expectError(
  pipe(
    loaded,
    Task.race(() => parse('1'))
  )
)
expectError(Task.raceAll([loaded, 1]))
// a tuple in, a tuple out that may be written to; an array; a record
expectType<Task.Task<HttpError | ParseError, [string, Parsed]>>(Task.all([loaded, parse('1')]))
expectType<Task.Task<HttpError | ParseError | DiskError, [string, Parsed, boolean]>>(
  Task.all([loaded, parse('1'), save(1)], { concurrency: 2 })
)
expectType<Task.Task<HttpError | ParseError, [string, Parsed]>>(Task.all([loaded, parse('1')] as const))
expectType<Task.Task<HttpError, string[]>>(Task.all(['a', 'b'].map(load)))
expectType<Task.Task<HttpError, string[]>>(Task.all([] as ReadonlyArray<Task.Task<HttpError, string>>))
expectType<Task.Task<never, []>>(Task.all([]))
expectType<Task.Task<HttpError | ParseError, { text: string; parsed: Parsed }>>(
  Task.all({ text: loaded, parsed: parse('1') }, { concurrency: 'unbounded' })
)
expectType<Task.Task<HttpError, { [x: string]: string }>>(
  Task.all({} as Record<string, Task.Task<HttpError, string>>)
)
expectType<Task.Task<HttpError | ParseError, { text: string; inner: [Parsed] }>>(
  Task.all({ text: loaded, inner: Task.all([parse('1')]) })
)
expectError(Task.all([loaded, 1]))
expectError(Task.all({ text: loaded, parsed: 1 }))
expectError(Task.all([loaded], { concurrency: 'many' }))
expectError(Task.all([loaded], 2))
expectError(Task.all(loaded, loaded))
expectError<Task.Task<HttpError, [string, Parsed]>>(Task.all([loaded, parse('1')]))

declare const lines: AsyncIterable<string>
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(pipe(['a', 'b'], Task.forEach(load)))
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(
  pipe(['a', 'b'], Task.forEach(load, { concurrency: 4 }))
)
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(
  pipe(new Set(['a']), Task.forEach(load, { concurrency: 'unbounded' }))
)
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(pipe(lines, Task.forEach(load)))
expectType<Task.Task<DiskError, ReadonlyArray<boolean>>>(
  pipe(
    ['a'],
    Task.forEach((text: string, index) => {
      expectType<number>(index)
      return save(text.length + index)
    })
  )
)
expectError(pipe([1, 2], Task.forEach(load)))
expectError(pipe({ a: 1 }, Task.forEach(load)))
expectError(
  pipe(
    ['a'],
    Task.forEach((text: string) => text.length)
  )
)
expectError(pipe(['a'], Task.forEach(load, { concurrency: '4' })))

// ---- a lifetime, named
expectType<Task.Task<HttpError | GroupClosedError, string>>(
  Task.withGroup((group: Group<HttpError>) =>
    Task.gen(function* () {
      const fiber = yield* group.spawn(load('a'))
      expectType<Fiber<HttpError, string>>(fiber)
      return yield* fiber.join()
    })
  )
)
const quiet = Task.withGroup((group) => {
  expectType<Group<never>>(group)
  return group.spawn(Task.succeed(1))
})
expectType<Task.Task<GroupClosedError, Fiber<never, number>>>(quiet)
// where the place it goes to can take an error, the group may too: it comes out there
const loud: Task.Task<HttpError | GroupClosedError, unknown> = Task.withGroup((group) =>
  group.spawn(load('a'))
)
expectType<Task.Task<HttpError | GroupClosedError, unknown>>(loud)
expectType<Task.Task<HttpError | ParseError | DiskError, boolean>>(
  Task.withGroup((group: Group<HttpError | ParseError>) => (group.isOpen ? save(1) : save(2)), {
    name: 'workers',
    whenDone: 'wait'
  })
)
// what the group may fail with comes out of it, whether or not the body mentions it
expectNotAssignable<Task.Task<never, unknown>>(Task.withGroup((_group: Group<HttpError>) => Task.unit))
expectError(Task.withGroup((group) => group.spawn(load('a'))))
expectError(Task.withGroup((group: Group<ParseError>) => group.spawn(load('a'))))
expectError(Task.withGroup(() => Task.unit, { whenDone: 'close' }))
expectError(Task.withGroup(() => 1))
expectType<Task.Task<HttpError, string>>(pipe(loaded, Task.named('loader')))
expectError(pipe(loaded, Task.named(1)))
