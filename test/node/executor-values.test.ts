/** Whatever the input and the value of a job, its call ends once, and its thread continues. */
import { Task } from 'aio-ts'
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, success, summary } from '../support/exits.js'
import { endOf, run, start, valueFrom } from '../support/real-runs.js'
import type { Odd } from './fixtures/jobs.mjs'
import { make, problemOf, startedDuring, threads } from './support.js'

const ways = ['value', 'promise', 'error', 'field', 'thrown', 'rejection'] as const

/** How a call of `givesOdd` ends, in a word. */
const told = async (call: Task.Task<unknown, unknown>): Promise<string> => {
  const exit = await run(call)
  if (isRight(exit)) return 'value'
  return exit.left.reasons
    .map((reason) => (reason._tag === 'Fail' ? (Object(reason.error).problem ?? 'Fail') : reason._tag))
    .join(' + ')
}

/** The rest do: see the end of each below. */
const copied: ReadonlyArray<Odd> = ['shared', 'hidden', 'huge', 'long', 'error']
const refused: ReadonlyArray<Odd> = [
  'ownCause',
  'ownCauseInside',
  'function',
  'symbol',
  'proxy',
  'proxyOfList',
  'promise',
  'weak',
  'generator',
  'port',
  'deep',
  'deeper',
  'endless',
  'detached',
  'getter'
]

describe('the value of a job', () => {
  it.each(copied)('%s: is a value, in whatever form it arrives', async (name) => {
    const executor = await make({ size: 1 })
    expect(await told(executor.call('givesOdd', name, 'value'))).toBe('value')
    expect(await told(executor.call('givesOdd', name, 'promise'))).toBe('value')
    expect(await told(executor.call('givesOdd', name, 'error'))).toBe('Fail')
    expect(await told(executor.call('givesOdd', name, 'thrown'))).toBe('Die')
  })

  it.each(refused)('%s: is an error of its own call, and the thread continues', async (name) => {
    const executor = await make({ size: 1 })
    const started = await startedDuring(async () => {
      expect(await problemOf(executor.call('givesOdd', name, 'value'))).toBe('NotCloneable')
      expect(await problemOf(executor.call('givesOdd', name, 'promise'))).toBe('NotCloneable')
      // What can be told of a failure is, by words where by nothing else.
      for (const way of ways) {
        expect(await told(executor.call('givesOdd', name, way)), way).toMatch(/^(NotCloneable|Fail|Die)$/)
        expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
      }
    })
    expect(started).toBe(1)
  })

  it('with a getter `then` that throws is a defect of the job', async () => {
    const executor = await make({ size: 1 })
    expect(await told(executor.call('givesOdd', 'then', 'value'))).toBe('Die')
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('that is uncloneable is named in the message', async () => {
    const executor = await make({ size: 1 })
    const messageOf = async (name: Odd): Promise<string> => {
      const exit = await run(executor.call('givesOdd', name, 'value'))
      return isLeft(exit) && exit.left.reasons[0]._tag === 'Fail'
        ? Object(exit.left.reasons[0].error).message
        : ''
    }
    expect(await messageOf('function')).toContain('() => 1 could not be cloned')
    expect(await messageOf('ownCause')).toMatch(
      /the result of the job givesOdd cannot be read here: .*deserialize/
    )
    expect(await messageOf('deep')).toContain('call stack')
  })

  it('does not affect waiting jobs, and the executor closes', async () => {
    const executor = await make({ size: 1 })
    const fibers = refused.map((name) => start(executor.call('givesOdd', name, 'value')))
    const last = start(executor.call('add', 1, 2))
    await new Promise((resolve) => setImmediate(resolve))
    executor.close({ interrupt: false })
    for (const fiber of fibers) expect(isLeft(await endOf<unknown, unknown>(fiber))).toBe(true)
    expect(summary(await endOf(last))).toEqual(success(3))
    await valueFrom(executor.waitClosed())
    expect(threads()).toBe(0)
  })
})

describe('the input of a job', () => {
  const ownCause = () => {
    const error = new Error('its own cause')
    error.cause = error
    return error
  }
  const nested = (depth: number): unknown => {
    let list: unknown = []
    for (let n = 1; n < depth; n++) list = [list]
    return list
  }

  it.each<[string, () => unknown]>([
    ['an error that is its own cause', ownCause],
    ['one inside of a list', () => [[ownCause()]]],
    ['a function', () => () => 1],
    ['a proxy', () => new Proxy({}, {})],
    ['a promise', () => Promise.resolve()],
    ['a list too deep to be written', () => nested(200_000)],
    [
      'a getter that throws',
      () => ({
        get hostile() {
          throw ownCause()
        }
      })
    ]
  ])('%s: is an error of its own call, and the thread continues', async (_, argument) => {
    const executor = await make({ size: 1 })
    const started = await startedDuring(async () => {
      // As the first job of a thread, and as a later one.
      for (let n = 0; n < 2; n++) {
        expect(await problemOf(executor.call('same', argument()))).toBe('NotCloneable')
        expect(await valueFrom(executor.call('same', { n }))).toEqual({ n })
      }
    })
    expect(started).toBe(1)
  })

  it('may be a list too deep for the small stack of a thread', async () => {
    const executor = await make({ size: 1, resourceLimits: { stackSizeMb: 0.5 } })
    const depth = 2500
    expect(await problemOf(executor.call('same', nested(depth)))).toBe('NotCloneable')
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('may be of any kind, and each answer belongs to its own call', async () => {
    const executor = await make({ size: 2 })
    const calls = Array.from({ length: 60 }, (_, n): Task.Task<unknown, unknown> => {
      switch (n % 4) {
        case 0:
          return executor.call('same', n)
        case 1:
          return executor.call('same', { n })
        case 2:
          return executor.call('givesOdd', 'ownCause', 'value')
        default:
          return executor.call('same', ownCause())
      }
    })
    const exits = await valueFrom(Task.all(calls.map((call) => Task.exit(call))))
    for (const [n, exit] of exits.entries()) {
      if (n % 4 === 0) expect(exit).toEqual(right(n))
      else if (n % 4 === 1) expect(exit).toEqual(right({ n }))
      else expect(summary(exit)).toMatchObject(failure(Fail({ problem: 'NotCloneable' })))
    }
  })
})
