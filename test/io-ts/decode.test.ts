/** From a codec to a Task. */
import { Task } from 'aio-ts'
import { DecodeError, decode } from 'aio-ts/io-ts'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { Die, defectOf, failure, leftOf, rightOf, success } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'

const User = t.type({ name: t.string, age: t.number }, 'User')

class NoJson {
  readonly _tag = 'NoJson' as const
}

/** Counts how often it is asked. */
const counting = () => {
  const asked: Array<unknown> = []
  const codec = new t.Type<number>(
    'Counted',
    t.number.is,
    (input, context) => {
      asked.push(input)
      return t.number.validate(input, context)
    },
    t.identity
  )
  return { asked, codec }
}

const NumberFromString = new t.Type<number, string, string>(
  'NumberFromString',
  t.number.is,
  (text, context) =>
    text.trim() === '' || Number.isNaN(Number(text)) ? t.failure(text, context) : t.success(Number(text)),
  String
)

describe('decode', () => {
  it('succeeds with the result of the codec', async () => {
    expect(await runSummary(decode(User)({ name: 'Ada', age: 36 }))).toEqual(
      success({ name: 'Ada', age: 36 })
    )
    expect(await runSummary(decode(NumberFromString)('36'))).toEqual(success(36))
    expect(await runSummary(decode(t.exact(User))({ name: 'Ada', age: 36, more: 1 }))).toEqual(
      success({ name: 'Ada', age: 36 })
    )
  })

  it('fails with a DecodeError that has the errors of the codec', async () => {
    const { exit } = await runVirtual(pipe(decode(User)({ name: 'Ada' }), Task.either))
    const error = leftOf(rightOf(exit))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error).toBeInstanceOf(Error)
    expect(error._tag).toBe('DecodeError')
    expect(error.name).toBe('DecodeError')
    expect(error.errors).toHaveLength(1)
    expect(error.errors[0]?.context.map(({ key }) => key)).toEqual(['', 'age'])
    expect(String(error)).toContain('.age')
    expect(error.stack).toContain('DecodeError: cannot decode User')
  })

  it('calls the codec when it is run, each time', async () => {
    const { asked, codec } = counting()
    const task = decode(codec)(1)
    expect(asked).toEqual([])
    await runSummary(task)
    await runSummary(task)
    expect(asked).toEqual([1, 1])
  })

  it('reads the value when it is run', async () => {
    const value = { name: 'Ada', age: 'unknown' as unknown }
    const task = decode(User)(value)
    value.age = 36
    expect(await runSummary(task)).toEqual(success({ name: 'Ada', age: 36 }))
  })

  it('dies with a throw of the codec', async () => {
    const thrown = new RangeError('thrown by a codec')
    const codec = new t.Type<number>(
      'Thrower',
      t.number.is,
      () => {
        throw thrown
      },
      t.identity
    )
    const { exit } = await runVirtual(decode(codec)(1))
    expect(defectOf(exit)).toBe(thrown)
  })

  it('dies with a throw of a getter of the value', async () => {
    const value = {
      get name(): string {
        throw 'no name'
      },
      age: 1
    }
    expect(await runSummary(decode(User)(value))).toEqual(failure(Die('no name')))
  })

  it('dies with a message on the expected and the given value if the codec is none', async () => {
    // @ts-expect-error a codec is expected
    const task: Task.Task<unknown, unknown> = decode({ name: 'User' })({})
    const { exit } = await runVirtual(task)
    expect(String(defectOf(exit))).toBe('TypeError: decode: expected an io-ts codec, got {"name":"User"}')
    // @ts-expect-error a codec is expected
    expect(await runSummary(decode(undefined)({}))).toEqual(
      failure(Die(new TypeError('decode: expected an io-ts codec, got undefined')))
    )
  })

  it('can be used in a pipe, a flow and a generator', async () => {
    const parse = (text: string): Task.Task<NoJson, unknown> =>
      Task.tryCatch(
        () => JSON.parse(text) as unknown,
        () => new NoJson()
      )
    const read = flow(parse, Task.flatMap(decode(User)))
    expect(await runSummary(read('{ "name": "Ada", "age": 36 }'))).toEqual(success({ name: 'Ada', age: 36 }))
    const caught = pipe(
      read('{ "name": "Ada" }'),
      Task.catchTag('DecodeError', (error) => Task.succeed(error.errors.length))
    )
    expect(await runSummary(caught)).toEqual(success(1))
    const age = Task.gen(function* () {
      const user = yield* read('{ "name": "Ada", "age": 36 }')
      return user.age
    })
    expect(await runSummary(age)).toEqual(success(36))
  })
})
