/** Hard limits of jobs, and drains that end in bounded time. */
import { runTask, Schedule, type Task } from 'aio-ts'
import { ClusterExecutor, serveJobs } from 'aio-ts/bullmq'
import { describe, expect, it } from 'vitest'
import { Die, failure, Interrupt, success, summary } from '../support/exits.js'
import { endOf, failureFrom, interrupt, run, start, valueFrom } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import { call, hasLine, linesOf, newFile, newQueue, serve, work } from './support.js'

describe('maxMs', () => {
  it('interrupts a job at its limit, and the call fails with TimedOut', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const limited = executor.with({ maxMs: 100 })
    expect(await failureFrom(limited.call('slow', { file, name: 'a', ms: 60_000 }))).toMatchObject({
      _tag: 'ExecutorError',
      problem: 'TimedOut',
      message: 'the job slow did not end within its limit of 100 ms, and was interrupted'
    })
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
    expect(await valueFrom(limited.call('slow', { file, name: 'b', ms: 1 }))).toBe('b')
  })

  it('abandons a promise, and frees its slot', async () => {
    const place = newQueue()
    const server = await serve(place, { maxMs: 100, graceMs: 50 })
    const executor = await call(place)
    const file = newFile()
    // The smaller of both counts.
    const calls = executor.with({ maxMs: 60_000 })
    expect(await failureFrom(calls.call('slowPromise', { file, name: 'a', ms: 700 }))).toMatchObject({
      problem: 'TimedOut',
      message: expect.stringContaining('left behind')
    })
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    await runTask(server.asyncClose())
    await hasLine(file, 'end a')
  })

  it('counts from the start of the job, without the wait for a worker', async () => {
    const place = newQueue()
    const executor = await call(place, { maxMs: 400 })
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 1 }))
    await new Promise((resolve) => setTimeout(resolve, 600))
    await serve(place)
    expect(summary(await endOf(fiber))).toEqual(success('a'))
  })

  it('counts all tries of a job together', async () => {
    const place = newQueue()
    await serve(place, { retry: Schedule.spaced(50), maxMs: 300 })
    const executor = await call(place)
    const file = newFile()
    expect(await failureFrom(executor.call('flaky', { file, name: 'x', ms: 1000 }))).toMatchObject({
      problem: 'TimedOut'
    })
  })

  it('ends a call also if the job blocks its worker, which cannot end it, and affects no other worker', async () => {
    const place = newQueue()
    const options = { lockMs: 300 }
    await work(place, options)
    const executor = await call(place, { maxMs: 100, lookEveryMs: 100 })
    const file = newFile()
    const before = performance.now()
    expect(await failureFrom(executor.call('holds', { file, name: 'a', ms: 20_000 }))).toMatchObject({
      problem: 'TimedOut',
      message: expect.stringContaining('its worker no longer responds')
    })
    expect(performance.now() - before).toBeLessThan(19_000)
    await work(place, options)
    while ((await valueFrom(executor.givenUp())).length === 0) await new Promise((r) => setTimeout(r, 20))
    expect(linesOf(file)).toEqual(['begin a'])
    const [given] = await valueFrom(executor.givenUp())
    expect(given).toMatchObject({ name: 'holds', cause: { reasons: [{ error: { problem: 'TimedOut' } }] } })
  })

  it('does not apply to a waiting job that was returned by a worker without its name', async () => {
    const place = newQueue()
    await serve(place, { maxReturns: 6, onRefused: () => {} })
    const executor = await call(place, { maxMs: 20, lookEveryMs: 20 })
    expect(await failureFrom((executor as any).call('missing', 1))).toMatchObject({ problem: 'Refused' })
  })

  it('is a defect if it is invalid', async () => {
    const place = newQueue()
    for (const maxMs of [-1, Number.NaN, '5']) {
      const tasks: ReadonlyArray<Task.Task<unknown, unknown>> = [
        serveJobs(jobs, { ...place, maxMs } as any),
        ClusterExecutor.make({ ...place, jobs, maxMs } as any)
      ]
      for (const task of tasks)
        expect(summary(await run(task))).toMatchObject(failure(Die({ name: 'RangeError' })))
    }
  })
})

describe('closing a worker with graceMs', () => {
  it('gives back a job that cannot be interrupted, and another worker runs it', async () => {
    const place = newQueue()
    const server = await serve(place, { graceMs: 50 })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slowPromise', { file, name: 'a', ms: 1500 }))
    await hasLine(file, 'begin a')
    const before = performance.now()
    await runTask(server.asyncClose({ graceMs: 50 }))
    expect(performance.now() - before).toBeLessThan(1400)
    expect(linesOf(file)).toEqual(['begin a'])
    await serve(place)
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    expect(linesOf(file).filter((line) => line === 'begin a')).toHaveLength(2)
  })

  it('gives back a job whose caller was interrupted, and the job then ends', async () => {
    const place = newQueue()
    const server = await serve(place, { graceMs: 50 })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slowPromise', { file, name: 'a', ms: 1500 }))
    await hasLine(file, 'begin a')
    const ending = interrupt(fiber)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await runTask(server.asyncClose({ interrupt: false, graceMs: 50 }))
    expect(summary(await ending)).toMatchObject(failure(Interrupt))
    expect(linesOf(file)).toEqual(['begin a'])
    await hasLine(file, 'end a')
  })

  it('interrupts a job if possible, and gives it back once its finalizers have run', async () => {
    const place = newQueue()
    const server = await serve(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 400 }))
    await hasLine(file, 'begin a')
    await runTask(server.asyncClose({ graceMs: 50 }))
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
    await serve(place)
    expect(summary(await endOf(fiber))).toEqual(success('a'))
  })

  it('lets a job end that ends in time', async () => {
    const place = newQueue()
    const server = await serve(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 200 }))
    await hasLine(file, 'begin a')
    await runTask(server.asyncClose({ graceMs: 30_000 }))
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
  })

  it('differs from closing without graceMs, which waits for finalizers and promises', async () => {
    const place = newQueue()
    const server = await serve(place, { graceMs: 10 })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slowPromise', { file, name: 'a', ms: 300 }))
    await hasLine(file, 'begin a')
    await runTask(server.asyncClose())
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
    expect(summary(await endOf(fiber))).toEqual(success('a'))
  })
})

it('a job that interrupts itself ends interrupted, and is not run again endlessly', async () => {
  const place = newQueue()
  await serve(place)
  const executor = await call(place)
  const file = newFile()
  expect(summary(await run(executor.call('interruptsItself', { file, name: 'a', ms: 0 })))).toEqual(
    failure(Interrupt)
  )
  expect(linesOf(file)).toEqual(['begin a'])
})
