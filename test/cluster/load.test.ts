/** What an executor leaves in Redis, and asks of it. */
import { runTask } from 'aio-ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  endOf,
  hasLine,
  interrupt,
  linesOf,
  newFile,
  newQueue,
  serve,
  start,
  theRedis,
  until,
  valueFrom
} from './support.js'

let redis: Redis
beforeEach(() => {
  redis = new Redis(theRedis().port)
})
afterEach(() => {
  redis.disconnect()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const megabytes = async (): Promise<number> =>
  Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / 1e6

describe('what stays in Redis', () => {
  it('of calls without a `jobId` nothing, once they are answered', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 8 })
    const executor = await call(place)
    const before = await megabytes()
    const text = 'x'.repeat(100_000)
    for (let round = 0; round < 5; round++) {
      const fibers = Array.from({ length: 20 }, () => start(executor.call('same', text)))
      for (const fiber of fibers) expect(await endOf(fiber)).toEqual({ _tag: 'Right', right: text })
    }
    await runTask(executor.asyncClose())
    const keys = await redis.keys(`bull:${place.queue}:*`)
    expect(keys.filter((key) => /[0-9a-f]{8}-/.test(key))).toEqual([])
    expect(await redis.zcard(`bull:${place.queue}:completed`)).toBe(0)
    // 100 calls with 100 kB each way, and an event with it, would be 30.
    expect((await megabytes()) - before).toBeLessThan(5)
  })

  it('also of those that were interrupted, or looked up', async () => {
    const place = newQueue()
    await serve(place, { concurrency: 4 })
    const executor = await call(place, { lookEveryMs: 50 })
    const file = newFile()
    const running = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    await interrupt(running)
    // Deaf from now on.
    await (executor as any).parts.endings.close()
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    await runTask(executor.asyncClose())
    expect(await redis.zcard(`bull:${place.queue}:completed`)).toBe(0)
  })

  it('of calls with one, their end for `keepMs`, whatever else ends meanwhile', async () => {
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

describe('what waiting calls ask of Redis', () => {
  it('does not grow with the queue, and less from time to time (bullmq#3764)', async () => {
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
    for (const [n, fiber] of fibers.entries())
      expect(await endOf(fiber)).toEqual({ _tag: 'Right', right: n + 1 })
  })
})
