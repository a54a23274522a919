// How `aio-ts/Task` takes errors out of a Task: the one that is caught, and no other.
import type { Cause, Exit, TimeoutError } from 'aio-ts'
import * as Task from 'aio-ts/Task'
import type * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { expectError, expectType } from 'tsd'
import {
  type DiskError,
  type HttpError,
  loaded,
  many,
  type Parsed,
  type ParseError,
  parse,
  save
} from './fixtures.js'

// ---- errors: one is taken out, the rest stay
expectType<Task.Task<number, string>>(
  pipe(
    loaded,
    Task.mapError((error) => error.status)
  )
)
expectType<Task.Task<number, boolean>>(
  pipe(
    loaded,
    Task.mapBoth(
      (error) => error.status,
      (text) => text === ''
    )
  )
)
expectType<Task.Task<DiskError, string | boolean>>(
  pipe(
    loaded,
    Task.orElse((error) => save(error.status))
  )
)
expectType<Task.Task<never, string | undefined>>(
  pipe(
    loaded,
    Task.orElse(() => Task.succeed(undefined))
  )
)
expectType<Task.Task<ParseError | DiskError, boolean | number>>(
  pipe(
    many,
    Task.catchTag('HttpError', (error) => {
      expectType<HttpError>(error)
      return Task.succeed(error.status)
    })
  )
)
expectType<Task.Task<ParseError, boolean | number | string>>(
  pipe(
    many,
    Task.catchTag('HttpError', (error) => Task.succeed(error.status)),
    Task.catchTag('DiskError', (error) => Task.succeed(error.path))
  )
)
expectType<Task.Task<never, boolean | number>>(
  pipe(
    many,
    Task.catchTag('HttpError', () => Task.succeed(1)),
    Task.catchTag('DiskError', () => Task.succeed(2)),
    Task.catchTag('ParseError', (error) => Task.succeed(error.line))
  )
)
// what the handler fails with comes in
expectType<Task.Task<ParseError | DiskError | TimeoutError, boolean | string>>(
  pipe(
    many,
    Task.catchTag('HttpError', () => pipe(Task.succeed('x'), Task.timeout(1)))
  )
)
// the errors of the library are caught as one's own
expectType<Task.Task<HttpError, string | undefined>>(
  pipe(
    loaded,
    Task.timeout(100),
    Task.catchTag('TimeoutError', (error) => {
      expectType<TimeoutError>(error)
      expectType<number>(error.ms)
      return Task.succeed(undefined)
    })
  )
)
expectError(
  pipe(
    many,
    Task.catchTag('HttpErorr', () => Task.succeed(1))
  )
)
expectError(
  pipe(
    loaded,
    Task.catchTag('ParseError', () => Task.succeed(1))
  )
)
expectError(
  pipe(
    many,
    Task.catchTag('HttpError', (error) => Task.succeed(error.path))
  )
)
expectError(
  pipe(
    many,
    Task.catchTag('HttpError', (error: DiskError) => Task.succeed(error.path))
  )
)
expectError(
  pipe(
    many,
    Task.catchTag('HttpError', () => 1)
  )
)
expectError(
  pipe(
    Task.fail('untagged'),
    Task.catchTag('HttpError', () => Task.succeed(1))
  )
)
expectError<Task.Task<DiskError, unknown>>(
  pipe(
    many,
    Task.catchTag('HttpError', () => Task.succeed(1))
  )
)
expectType<Task.Task<DiskError, string | boolean>>(
  pipe(
    loaded,
    Task.catchCause((cause) => {
      expectType<Cause.Cause<HttpError>>(cause)
      return save(1)
    })
  )
)
expectType<Task.Task<HttpError | DiskError, string>>(
  pipe(
    loaded,
    Task.tapError((error) => save(error.status))
  )
)
expectType<Task.Task<never, number | boolean>>(
  pipe(
    loaded,
    Task.match(
      (error) => error.status,
      (text) => text === ''
    )
  )
)
expectType<Task.Task<ParseError | DiskError, Parsed | boolean>>(
  pipe(
    loaded,
    Task.matchTask(
      (error) => save(error.status),
      (text) => parse(text)
    )
  )
)
expectType<Task.Task<never, string | number>>(
  pipe(
    loaded,
    Task.getOrElse((error) => error.status)
  )
)
expectType<Task.Task<never, E.Either<HttpError, string>>>(pipe(loaded, Task.either))
expectType<Task.Task<never, Exit.Exit<HttpError, string>>>(pipe(loaded, Task.exit))
expectType<Task.Task<never, string>>(pipe(loaded, Task.orDie))
expectError(pipe(loaded, Task.orElse(Task.succeed(1))))
expectError(
  pipe(
    loaded,
    Task.orElse((error: ParseError) => Task.succeed(error.line))
  )
)
expectError(
  pipe(
    loaded,
    Task.mapError((error) => error.line)
  )
)
expectError(
  pipe(
    loaded,
    Task.match((error) => error.status)
  )
)

// an error cannot be dropped by writing it down as absent
expectError<Task.Task<never, string>>(loaded)
expectError<Task.Task<HttpError, Parsed>>(pipe(loaded, Task.flatMap(parse)))
expectError<Task.Task<HttpError, string>>(pipe(loaded, Task.timeout(1)))
