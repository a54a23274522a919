/** Jobs that were given up, which are kept and can be sent again; jobs unknown to a worker; ids that are used twice. */
import { runTask, Schedule } from 'aio-ts'
import { type GivenUpJob, type Refusal, serveJobs } from 'aio-ts/bullmq'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, reasonSummaries, success, summary } from '../support/exits.js'
import { endOf, failureFrom, interrupt, run, start, valueFrom } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import {
  call,
  hasLine,
  linesOf,
  newFile,
  newQueue,
  pause,
  raw,
  serve,
  theRedis,
  work,
  workUntilItsEnd
} from './support.js'

const only = (list: ReadonlyArray<GivenUpJob>): GivenUpJob => {
  expect(list).toHaveLength(1)
  return list[0] as GivenUpJob
}

describe('a job that was given up', () => {
  it('after all its retries is listed with all its data, and can be sent again', async () => {
    const place = newQueue()
    await serve(place, { retry: Schedule.recurs(1) })
    const executor = await call(place)
    const input = { file: newFile(), name: 'x', ms: 2 }
    const calls = executor.with({ jobId: 'order 7' })
    expect(await failureFrom(calls.call('flaky', input))).toBe('try 2')
    // Its end is kept for who calls again.
    expect(await failureFrom(calls.call('flaky', input))).toBe('try 2')
    const given = only(await valueFrom(executor.givenUp()))
    expect(given).toMatchObject({ jobId: 'order 7', name: 'flaky', input, starts: 1 })
    expect(reasonSummaries(given.cause)).toEqual([{ Fail: 'try 2' }])
    expect(Math.abs(given.at - Date.now())).toBeLessThan(60_000)
    await valueFrom(executor.sendAgain(given.id))
    expect(await valueFrom(calls.call('flaky', input))).toBe(3)
    expect(await valueFrom(executor.givenUp())).toEqual([])
  })

  it('after too many deaths of workers is answered once and runs when it is sent again', async () => {
    const place = newQueue()
    const options = { lockMs: 400, maxCrashes: 1 }
    const executor = await call(place, { lookEveryMs: 500 })
    const file = newFile()
    const fiber = start(executor.call('killsAtFirst', { file, name: 'x', ms: 2 }))
    await workUntilItsEnd(place, options)
    await workUntilItsEnd(place, options)
    await work(place, options)
    expect(summary(await endOf(fiber))).toMatchObject(failure(Fail({ problem: 'Crashed' })))
    const given = only(await valueFrom(executor.givenUp()))
    expect(given).toMatchObject({ jobId: undefined, name: 'killsAtFirst' })
    await valueFrom(executor.sendAgain(given.id))
    while (linesOf(file).length < 3) await pause(5)
    await raw(place, async (queue) => {
      while ((await queue.getCompletedCount()) === 0) await pause(5)
    })
    expect(await valueFrom(executor.givenUp())).toEqual([])
  })

  it('is kept also if its caller has missed the event, and has polled the result', async () => {
    const place = newQueue()
    const executor = await call(place, { lookEveryMs: 50 })
    await (executor as any).parts.events.close()
    const fiber = start(executor.call('dies', 1))
    await serve(place)
    expect(summary(await endOf(fiber))).toMatchObject(failure(Die(expect.anything())))
    // What is removed from Redis goes in the turns after the call.
    await pause(100)
    expect(only(await valueFrom(executor.givenUp()))).toMatchObject({ name: 'dies' })
  })

  it('at its limit, of a defect, or as unknown: listed newest first, and in pages', async () => {
    const place = newQueue()
    await serve(place, { maxReturns: 0, onRefused: () => {} })
    const executor = await call(place)
    const slow = { file: newFile(), name: 'a', ms: 60_000 }
    expect(await failureFrom(executor.with({ maxMs: 50 }).call('slow', slow))).toMatchObject({
      problem: 'TimedOut'
    })
    await run(executor.call('throws', undefined))
    await failureFrom((executor as any).call('missing', { a: 1 }))
    // What its type says is an answer, and so is what does not fit.
    await failureFrom(executor.call('positive', -1))
    await failureFrom(executor.call('lies', 1))
    const all = await valueFrom(executor.givenUp())
    expect(all.map(({ name, input }) => [name, input])).toEqual([
      ['missing', { a: 1 }],
      ['throws', undefined],
      ['slow', slow]
    ])
    expect(all.map(({ cause }) => reasonSummaries(cause)[0])).toMatchObject([
      { Fail: { problem: 'Refused' } },
      { Die: { message: 'a bug' } },
      { Fail: { problem: 'TimedOut' } }
    ])
    expect((await valueFrom(executor.givenUp({ from: 1, count: 1 }))).map(({ name }) => name)).toEqual([
      'throws'
    ])
    expect(await valueFrom(executor.givenUp({ count: 0 }))).toEqual([])
  })

  it('has a readable error in other tools for BullMQ', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    await run(executor.call('throws', undefined))
    const [failed] = await raw(place, (queue) => queue.getFailed())
    expect(failed?.failedReason.split('\n')[0]).toBe('died of a defect: TypeError: "a bug"')
    expect(failed?.stacktrace).toEqual([])
  })

  it('is kept within the limits of time and number of the options', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place, { maxGivenUp: 2 })
    for (let n = 0; n < 4; n++) await run(executor.call('dies', n))
    expect((await valueFrom(executor.givenUp())).map(({ input }) => input)).toEqual([3, 2])
  })

  it('does not answer a call after `keepMs`, which starts it anew', async () => {
    const place = newQueue()
    await serve(place, { retry: Schedule.recurs(0) })
    const executor = await call(place, { keepMs: 300 })
    const input = { file: newFile(), name: 'x', ms: 1 }
    const calls = executor.with({ jobId: 'a' })
    expect(await failureFrom(calls.call('flaky', input))).toBe('try 1')
    expect(await failureFrom(calls.call('flaky', input))).toBe('try 1')
    await pause(400)
    expect(await valueFrom(calls.call('flaky', input))).toBe(2)
  })

  it('is sent again once, and only if it is given up', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    await run(executor.call('throws', undefined))
    const { id } = only(await valueFrom(executor.givenUp()))
    const both = await Promise.all([run(executor.sendAgain(id)), run(executor.sendAgain(id))])
    expect(both.map(({ _tag }) => _tag).sort()).toEqual(['Left', 'Right'])
    expect(await failureFrom(executor.sendAgain('nobody'))).toMatchObject({ problem: 'Lost' })
    await runTask(executor.asyncClose())
    expect(await failureFrom(executor.givenUp())).toMatchObject({ problem: 'Closed' })
  })

  it('is listed also if its record was overwritten', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    await run(executor.call('throws', undefined))
    const { id } = only(await valueFrom(executor.givenUp()))
    const redis = new Redis(theRedis().port)
    const key = `bull:${place.queue}:${id}`
    await redis.hset(key, 'data', '{', 'failedReason', 'died\n{"reasons":[5', 'ats', 'many')
    redis.disconnect()
    const given = only(await valueFrom(executor.givenUp()))
    expect(given).toMatchObject({ id, name: 'throws', input: undefined, starts: 0 })
    expect(reasonSummaries(given.cause)).toMatchObject([{ Fail: { problem: 'Crashed' } }])
  })
})

describe('a job that a worker does not know', () => {
  it('returns to the queue until another worker takes it', async () => {
    const place = newQueue()
    const refused: Array<Refusal> = []
    const others = await valueFrom(
      serveJobs({ nothing: jobs.nothing }, { ...place, concurrency: 5, onRefused: (r) => refused.push(r) })
    )
    const executor = await call(place)
    const early = start(executor.call('add', [1, 2]))
    await pause(200)
    await serve(place)
    expect(summary(await endOf(early))).toEqual(success(3))
    for (let n = 0; n < 20; n++) expect(await valueFrom(executor.call('add', [n, 1]))).toBe(n + 1)
    expect(refused).toEqual([])
    await runTask(others.asyncClose())
  })

  it('is refused after a bounded number of returns', async () => {
    const place = newQueue()
    const refused: Array<Refusal> = []
    await serve(place, { maxReturns: 3, onRefused: (refusal) => refused.push(refusal) })
    const executor = await call(place)
    expect(await failureFrom((executor as any).call('\u001b[31mmissing', 1))).toMatchObject({
      problem: 'Refused',
      message: expect.stringContaining('the job "\\u001b[31mmissing"')
    })
    expect(refused).toHaveLength(1)
    expect(only(await valueFrom(executor.givenUp()))).toMatchObject({ starts: 4 })
  })

  it('has all its returns again after it was sent again', async () => {
    const place = newQueue()
    const stranger = await valueFrom(
      serveJobs({ nothing: jobs.nothing }, { ...place, maxReturns: 2, onRefused: () => {} })
    )
    const executor = await call(place)
    await failureFrom(executor.call('add', [1, 2]))
    const { id } = only(await valueFrom(executor.givenUp()))
    await valueFrom(executor.sendAgain(id))
    while ((await valueFrom(executor.givenUp())).length === 0) await pause(20)
    expect(only(await valueFrom(executor.givenUp()))).toMatchObject({ starts: 3 })
    await runTask(stranger.asyncClose())
  })

  it('can be interrupted while it waits for another worker', async () => {
    const place = newQueue()
    await serve(place, { onRefused: () => {} })
    const executor = await call(place)
    const fiber = start((executor as any).call('missing', 1))
    await pause(300)
    expect(summary(await interrupt(fiber))).toMatchObject(failure(Interrupt))
    const counts = await raw(place, (queue) => queue.getJobCounts('waiting', 'active', 'delayed', 'failed'))
    expect(counts).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 })
  })
})

describe('a jobId that is used twice', () => {
  it('with another input is refused, and the message does not contain the input', async () => {
    const place = newQueue()
    await serve(place)
    const [executor, other] = [await call(place), await call(place)]
    const id = { jobId: 'order \u001b 7' }
    expect(await valueFrom(executor.with(id).call('same', { a: 1, b: 'secret' }))).toEqual({
      a: 1,
      b: 'secret'
    })
    for (const caller of [executor, other]) {
      // The order of the fields is no difference, nor is one that is undefined.
      const same = caller.with(id).call('same', { b: 'secret', a: 1, c: undefined })
      expect(await valueFrom(same)).toEqual({ a: 1, b: 'secret' })
      const error = await failureFrom(caller.with(id).call('same', { a: 2, b: 'secret' }))
      expect(error).toMatchObject({ _tag: 'ExecutorError', problem: 'Refused' })
      expect(error.message).toContain('the jobId "order \\u001b 7" is that of a job same with another input')
      expect(error.message).not.toContain('secret')
      expect(await failureFrom(caller.with(id).call('nothing', undefined))).toMatchObject({
        problem: 'Refused'
      })
    }
  })

  it('with another input is refused while the first job waits or runs, which continues', async () => {
    const place = newQueue()
    const executor = await call(place)
    const id = { jobId: 'a' }
    const first = start(executor.with(id).call('add', [1, 2]))
    await pause(50)
    expect(await failureFrom(executor.with(id).call('add', [1, 3]))).toMatchObject({ problem: 'Refused' })
    await serve(place)
    expect(summary(await endOf(first))).toEqual(success(3))
  })

  it('after an interruption denotes a job with the new input', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const calls = executor.with({ jobId: 'a' })
    const fiber = start(calls.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    await interrupt(fiber)
    expect(await valueFrom(calls.call('slow', { file, name: 'b', ms: 1 }))).toBe('b')
  })

  it('before the stop request of the first job is stored denotes a job with the new input', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const calls = executor.with({ jobId: 'a' })
    const { queue } = (executor as any).parts
    const getJob = queue.getJob.bind(queue)
    queue.getJob = async (id: string) => {
      await pause(300)
      return getJob(id)
    }
    const fiber = start(calls.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    fiber.interruptNowait()
    await pause(10)
    expect(await valueFrom(calls.call('slow', { file, name: 'b', ms: 1 }))).toBe('b')
    await endOf(fiber)
  })

  it('with another input is refused while the first job cannot be stopped, rather than answered by it', async () => {
    const place = newQueue()
    await serve(place)
    const [one, two] = [await call(place), await call(place)]
    const file = newFile()
    const id = { jobId: 'a' }
    const first = start(one.with(id).call('slowPromise', { file, name: 'a', ms: 600 }))
    await hasLine(file, 'begin a')
    first.interruptNowait()
    await pause(200)
    const second = run(two.with(id).call('slowPromise', { file, name: 'b', ms: 1 }))
    expect(summary(await second)).toMatchObject(failure(Fail({ problem: 'Refused' })))
    await endOf(first)
  })
})
