/** Interrupting calls over the cluster, and closing both of its ends. */
import { makeRuntime, runTask } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { Fail, failure, Interrupt, isInterrupted, lateResults, success, summary } from '../support/exits.js'
import { endOf, failureFrom, interrupt, start, valueFrom } from '../support/real-runs.js'
import { call, hasLine, linesOf, newFile, newQueue, pause, serve, theRedis, work } from './support.js'

describe('interrupting a call', () => {
  it('removes a waiting job, and the others continue', async () => {
    const place = newQueue()
    const executor = await call(place)
    const file = newFile()
    const fibers = ['a', 'b', 'c'].map((name) => start(executor.call('slow', { file, name, ms: 1 })))
    await pause(50)
    expect(summary(await interrupt(fibers[1]!))).toEqual(failure(Interrupt))
    await serve(place)
    for (const at of [0, 2]) await endOf(fibers[at]!)
    expect(linesOf(file).filter((line) => line.startsWith('begin'))).toEqual(['begin a', 'begin c'])
  })

  it('interrupts a running job on its worker, and waits for its end', async () => {
    const place = newQueue()
    await work(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    const exit = await interrupt(fiber)
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([])
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('waits for a job that cannot be stopped, and keeps its late result', async () => {
    const place = newQueue()
    await work(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slowPromise', { file, name: 'a', ms: 200 }))
    await hasLine(file, 'begin a')
    const exit = await interrupt(fiber)
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('a')])
  })

  it('by timeoutMs is a TimeoutError, and the job has ended', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const error = await failureFrom(
      executor.with({ timeoutMs: 300 }).call('slow', { file, name: 'a', ms: 60_000 })
    )
    expect(error._tag).toBe('TimeoutError')
    expect(linesOf(file).at(-1)).toBe('interrupted a')
  })

  it('at any moment gives either its value or the interruption, and does not affect later jobs', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 2 })
    const executor = await call(place)
    await valueFrom(executor.call('add', [0, 0]))
    let interruptions = 0
    for (let n = 0; n < 40; n++) {
      const fiber = start(executor.call('add', [n, 1]))
      await pause(n % 8)
      const exit = await interrupt(fiber)
      if (isInterrupted(exit)) interruptions++
      else expect(exit).toEqual(right(n + 1))
    }
    expect(interruptions).toBeGreaterThan(0)
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('with the id of another call leaves the job to that call', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const shared = executor.with({ jobId: 'shared' }).call('slow', { file, name: 'a', ms: 200 })
    const [one, two] = [start(shared), start(shared)]
    await hasLine(file, 'begin a')
    expect(summary(await interrupt(one))).toEqual(failure(Interrupt))
    expect(summary(await endOf(two))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
  })

  it.each([
    ['runs', ['begin a', 'interrupted a', 'begin a', 'end a']],
    ['waits', ['begin a', 'end a']]
  ])(
    'with the id of another caller in another process makes that one start the job anew (it %s)',
    async (state, lines) => {
      const place = newQueue()
      // As two processes are: they share nothing but the queue.
      const [one, two] = [await call(place), await call(place)]
      const file = newFile()
      const fibers = [one, two].map((executor) =>
        start(executor.with({ jobId: 'shared' }).call('slow', { file, name: 'a', ms: 200 }))
      )
      if (state === 'runs') {
        await serve(place)
        await hasLine(file, 'begin a')
      } else await pause(50)
      expect(summary(await interrupt(fibers[0]!))).toEqual(failure(Interrupt))
      if (state === 'waits') await serve(place)
      expect(summary(await endOf(fibers[1]!))).toEqual(success('a'))
      expect(linesOf(file)).toEqual(lines)
    }
  )

  it('does not affect a later call with its id, which starts the job anew', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const again = (ms: number) => executor.with({ jobId: 'again' }).call('slow', { file, name: 'a', ms })
    const first = start(again(60_000))
    await hasLine(file, 'begin a')
    first.interruptNowait()
    // It has given the job up, and has not heard of its end.
    await new Promise((resolve) => setImmediate(resolve))
    expect(await valueFrom(again(1))).toBe('a')
    expect(summary(await endOf(first))).toEqual(failure(Interrupt))
  })

  it('and another one with its id in one time slice stops the job once', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    // Each operation is a place to switch.
    const runtime = makeRuntime({ yieldEvery: 1, reporter: () => {} })
    const shared = executor.with({ jobId: 'shared' }).call('slow', { file, name: 'a', ms: 60_000 })
    const fibers = [runtime.runFork(shared), runtime.runFork(shared)]
    await hasLine(file, 'begin a')
    for (const fiber of fibers) fiber.interruptNowait()
    for (const fiber of fibers) expect(summary(await endOf(fiber))).toEqual(failure(Interrupt))
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
  })

  it('polls the job if its event was missed', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place, { lookEveryMs: 600_000 })
    // Deaf from now on.
    await (executor as any).parts.events.close()
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 1 }))
    // The job has ended once its result is in Redis; the line is written before that.
    const redis = new Redis(theRedis().port)
    while ((await redis.zcard(`bull:${place.queue}:completed`)) === 0) await pause(5)
    redis.disconnect()
    const exit = await interrupt(fiber)
    expect(lateResults(exit)).toEqual([success('a')])
  })

  it('stops each of two runs of the job in one process', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 2 })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.with({ jobId: 'twice' }).call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    // As where its lock has run out.
    const redis = new Redis(theRedis().port)
    const key = `bull:${place.queue}`
    await redis.lrem(`${key}:active`, 1, 'id-twice')
    await redis.del(`${key}:id-twice:lock`)
    await redis.lpush(`${key}:wait`, 'id-twice')
    await redis.zadd(`${key}:marker`, 0, '0')
    redis.disconnect()
    while (linesOf(file).length < 2) await pause(5)
    await interrupt(fiber)
    while (linesOf(file).length < 4) await pause(5)
    expect(linesOf(file)).toEqual(['begin a', 'begin a', 'interrupted a', 'interrupted a'])
  })

  it('lets a later call with its id start the job anew', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const again = (ms: number) => executor.with({ jobId: 'again' }).call('slow', { file, name: 'a', ms })
    const fiber = start(again(60_000))
    await hasLine(file, 'begin a')
    await interrupt(fiber)
    expect(await valueFrom(again(1))).toBe('a')
  })
})

describe('closing the caller', () => {
  it('without interruption waits for the calls', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 100 }))
    await hasLine(file, 'begin a')
    const closed = runTask(executor.asyncClose({ interrupt: false }))
    expect(await failureFrom(executor.call('add', [1, 2]))).toMatchObject({ problem: 'Closed' })
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    await closed
  })

  it('with interruption interrupts the calls', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    await runTask(executor.asyncClose())
    expect(summary(await endOf(fiber))).toMatchObject(failure(Fail({ problem: 'Closed' })))
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
  })
})

describe('closing the worker', () => {
  it('without interruption lets running jobs end, keeps their locks, and runs none twice (bull#1615)', async () => {
    const place = newQueue()
    const lockMs = 1000
    const server = await serve(place, { lockMs })
    // Whoever looks for dead workers meanwhile.
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 2500 }))
    await hasLine(file, 'begin a')
    await serve(place, { lockMs })
    await runTask(server.asyncClose({ interrupt: false }))
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
  })

  it('interrupts running jobs and gives them back, and another worker runs them from the start', async () => {
    const place = newQueue()
    const server = await serve(place)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 300 }))
    await hasLine(file, 'begin a')
    await runTask(server.asyncClose())
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
    await serve(place)
    expect(summary(await endOf(fiber))).toEqual(success('a'))
  })

  it('does not abandon a job that was fetched and has not started (bullmq#3045, #1479)', async () => {
    const place = newQueue()
    // Far longer than the test: a job that is left locked would not be run again in it.
    const lockMs = 600_000
    const executor = await call(place)
    const all = Array.from({ length: 200 }, (_, n) => start(executor.call('add', [n, 1])))
    for (let round = 0; round < 10; round++) {
      const server = await serve(place, { concurrency: 5, lockMs })
      await pause(round)
      await runTask(server.asyncClose({ interrupt: round % 2 === 0 }))
    }
    await serve(place, { concurrency: 5, lockMs })
    for (const [n, fiber] of all.entries()) expect(summary(await endOf(fiber))).toEqual(success(n + 1))
  })

  it('by SIGTERM lets a worker process end its jobs, and then end itself', async () => {
    const place = newQueue()
    const worker = await work(place, { interrupts: false })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 300 }))
    await hasLine(file, 'begin a')
    await worker.kill('SIGTERM')
    expect(worker.child.exitCode).toBe(143)
    expect(summary(await endOf(fiber))).toEqual(success('a'))
  })
})
