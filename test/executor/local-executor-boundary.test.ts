/** The boundary of the local executor: it refuses what a cluster or a thread could not pass. */
import { Task } from 'aio-ts'
import { ExecutorError, job, LocalExecutor, type LocalExecutorOptions } from 'aio-ts/executor'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { findUnserializable } from '../../src/executor/json.js'
import { Fail, failure, success } from '../support/exits.js'
import { runDefect, runSummary } from '../support/kit.js'

class Point {
  constructor(
    readonly x: number,
    readonly y: number
  ) {}
}

const circular: { self?: unknown } = {}
circular.self = circular

const nested = (depth: number): unknown => {
  let list: unknown = 1
  for (let n = 0; n < depth; n++) list = [list]
  return list
}

const hole: Array<number> = []
hole[1] = 1

const withGetter = {
  get hostile(): never {
    throw new Error('of the getter')
  }
}

/** Value, what is said of it, and where. */
const refused: ReadonlyArray<readonly [what: string, path: string, value: unknown]> = [
  ['NaN', '', Number.NaN],
  ['Infinity', '.a[1]', { a: [1, Number.POSITIVE_INFINITY] }],
  ['a Date', '.when', { when: new Date(0) }],
  ['a Map', '', new Map()],
  ['a Set', '', new Set([1])],
  ['an Uint8Array', '["odd key"]', { 'odd key': new Uint8Array(1) }],
  ['an Error', '.error', { error: new Error('x') }],
  ['a Promise', '.later', { later: Promise.resolve(1) }],
  ['a RegExp', '', /x/],
  ['a bigint', '', 5n],
  ['a function', '.f', { f: () => 1 }],
  ['a symbol', '[0]', [Symbol('s')]],
  ['undefined', '[1]', [1, undefined]],
  ['undefined', '[0]', hole],
  ['an object with a toJSON method', '', { toJSON: () => 5 }],
  ['a part that contains itself', '.self', circular],
  ['something nested more than 1000 deep', `${'[0]'.repeat(10)}...`, nested(100_000)]
]

/** They arrive as they are, or as structured clone would bring them. */
const carriedBy: ReadonlyArray<readonly [given: unknown, arrived: unknown]> = [
  [undefined, undefined],
  [null, null],
  ['half a pair: \ud800', 'half a pair: \ud800'],
  [{ a: 1, b: undefined }, { a: 1 }],
  [new Point(1, 2), { x: 1, y: 2 }],
  [Object.create(null), {}],
  [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  [nested(900), nested(900)]
]

let given: unknown
const jobs = {
  same: job({ input: t.unknown, output: t.unknown }, (x) => x),
  gives: job({ input: t.undefined, output: t.unknown }, () => given),
  failsWith: job({ input: t.undefined, output: t.unknown, error: t.unknown }, () => Task.fail(given)),
  takes: job({ input: t.unknown, output: t.undefined }, (x) => {
    given = x
    return undefined
  }),
  number: job({ input: t.number, output: t.number }, (n) => n),
  plain: (x: unknown) => x
}

const using = <E, A>(
  use: (executor: LocalExecutor<typeof jobs>) => Task.Task<E, A>,
  options?: LocalExecutorOptions
) => pipe(LocalExecutor.make(jobs, options), Task.flatMap(use))

const NotCloneable = (words: string) =>
  Fail(expect.objectContaining({ problem: 'NotCloneable', message: expect.stringContaining(words) }))

describe('JSON, the default boundary for jobs with codecs', () => {
  it.each(refused)('refuses %s as an input, a result and an error (%s)', async (what, path, bad) => {
    const words = path === '' ? `is ${what}` : `has ${what} at ${path}`
    expect(await runSummary(using((e) => e.call('same', bad)))).toEqual(
      failure(NotCloneable(`the input of the job same ${words}`))
    )
    given = bad
    expect(await runSummary(using((e) => e.call('gives', undefined)))).toEqual(
      failure(NotCloneable(`the result of the job gives ${words}`))
    )
    expect(await runSummary(using((e) => e.call('failsWith', undefined)))).toEqual(
      failure(NotCloneable(`the error of the job ${words}`))
    )
  })

  it.each(carriedBy)('passes %o', async (sent, arrived) => {
    expect(await runSummary(using((e) => e.call('same', sent)))).toEqual(success(arrived))
    given = sent
    expect(await runSummary(using((e) => e.call('gives', undefined)))).toEqual(success(arrived))
    expect(await runSummary(using((e) => e.call('failsWith', undefined)))).toEqual(failure(Fail(arrived)))
  })

  it('makes a throw of a getter an error of the call', async () => {
    expect(await runSummary(using((e) => e.call('same', withGetter)))).toEqual(
      failure(NotCloneable('of the getter'))
    )
    given = withGetter
    expect(await runSummary(using((e) => e.call('gives', undefined)))).toEqual(
      failure(NotCloneable('of the getter'))
    )
  })

  it('passes a copy to the job', async () => {
    const input = { list: [1] }
    await runSummary(using((e) => e.call('takes', input)))
    expect(given).toEqual(input)
    expect(given).not.toBe(input)
  })

  it('refuses a value before its codec receives a converted one', async () => {
    expect(await runSummary(using((e) => e.call('number', Number.NaN)))).toEqual(failure(NotCloneable('NaN')))
  })

  it('accepts a value with the same part twice, which is no cycle', () => {
    const part = { shared: 1 }
    expect(findUnserializable([part, part, { part }])).toBe(undefined)
  })
})

describe('structured clone as a boundary', () => {
  it('passes values of jobs with codecs, if the option says so', async () => {
    const rich = { when: new Date(0), map: new Map([[1, Number.NaN]]), big: 5n, list: [undefined] }
    expect(await runSummary(using((e) => e.call('same', rich), { boundary: 'clone' }))).toEqual(success(rich))
    const refusal = await runSummary(using((e) => e.call('same', { f: () => 1 }), { boundary: 'clone' }))
    expect(refusal).toEqual(failure(NotCloneable('the input of the job same cannot be copied')))
  })

  it('passes values of jobs without codecs always, which no cluster can run', async () => {
    const rich = { when: new Date(0), map: new Map([[1, Number.NaN]]) }
    expect(await runSummary(using((e) => e.call('plain', rich)))).toEqual(success(rich))
    const refusal: any = await runSummary(using((e) => e.call('plain', () => 1)))
    expect(refusal.reasons[0].Fail).toBeInstanceOf(ExecutorError)
    expect(refusal.reasons[0].Fail).toMatchObject({ problem: 'NotCloneable' })
  })

  it('is one of two boundaries, and any other is a defect', async () => {
    expect(await runDefect(using((e) => e.call('plain', 1), { boundary: 'xml' as any }))).toMatchObject({
      message: expect.stringContaining(`'json' or 'clone'`)
    })
  })
})
