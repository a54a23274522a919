/** The result of a call over the cluster, and what workers and callers refuse. */
import { runTask, Schedule, Task } from 'aio-ts'
import { ClusterExecutor, type Refusal, serveJobs } from 'aio-ts/bullmq'
import { DecodeError } from 'aio-ts/executor'
import { QueueEventsProducer } from 'bullmq'
import { Redis } from 'ioredis'
import { describe, expect, it, vi } from 'vitest'
import { readExit } from '../../src/bullmq/wire.js'
import { Die, Fail, failure, success, summary } from '../support/exits.js'
import { endOf, failureFrom, run, start, valueFrom } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import { call, hasLine, linesOf, newFile, newQueue, raw, serve, theRedis } from './support.js'

const redisCommand = async (command: string, words: ReadonlyArray<string>): Promise<unknown> => {
  const redis = new Redis(theRedis().port)
  try {
    return await redis.call(command, ...words)
  } finally {
    redis.disconnect()
  }
}

/** An error with that many causes, as it is sent. */
const nested = (depth: number): object => {
  let packed: object = { value: 1 }
  for (let n = 0; n < depth; n++) packed = { error: { name: 'E', message: 'm', fields: {}, cause: packed } }
  return packed
}

describe('the result of a job on a cluster', () => {
  it('is a value, a typed error or a defect', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    expect(await valueFrom(executor.call('nothing', undefined))).toBe(undefined)
    expect(await valueFrom(executor.call('nextDay', new Date('2026-01-31T00:00:00Z')))).toEqual(
      new Date('2026-02-01T00:00:00Z')
    )
    expect(await failureFrom(executor.call('positive', -1))).toEqual({ _tag: 'Negative', n: -1 })
    expect(await failureFrom(executor.call('nextDay', new Date(8.64e15)))).toBeInstanceOf(jobs.TooLate)
    const died: any = summary(await run(executor.call('throws', undefined)))
    expect(died.reasons[0].Die).toBeInstanceOf(TypeError)
    expect(died.reasons[0].Die.stack).toContain('jobs.mjs')
  })

  it('needs no job definitions if the codecs are identities', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await valueFrom(ClusterExecutor.make<Pick<typeof jobs, 'add' | 'positive'>>(place))
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    expect(await failureFrom(executor.call('positive', -1))).toEqual({ _tag: 'Negative', n: -1 })
    const refused = await failureFrom(executor.call('add', [1, 'two'] as any))
    expect(refused).toBeInstanceOf(DecodeError)
    expect(refused.message).toContain('expected number, got "two"')
    await runTask(executor.asyncClose())
  })

  it('is a DecodeError on the side where a value is invalid', async () => {
    const place = newQueue()
    const executor = await call(place)
    // Nobody serves yet: it never left.
    expect(await failureFrom(executor.call('add', ['one', 2] as any))).toBeInstanceOf(DecodeError)
    await serve(place)
    expect(await failureFrom(executor.call('lies', 1))).toBeInstanceOf(DecodeError)
  })

  it('comes from a worker that starts later', async () => {
    const place = newQueue()
    const executor = await call(place)
    const fiber = start(executor.call('add', [1, 2]))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await serve(place)
    expect(summary(await endOf(fiber))).toEqual(success(3))
  })

  it('may come from a retry by a Schedule', async () => {
    const place = newQueue()
    await serve(place, { retry: Schedule.recurs(3) })
    const executor = await call(place)
    expect(await valueFrom(executor.call('flaky', { file: newFile(), name: 'x', ms: 2 }))).toBe(3)
    expect(await failureFrom(executor.call('flaky', { file: newFile(), name: 'x', ms: 10 }))).toBe('try 4')
    // What cannot fit does not fit the next time either.
    const file = newFile()
    expect(await failureFrom(executor.call('flaky', { file, name: 5, ms: 10 } as any))).toBeInstanceOf(
      DecodeError
    )
  })

  it('belongs to its own call among concurrent calls', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 4 })
    const executor = await call(place)
    const [one, two] = [newFile(), newFile()]
    const fibers = [one, two].map((file) => start(executor.call('slow', { file, name: 'a', ms: 300 })))
    await hasLine(one, 'begin a')
    await hasLine(two, 'begin a')
    expect([...linesOf(one), ...linesOf(two)]).toEqual(['begin a', 'begin a'])
    for (const fiber of fibers) await endOf(fiber)
  })
})

describe('refusals by callers and workers', () => {
  it('names that are not declared, have no codecs or are inherited: logged, and never run', async () => {
    const place = newQueue()
    const refused: Array<Refusal> = []
    await serve(place, { maxReturns: 0, onRefused: (refusal) => refused.push(refusal) })
    const executor = await call(place)
    const names = ['missing', 'secret', 'constructor', '__proto__', 'toString']
    for (const name of names) {
      expect(await failureFrom((executor as any).call(name, 1))).toMatchObject({
        _tag: 'ExecutorError',
        problem: 'Refused'
      })
    }
    expect(refused.map(({ name }) => name)).toEqual(names)
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('payloads from another writer', async () => {
    const place = newQueue()
    const refused: Array<Refusal> = []
    await serve(place, { onRefused: (refusal) => refused.push(refusal) })
    const payloads = [
      5,
      null,
      'text',
      [1, 2],
      { version: 2, form: 'plain', input: [1, 2] },
      { version: 1, form: 'code', input: 'process.exit(1)' }
    ]
    await raw(place, async (queue) => {
      for (const payload of payloads) await queue.add('add', payload)
      for (;;) {
        if ((await queue.getCompletedCount()) === payloads.length) break
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })
    expect(refused).toHaveLength(payloads.length)
    const executor = await call(place)
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('a payload that is too large, at the sender; a result that is too large, at the worker', async () => {
    const place = newQueue()
    await serve(place, { maxBytes: 1000 })
    const executor = await call(place, { maxBytes: 200 })
    expect(await failureFrom(executor.call('same', 'x'.repeat(300)))).toMatchObject({ problem: 'TooLarge' })
    expect(await raw(place, (queue) => queue.getJobCountByTypes('waiting', 'active', 'completed'))).toBe(0)
    expect(await failureFrom(executor.call('large', 2000))).toMatchObject({ problem: 'TooLarge' })
    expect(await valueFrom(executor.call('large', 10))).toBe('xxxxxxxxxx')
  })

  it('a value that JSON cannot represent', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    expect(await failureFrom(executor.call('same', 5n))).toMatchObject({ problem: 'NotCloneable' })
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('invalid options, and a server without any valid job, are a defect', async () => {
    for (const options of [
      null,
      { queue: 'q' },
      { connection: 'http://x', queue: 'q' },
      { connection: theRedis().url, queue: 'a:b' },
      { ...newQueue(), maxBytes: 0 }
    ]) {
      expect(summary(await run(ClusterExecutor.make(options as any)))).toMatchObject(
        failure(Die(expect.anything()))
      )
    }
    expect(summary(await run(serveJobs({ plain: () => 1 }, newQueue())))).toMatchObject(
      failure(Die(expect.anything()))
    )
  })

  it.each([
    ['no object', 5],
    ['no reason', { reasons: [] }],
    ['an error that is null', { reasons: [{ _tag: 'Fail', error: { error: null } }] }],
    [
      'an error without fields',
      { reasons: [{ _tag: 'Fail', error: { error: { name: 'E', message: 'm' } } }] }
    ],
    [
      'a message that cannot be read',
      { reasons: [{ _tag: 'Die', defect: { error: { name: 'E', message: { toString: 5 }, fields: {} } } }] }
    ],
    ['a cause that is none', { reasons: [{ _tag: 'Problem', problem: 'Lost', message: 'x', cause: 5 }] }],
    ['a problem that is none', { reasons: [{ _tag: 'Problem', problem: 5, message: 'x' }] }],
    ['causes without end', { reasons: [{ _tag: 'Die', defect: nested(5000) }] }]
  ])('an answer from another writer: %s', (_, answer) => {
    expect(readExit(answer)).toMatchObject({ reasons: [{ _tag: 'Problem', problem: 'Refused' }] })
  })

  it('an event that is not JSON does not affect later events', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 10 })
    const executor = await call(place, { lookEveryMs: 600_000 })
    await redisCommand('xadd', [`bull:${place.queue}:events`, '*', 'event', 'completed', 'returnvalue', '{'])
    let answered = 0
    // Those that were sent before it listens again look their jobs up, which takes longer than this test may.
    while (answered === 0) {
      start(Task.map(() => answered++)(executor.call('add', [1, 2])))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })

  it('a job whose record is not JSON is reported to the worker and to its caller', async () => {
    const place = newQueue()
    const refused: Array<Refusal> = []
    await serve(place, { onRefused: (refusal) => refused.push(refusal) })
    const executor = await call(place)
    const key = `bull:${place.queue}`
    for (const id of ['id-poisoned', 'other'])
      await redisCommand('hset', [`${key}:${id}`, 'name', 'add', 'data', '{', 'opts', '{}', 'timestamp', '1'])
    await redisCommand('zadd', [`${key}:completed`, '1', 'id-poisoned'])
    expect(await failureFrom(executor.with({ jobId: 'poisoned' }).call('add', [1, 2]))).toMatchObject({
      problem: 'Refused'
    })
    await redisCommand('lpush', [`${key}:wait`, 'other'])
    await redisCommand('zadd', [`${key}:marker`, '0', '0'])
    while (refused.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(refused[0]?.reason).toContain('cannot be read')
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('a throw of `onRefused` changes no answer', async () => {
    const place = newQueue()
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    await serve(place, {
      maxReturns: 0,
      onRefused: () => {
        throw new Error('of the handler')
      }
    })
    const executor = await call(place)
    expect(await failureFrom((executor as any).call('missing', 1))).toMatchObject({ problem: 'Refused' })
    expect(String(printed.mock.calls)).toContain('of the handler')
    printed.mockRestore()
  })

  it('an error reply of Redis is a typed error, and no connection is left', async () => {
    await redisCommand('acl', ['setuser', 'limited', 'on', '>secret', '~*', '+@connection', '+info'])
    const connection = `redis://limited:secret@127.0.0.1:${theRedis().port}`
    for (const task of [
      ClusterExecutor.make<typeof jobs>({ connection, queue: 'no', jobs }),
      serveJobs(jobs, { connection, queue: 'no' })
    ]) {
      expect(await failureFrom(task)).toMatchObject({ problem: 'Unreachable' })
    }
    while (String(await redisCommand('client', ['list'])).includes('user=limited'))
      await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('answers from another writer, late and duplicate answers, and answers for others', async () => {
    const place = newQueue()
    const executor = await call(place)
    const producer = new QueueEventsProducer(place.queue, { connection: { port: theRedis().port } })
    const tellOf = (jobId: string, returnvalue: unknown) =>
      producer.publishEvent({
        eventName: 'completed',
        jobId,
        returnvalue: JSON.stringify(returnvalue)
      } as any)
    await tellOf('nobody', { ok: true, value: 1 })
    const one = start(executor.with({ jobId: 'one' }).call('add', [1, 2]))
    const two = start(executor.with({ jobId: 'two' }).call('add', [1, 2]))
    await raw(place, async (queue) => {
      while ((await queue.getWaitingCount()) < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    })
    await tellOf('id-one', { ok: true, value: 10 })
    await tellOf('id-one', { ok: true, value: 11 })
    // Whose reading is undefined at least, where it is not looked at first.
    await tellOf('id-two', { reasons: [{ _tag: 'Fail', error: { error: null } }] })
    expect(summary(await endOf(one))).toEqual(success(10))
    expect(summary(await endOf(two))).toMatchObject(failure(Fail({ problem: 'Refused' })))
    await tellOf('id-one', { ok: true, value: 12 })
    await producer.close()
  })
})

describe('jobId', () => {
  it('makes calls with the same id one job, concurrent and later ones', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 4 })
    const [one, two] = [await call(place), await call(place)]
    const file = newFile()
    const input = { file, name: 'a', ms: 100 }
    const id = { jobId: 'only: once / 1' }
    const fibers = [one, one, two].map((executor) => start(executor.with(id).call('slow', input)))
    for (const fiber of fibers) expect(summary(await endOf(fiber))).toEqual(success('a'))
    expect(await valueFrom(two.with(id).call('slow', input))).toBe('a')
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
    expect(await failureFrom(one.with(id).call('add', [1, 2]))).toMatchObject({ problem: 'Refused' })
  })
})
