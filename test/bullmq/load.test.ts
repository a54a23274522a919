/** What an executor and a server leave in Redis, request from it, and report of their load. */
import { runTask, Schedule } from 'aio-ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { success, summary } from '../support/exits.js'
import { endOf, interrupt, start, valueFrom } from '../support/real-runs.js'
import {
  call,
  hasLine,
  linesOf,
  newFile,
  newQueue,
  pause,
  RedisServer,
  serve,
  theRedis,
  until,
  work
} from './support.js'

let redis: Redis
beforeEach(() => {
  redis = new Redis(theRedis().port)
})
afterEach(() => {
  redis.disconnect()
})

const megabytes = async (): Promise<number> =>
  Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / 1e6

describe('the keys that remain in Redis', () => {
  it('are none for answered calls without a `jobId`', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 8 })
    const executor = await call(place)
    const before = await megabytes()
    const text = 'x'.repeat(100_000)
    for (let round = 0; round < 5; round++) {
      const fibers = Array.from({ length: 20 }, () => start(executor.call('same', text)))
      for (const fiber of fibers) expect(summary(await endOf(fiber))).toEqual(success(text))
    }
    await runTask(executor.asyncClose())
    const keys = await redis.keys(`bull:${place.queue}:*`)
    expect(keys.filter((key) => /[0-9a-f]{8}-/.test(key))).toEqual([])
    expect(await redis.zcard(`bull:${place.queue}:completed`)).toBe(0)
    // 100 calls with 100 kB each way, and an event with it, would be 30.
    expect((await megabytes()) - before).toBeLessThan(5)
  })

  it('are none for calls that were interrupted, or whose result was polled', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 4 })
    const executor = await call(place, { lookEveryMs: 50 })
    const file = newFile()
    const running = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    await interrupt(running)
    // Deaf from now on.
    await (executor as any).parts.events.close()
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    await runTask(executor.asyncClose())
    expect(await redis.zcard(`bull:${place.queue}:completed`)).toBe(0)
  })

  it('are the results of calls with a jobId for `keepMs`, whichever jobs end meanwhile', async () => {
    const place = newQueue()
    await serve(place)
    const executor = await call(place)
    const file = newFile()
    const named = executor.with({ jobId: 'kept' }).call('slow', { file, name: 'a', ms: 1 })
    expect(await valueFrom(named)).toBe('a')
    // It ended 50 minutes ago.
    await redis.zadd(`bull:${place.queue}:completed`, Date.now() - 3_000_000, 'id-kept')
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    expect(await valueFrom(named)).toBe('a')
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
  })
})

describe('the requests of waiting calls to Redis', () => {
  it('do not grow with the queue, and become less frequent (bullmq#3764)', async () => {
    const place = newQueue()
    const executor = await call(place, { lookEveryMs: 100 })
    const calls = 1500
    const fibers = Array.from({ length: calls }, (_, n) => start(executor.call('add', [n, 1])))
    await until(async () => (await redis.llen(`bull:${place.queue}:wait`)) === calls)
    await redis.config('RESETSTAT')
    await pause(2000)
    const stats = await redis.info('commandstats')
    const count = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    expect(count('lpos') + count('evalsha') + count('eval')).toBe(0)
    // Each at 100, 300, 700 and 1,500 ms, up to 500 by three commands.
    expect(count('zmscore')).toBeGreaterThan(0)
    expect(count('zmscore') + count('exists')).toBeLessThanOrEqual(90)
    await serve(place, { concurrency: 50 })
    for (const [n, fiber] of fibers.entries()) expect(summary(await endOf(fiber))).toEqual(success(n + 1))
  })
})

describe('the reported load', () => {
  it('counts the calls of an executor and the jobs of a server, waiting and running ones', async () => {
    const place = newQueue()
    const [executor, other] = [await call(place), await call(place)]
    const server = await serve(place, { concurrency: 2 })
    const file = newFile()
    const fibers = ['a', 'b', 'c'].map((name) => start(executor.call('slow', { file, name, ms: 60_000 })))
    fibers.push(start(other.call('slow', { file, name: 'd', ms: 60_000 })))
    await until(() => linesOf(file).length === 2)
    await until(() => executor.load.running + other.load.running === 2)
    expect(executor.load).toMatchObject({
      calls: 3,
      running: 2,
      waiting: 1,
      retried: 0,
      stalled: 0,
      connected: true
    })
    expect(other.load).toMatchObject({ calls: 1, running: 0, waiting: 1 })
    expect(server.load).toMatchObject({ calls: 2, running: 2, retried: 0, stalled: 0, connected: true })
    await until(() => executor.load.depth === 4 && other.load.depth === 4 && server.load.depth === 4)
    expect(server.load.waiting).toBe(2)
    for (const fiber of fibers) await interrupt(fiber)
    expect(executor.load).toMatchObject({ calls: 0, running: 0, waiting: 0 })
    expect(server.load).toMatchObject({ calls: 0, running: 0 })
  })

  it('counts jobs that start again: given back, by `retry`, and after a worker that died', async () => {
    const place = newQueue()
    const executor = await call(place)
    const first = await serve(place)
    const file = newFile()
    const givenBack = start(executor.call('slow', { file, name: 'a', ms: 200 }))
    await hasLine(file, 'begin a')
    await runTask(first.asyncClose())
    await until(() => executor.load.waiting === 1)
    const second = await serve(place, { retry: Schedule.recurs(3) })
    await endOf(givenBack)
    expect(executor.load.retried).toBe(1)
    expect(second.load.retried).toBe(1)
    expect(await valueFrom(executor.call('flaky', { file: newFile(), name: 'x', ms: 2 }))).toBe(3)
    expect(second.load.retried).toBe(3)
    await runTask(second.asyncClose())

    const dying = await work(place, { lockMs: 400 })
    const other = newFile()
    const stalled = start(executor.call('slowAtFirst', { file: other, name: 'b', ms: 60_000 }))
    await hasLine(other, 'begin b')
    await dying.kill()
    const third = await serve(place, { lockMs: 400 })
    await endOf(stalled)
    expect(executor.load).toMatchObject({ retried: 2, stalled: 1 })
    expect(third.load).toMatchObject({ retried: 1, stalled: 1 })
  })

  it('shows lost connections, and no outdated depth', async () => {
    const own = await RedisServer.make()
    try {
      const place = { connection: own.url, queue: 'q' }
      const [executor, server] = [await call(place), await serve(place)]
      for (const { load } of [executor, server]) expect(load).toMatchObject({ connected: true, depth: 0 })
      await own.kill()
      await until(() => !executor.load.connected && !server.load.connected)
      await until(() => executor.load.depth === undefined && server.load.depth === undefined)
      await own.start()
      await until(() => executor.load.connected && server.load.connected)
      await runTask(executor.asyncClose())
      await runTask(server.asyncClose())
    } finally {
      await own.stop()
    }
  })
})
