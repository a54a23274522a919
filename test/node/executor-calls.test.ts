/** The result of a call: values, typed errors, defects, and messages for uncloneable values. */
import { Cause } from 'aio-ts'
import { DecodeError, ExecutorError } from 'aio-ts/executor'
import { Executor } from 'aio-ts/node'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, leftOf, success, summary } from '../support/exits.js'
import { defectFrom, failureFrom, run, valueFrom } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import { make, newCells, problemOf } from './support.js'

const throwingNull = () => ({
  get hostile(): unknown {
    throw null
  }
})

describe('the result of a job on a thread', () => {
  it('is its value, the value of its promise, or the value of its Task', async () => {
    const executor = await make({ size: 1 })
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
    expect(await valueFrom(executor.call('later', 5))).toBe(5)
    expect(await valueFrom(executor.call('positive', 7))).toBe(7)
  })

  it('is computed anew each time the call is run', async () => {
    const executor = await make({ size: 1 })
    const cells = newCells()
    const call = executor.call('line', cells, 1)
    expect(Atomics.load(cells, 0)).toBe(0)
    await valueFrom(call)
    await valueFrom(call)
    expect(Atomics.load(cells, 0)).toBe(2)
  })

  it('is the same after structured clone', async () => {
    const executor = await make({ size: 1 })
    const all = {
      map: new Map([['a', new Set([1])]]),
      date: new Date(5),
      bytes: new Uint8Array([1, 2]),
      big: 5n,
      nothing: undefined,
      list: [null, 'x']
    }
    expect(await valueFrom(executor.call('same', all))).toEqual(all)
  })

  it('may be a typed error', async () => {
    const executor = await make({ size: 1 })
    expect(await failureFrom(executor.call('positive', -1))).toEqual({ _tag: 'Negative', n: -1 })
  })

  it('may be an Error as a typed error, with its tag, fields, name, stack and cause', async () => {
    const executor = await make({ size: 1 })
    const error: any = await failureFrom(executor.call('tooSmall'))
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ _tag: 'TooSmall', least: 3, name: 'TooSmall', message: 'at least 3' })
    expect(error.stack).toContain('jobs.mjs')
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(error.cause.message).toBe('the root of it')
  })

  it('may be null and undefined, thrown', async () => {
    const executor = await make({ size: 1 })
    expect(await defectFrom(executor.call('throwsThis', null))).toBe(null)
    expect(await defectFrom(executor.call('throwsThis', undefined))).toBe(undefined)
  })

  it('has a bounded part of an endless chain of causes', async () => {
    const executor = await make({ size: 1 })
    const defect: any = await defectFrom(executor.call('throwsChain', 1000))
    expect(defect.message).toBe('cause 1000')
    expect(defect.cause.cause.message).toBe('cause 998')
  })

  it("has the library's own errors with their classes", async () => {
    const executor = await make({ size: 1 })
    const error = await failureFrom(executor.call('refused'))
    expect(error).toBeInstanceOf(DecodeError)
  })

  it('is a defect if the job throws or its promise rejects', async () => {
    const executor = await make({ size: 1 })
    for (const name of ['throws', 'rejects'] as const) {
      const defect: any = await defectFrom(executor.call(name))
      expect(defect).toBeInstanceOf(TypeError)
      expect(defect.message).toContain('a bug')
      expect(defect.stack).toContain('jobs.mjs')
    }
  })

  it('is a defect after a rejection, whatever its getters throw', async () => {
    const executor = await make({ size: 1 })
    expect(await defectFrom(executor.call('rejectsWithGetter'))).toMatchObject({ message: 'with a getter' })
  })

  it('has every reason, in order, with the names of the tasks', async () => {
    const executor = await make({ size: 1 })
    const exit = await run(executor.call('failsTwice'))
    expect(summary(exit)).toEqual(
      failure(Fail('first'), Die(expect.objectContaining({ message: 'clean-up' })))
    )
    expect(Cause.pretty(leftOf(exit))).toContain('the job')
  })

  it('is an interruption if the job interrupts itself, which does not end the caller', async () => {
    const executor = await make({ size: 1 })
    const exit = await run(executor.call('interruptsItself'))
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })
})

describe('an uncloneable value is a typed error, and no slot is lost', () => {
  it.each([
    [
      'an argument',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.call('same', () => 1)] as const)
    ],
    [
      'a function in a result',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.call('givesFunction')] as const)
    ],
    ['a symbol', 'NotCloneable', () => make({ size: 1 }).then((e) => [e, e.call('givesSymbol')] as const)],
    [
      'a promise in a result',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.call('givesPromiseInside')] as const)
    ],
    [
      'an error',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.call('failsWithFunction')] as const)
    ],
    [
      'a getter in an argument that throws null',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.call('same', throwingNull())] as const)
    ],
    [
      'a getter in the result of a promise that throws null',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.call('givesThrowing', 1)] as const)
    ],
    [
      'a transfer list of values that cannot be transferred',
      'NotCloneable',
      () => make({ size: 1 }).then((e) => [e, e.with({ transfer: [{}] }).call('add', 1, 2)] as const)
    ]
  ])('%s', async (_, problem, begin) => {
    const [executor, call] = await begin()
    expect(await problemOf(call)).toBe(problem)
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('and its getters are read once', async () => {
    const executor = await make({ size: 1 })
    expect(await valueFrom(executor.call('givesThrowing', 2))).toEqual({ hostile: 1 })
  })
})

describe('a missing job is an error', () => {
  it('if its name is not exported, or no function, or inherited', async () => {
    const executor = await make({ size: 1 })
    for (const name of ['missing', 'notAFunction', 'constructor', '__proto__', 'toString']) {
      const error: any = await failureFrom((executor as any).call(name))
      expect(error).toBeInstanceOf(ExecutorError)
      expect(error.problem).toBe('NotExported')
      expect(error.message).toContain(name)
    }
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('if its module is missing, cannot be read, or throws', async () => {
    for (const text of [
      'file:///nowhere/jobs.mjs',
      'data:text/javascript,export const ',
      'data:text/javascript,throw new Error("at start")'
    ]) {
      const executor = await make({ size: 2 }, new URL(text))
      for (let n = 0; n < 3; n++) expect(await problemOf(executor.call('add', 1, 2))).toBe('NotLoaded')
    }
  })

  it('or a defect that says so, if its name, URL or options are invalid', async () => {
    const executor = await make({ size: 1 })
    expect(await defectFrom((executor as any).call(42))).toMatchObject({
      message: expect.stringContaining('42')
    })
    expect(await defectFrom(Executor.make('./jobs.js' as any))).toBeInstanceOf(TypeError)
    for (const options of [
      { size: 0 },
      { size: 1.5 },
      { onInterrupt: 'kill' },
      { graceMs: Number.NaN },
      { maxQueue: -1 },
      { whenFull: 'drop' },
      5
    ]) {
      expect(await defectFrom(Executor.make(new URL('file:///x'), options as any))).toBeInstanceOf(Error)
    }
    for (const options of [{ timeoutMs: -1 }, { transfer: 5 }, { jobId: '' }, null]) {
      expect(await defectFrom(executor.with(options as any).call('add', 1, 2))).toBeInstanceOf(Error)
    }
  })
})

describe('codecs on threads', () => {
  it.each([
    ['with the jobs in hand, values are encoded here and decoded there', true],
    ['without them, values cross as they are', false]
  ])('%s', async (_, inHand) => {
    const executor = await make({ size: 1, ...(inHand ? { jobs } : {}) })
    expect(await valueFrom(executor.call('nextDay', new Date('2026-01-31T00:00:00Z')))).toEqual(
      new Date('2026-02-01T00:00:00Z')
    )
    expect(await valueFrom(executor.call('half', 4))).toBe(2)
    expect(await failureFrom(executor.call('half', 3))).toEqual({ _tag: 'Odd', n: 3 })
  })

  it.each([
    ['the jobs in hand', true],
    ['without them', false]
  ])('with %s, an invalid input is a DecodeError, and the job does not run', async (_, inHand) => {
    const executor = await make({ size: 1, ...(inHand ? { jobs } : {}) })
    const cells = newCells()
    const error: any = await failureFrom(executor.call('counted', { cells, n: 'five' as any }))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error.message).toContain('.n: expected number, got "five"')
    expect(Atomics.load(cells, 0)).toBe(0)
    expect(await valueFrom(executor.call('counted', { cells, n: 5 }))).toBe(5)
    expect(Atomics.load(cells, 0)).toBe(1)
  })

  it('an invalid output is a DecodeError', async () => {
    const executor = await make({ size: 1, jobs } as any)
    expect(await failureFrom(executor.call('lies', 1))).toMatchObject({
      _tag: 'DecodeError',
      message: expect.stringContaining('expected string, got 1')
    })
  })

  it.each([
    ['in hand', true],
    ['only on the thread', false]
  ])('a codec that throws is a defect (%s)', async (_, inHand) => {
    const executor = await make({ size: 1, ...(inHand ? { jobs } : {}) })
    expect(await defectFrom(executor.call('brokenCodec', 1))).toMatchObject({
      message: 'a codec that throws at 1'
    })
    expect(summary(await run(executor.call('add', 1, 2)))).toEqual(success(3))
  })
})
