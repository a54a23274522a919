/** What of an error crosses the boundary: all that describes the fault, and nothing that was only attached to it. */
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { Cause, Task } from 'aio-ts'
import { job, LocalExecutor } from 'aio-ts/executor'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import type { Boundary } from '../../src/executor/find-uncloneable.js'
import { deserializeExit, serializeExit } from '../../src/executor/serialize-exit.js'
import { Fail, failure, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'

const secret = 'Bearer xyz'

/** As HTTP clients reject: request and response refer to each other, and both hold headers. */
const httpError = (): Error => {
  const request: Record<string, unknown> = { headers: { authorization: secret }, send: () => 1 }
  const response = { status: 500, request, size: 5n }
  request.response = response
  return Object.assign(new TypeError('Request failed with status code 500'), {
    config: { headers: { Authorization: secret } },
    request,
    response,
    token: secret,
    cause: Object.assign(new Error('socket hang up'), { headers: { Authorization: secret } })
  })
}

/** Each part of it throws when it is looked at. */
const hostile = (): Error => {
  const error = new RangeError('hostile')
  for (const part of ['stack', 'name', 'cause', '_tag', 'errors', 'extra']) {
    Object.defineProperty(error, part, {
      enumerable: true,
      get: () => {
        throw new Error(`of the getter of ${part}`)
      }
    })
  }
  return error
}

const ownCause = (): Error => {
  const error = new Error('its own cause')
  error.cause = error
  return error
}

class Tagged extends Error {
  readonly _tag = 'Tagged'
  readonly fields = { list: [1, { deep: true }] }
  readonly f = () => 1
  override readonly name = 'Tagged'
}

const HttpFailed = t.type({ _tag: t.literal('HttpFailed'), detail: t.type({ code: t.number }) })

let thrown: unknown
const jobs = {
  rejects: job({ input: t.undefined, output: t.undefined }, () => Promise.reject(thrown)),
  throws: () => {
    throw thrown
  },
  fails: () => Task.fail(thrown),
  declared: job({ input: t.undefined, output: t.undefined, error: HttpFailed }, () =>
    Task.fail(thrown as any)
  )
}

const ended = (name: 'rejects' | 'throws' | 'fails' | 'declared'): Promise<any> =>
  runSummary(
    pipe(
      LocalExecutor.make(jobs),
      Task.flatMap((e) => (e as any).call(name))
    )
  )

/** 'rejects' crosses by JSON, 'throws' by structured clone. */
const defectOf = async (name: 'rejects' | 'throws', defect: unknown): Promise<any> => {
  thrown = defect
  const { reasons } = await ended(name)
  expect(reasons).toHaveLength(1)
  expect(Object.keys(reasons[0])).toEqual(['Die'])
  return reasons[0].Die
}

describe.each(['rejects', 'throws'] as const)('a defect crosses the boundary (%s)', (name) => {
  it('of an HTTP client: with name, message, stack and cause only', async () => {
    const defect = await defectOf(name, httpError())
    expect(defect).toBeInstanceOf(TypeError)
    expect(defect).toMatchObject({ name: 'TypeError', message: 'Request failed with status code 500' })
    expect(defect.stack).toContain('serialize-exit.test.ts')
    expect(defect.cause).toMatchObject({ message: 'socket hang up' })
    expect(Object.keys(defect)).toEqual([])
    expect(inspect(defect, { depth: 10, showHidden: true })).not.toContain(secret)
  })

  it('with its `_tag`, but without its other fields', async () => {
    const defect = await defectOf(name, new Tagged('a bug'))
    expect(defect).toMatchObject({ _tag: 'Tagged', name: 'Tagged', message: 'a bug' })
    expect(Object.keys(defect)).toEqual(['_tag'])
  })

  it('whatever its getters throw', async () => {
    expect(await defectOf(name, hostile())).toMatchObject({ name: 'Error', message: 'hostile' })
  })

  it('that is its own cause, or has an endless chain of causes', async () => {
    expect(await defectOf(name, ownCause())).toMatchObject({ cause: { message: 'its own cause' } })
  })

  it('with the errors of an AggregateError, up to a limit', async () => {
    const errors = Array.from({ length: 1000 }, (_, n) => httpErrorOf(n))
    const defect = await defectOf(name, new AggregateError(errors, 'all failed'))
    expect(defect).toMatchObject({ name: 'AggregateError', message: 'all failed' })
    expect(defect.errors[1]).toMatchObject({ message: 'error 1', cause: { message: 'socket hang up' } })
    expect(defect.errors.length).toBeLessThan(30)
    expect(inspect(defect, { depth: 10, showHidden: true })).not.toContain(secret)
  })

  it('of another realm, and an error object without a class', async () => {
    expect(await defectOf(name, runInNewContext('new TypeError("elsewhere")'))).toBeInstanceOf(TypeError)
    const byHand = { message: 'by hand', stack: 'at home', config: { headers: { Authorization: secret } } }
    const defect = await defectOf(name, byHand)
    expect(defect).toMatchObject({ message: 'by hand', stack: 'at home' })
    expect(inspect(defect, { depth: 10, showHidden: true })).not.toContain(secret)
  })

  it.each([
    [null, null],
    [undefined, undefined],
    ['text', 'text'],
    [5, 5],
    [
      [1, 'two'],
      [1, 'two']
    ],
    [{ status: 404, config: { headers: { Authorization: secret } } }, { status: 404 }]
  ])('thrown as a value: %o', async (given, arrived) => {
    expect(await defectOf(name, given)).toEqual(arrived)
  })

  it.each([
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [new Map([[1, 2]]), 'a Map'],
    [[{ headers: secret }], 'an array of 1'],
    [{ config: { headers: secret } }, 'an object']
  ])('thrown as a value that is only described: %o', async (given, words) => {
    const defect = await defectOf(name, given)
    expect(defect).toBeInstanceOf(Error)
    expect(defect.message).toContain(words)
    expect(inspect(defect, { depth: 10, showHidden: true })).not.toContain(secret)
  })

  it('with its message truncated if it has megabytes', async () => {
    const defect = await defectOf(name, new Error('x'.repeat(5_000_000)))
    expect(defect.message.length).toBeLessThan(20_000)
    expect(defect.stack.length).toBeLessThan(20_000)
  })
})

const httpErrorOf = (n: number): Error => Object.assign(httpError(), { message: `error ${n}` })

const crossed = (error: unknown, boundary: Boundary): any => {
  const packed = serializeExit(left(Cause.fail(error)), boundary)
  const sent = boundary === 'json' ? JSON.parse(JSON.stringify(packed)) : structuredClone(packed)
  return (summary(deserializeExit(sent)) as any).reasons[0].Fail
}

describe.each(['json', 'clone'] as const)('a typed error crosses with its own fields (%s)', (boundary) => {
  it('if it has a `_tag`: all serializable ones', () => {
    const error = crossed(new Tagged('wrong'), boundary)
    expect(error).toMatchObject({ _tag: 'Tagged', name: 'Tagged', message: 'wrong' })
    expect(Object.keys(error).sort()).toEqual(['_tag', 'fields'])
    expect(error.fields).toEqual({ list: [1, { deep: true }] })
    expect(crossed({ _tag: 'Plain', n: 5, f: () => 1 }, boundary)).toEqual({ _tag: 'Plain', n: 5 })
  })

  it('if it is an Error without one, such as that of an HTTP client: only primitive fields', () => {
    const error = crossed(Object.assign(httpError(), { token: undefined, code: 'E500' }), boundary)
    expect(Object.keys(error)).toEqual(['code'])
    expect(error).toMatchObject({ code: 'E500', cause: { message: 'socket hang up' } })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret)
  })

  it('a list of strings called `errors` among them', () => {
    const error = Object.assign(new Tagged('wrong'), { errors: ['a', 'b'] })
    expect(crossed(error, boundary).errors).toEqual(['a', 'b'])
  })

  it('whatever its getters throw', () => {
    expect(crossed(hostile(), boundary)).toMatchObject({ message: 'hostile' })
  })

  it('or is an ExecutorError if no field can be omitted', () => {
    expect(crossed([() => 1], boundary)).toMatchObject({ problem: 'NotCloneable' })
  })
})

describe('a typed error that its codec accepts', () => {
  it('keeps the fields that the codec declares', async () => {
    thrown = Object.assign(httpError(), { _tag: 'HttpFailed', detail: { code: 500, note: 'too much' } })
    const { Fail: error } = (await ended('declared')).reasons[0]
    expect(error).toMatchObject({ _tag: 'HttpFailed', detail: { code: 500 } })
    expect(Object.keys(error).sort()).toEqual(['_tag', 'detail'])
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret)
  })

  it('is a plain value if the codec says so', async () => {
    thrown = { _tag: 'HttpFailed', detail: { code: 404 } }
    expect(await ended('declared')).toEqual(failure(Fail(thrown)))
  })
})
