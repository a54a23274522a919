/** From a codec to a Task. */
import { Task } from 'aio-ts'
import { DecodeError, decode } from 'aio-ts/io-ts'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { endingOf } from '../laws/tasks.js'
import { runVirtual } from '../support/kit.js'

const ending = async (task: Task.Task<unknown, unknown>) => endingOf((await runVirtual(task)).exit)

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
    expect(await ending(decode(User)({ name: 'Ada', age: 36 }))).toEqual({ value: { name: 'Ada', age: 36 } })
    expect(await ending(decode(NumberFromString)('36'))).toEqual({ value: 36 })
    expect(await ending(decode(t.exact(User))({ name: 'Ada', age: 36, more: 1 }))).toEqual({
      value: { name: 'Ada', age: 36 }
    })
  })

  it('fails with a DecodeError that has the errors of the codec', async () => {
    const { exit } = await runVirtual(pipe(decode(User)({ name: 'Ada' }), Task.either))
    if (exit._tag !== 'Right' || exit.right._tag !== 'Left') throw new Error('expected a typed failure')
    const error = exit.right.left
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
    await ending(task)
    await ending(task)
    expect(asked).toEqual([1, 1])
  })

  it('reads the value when it is run', async () => {
    const value = { name: 'Ada', age: 'unknown' as unknown }
    const task = decode(User)(value)
    value.age = 36
    expect(await ending(task)).toEqual({ value: { name: 'Ada', age: 36 } })
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
    if (exit._tag !== 'Left' || exit.left.reasons[0]._tag !== 'Die') throw new Error('expected a defect')
    expect(exit.left.reasons).toHaveLength(1)
    expect(exit.left.reasons[0].defect).toBe(thrown)
  })

  it('dies with a throw of a getter of the value', async () => {
    const value = {
      get name(): string {
        throw 'no name'
      },
      age: 1
    }
    expect(await ending(decode(User)(value))).toEqual({ reasons: [{ defect: 'no name' }] })
  })

  it('dies with a message on the expected and the given value if the codec is none', async () => {
    // @ts-expect-error a codec is expected
    const task: Task.Task<unknown, unknown> = decode({ name: 'User' })({})
    const { exit } = await runVirtual(task)
    if (exit._tag !== 'Left' || exit.left.reasons[0]._tag !== 'Die') throw new Error('expected a defect')
    expect(String(exit.left.reasons[0].defect)).toBe(
      'TypeError: decode: expected an io-ts codec, got {"name":"User"}'
    )
    // @ts-expect-error a codec is expected
    expect(await ending(decode(undefined)({}))).toEqual({
      reasons: [{ defect: new TypeError('decode: expected an io-ts codec, got undefined') }]
    })
  })

  it('can be used in a pipe, a flow and a generator', async () => {
    const parse = (text: string): Task.Task<NoJson, unknown> =>
      Task.tryCatch(
        () => JSON.parse(text) as unknown,
        () => new NoJson()
      )
    const read = flow(parse, Task.flatMap(decode(User)))
    expect(await ending(read('{ "name": "Ada", "age": 36 }'))).toEqual({ value: { name: 'Ada', age: 36 } })
    const caught = pipe(
      read('{ "name": "Ada" }'),
      Task.catchTag('DecodeError', (error) => Task.succeed(error.errors.length))
    )
    expect(await ending(caught)).toEqual({ value: 1 })
    const age = Task.gen(function* () {
      const user = yield* read('{ "name": "Ada", "age": 36 }')
      return user.age
    })
    expect(await ending(age)).toEqual({ value: 36 })
  })
})
