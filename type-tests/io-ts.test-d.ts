// `aio-ts/io-ts`: a codec's own types are those of the Task.
import { type Task as AioTask, runTask, Task } from 'aio-ts'
import { DecodeError, decode } from 'aio-ts/io-ts'
import type { Either } from 'fp-ts/lib/Either.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import { type HttpError, loaded } from './fixtures.js'

const User = t.type({ name: t.string, age: t.union([t.number, t.null]) }, 'User')
type User = t.TypeOf<typeof User>
declare const NumberFromString: t.Type<number, string, string>

expectType<(input: unknown) => AioTask.Task<DecodeError, User>>(decode(User))
expectType<AioTask.Task<DecodeError, { name: string; age: number | null }>>(decode(User)(JSON.parse('{}')))
expectType<AioTask.Task<DecodeError, number>>(decode(NumberFromString)('1'))
expectType<AioTask.Task<DecodeError, t.Branded<number, t.IntBrand>>>(decode(t.Int)(1))
// a codec that decodes more than it was asked for takes only that
expectError(decode(NumberFromString)(1))
expectError(decode(User)())
expectError(decode(1))
expectError(decode((input: unknown) => input))

// it is a Task as any other
expectType<AioTask.Task<HttpError | DecodeError, User>>(pipe(loaded, Task.flatMap(decode(User))))
expectType<AioTask.Task<HttpError, User | undefined>>(
  pipe(
    loaded,
    Task.flatMap(decode(User)),
    Task.catchTag('DecodeError', (error) => {
      expectType<DecodeError>(error)
      expectType<t.Errors>(error.errors)
      expectType<string>(error.message)
      return Task.succeed(undefined)
    })
  )
)
expectType<(text: string) => AioTask.Task<DecodeError, number>>(
  flow(
    decode(NumberFromString),
    Task.map((n) => n + 1)
  )
)
expectType<Promise<Either<DecodeError, User>>>(runTask(decode(User)({})))

declare const error: DecodeError
expectAssignable<Error>(error)
expectType<'DecodeError'>(error._tag)
expectNotAssignable<DecodeError>(new Error('DecodeError'))
expectError(() => {
  error.errors = []
})
void DecodeError
