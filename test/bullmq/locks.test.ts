/** Workers that lose their locks: disconnected, stopped, or replaced. */
import { runTask } from 'aio-ts'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
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

const withRedis = async <A>(use: (redis: Redis) => Promise<A>): Promise<A> => {
  const redis = new Redis(theRedis().port)
  try {
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}

/** Until no job of the queue is locked. */
const isUnlocked = (queue: string): Promise<void> =>
  withRedis((redis) => until(async () => (await redis.keys(`bull:${queue}:*:lock`)).length === 0))

describe('a worker whose lock was lost', () => {
  it('by a stop: the obsolete job is interrupted, and the worker drains (bullmq#596)', async () => {
    const place = newQueue()
    const worker = await work(place, { lockMs: 400, interrupts: false })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    worker.child.kill('SIGSTOP')
    await isUnlocked(place.queue)
    await interrupt(fiber)
    worker.child.kill('SIGCONT')
    await hasLine(file, 'interrupted a')
    await worker.kill('SIGTERM')
    expect(worker.child.exitCode).toBe(143)
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
  })

  it('by a stop: the job is interrupted, and runs again from its start', async () => {
    const place = newQueue()
    const worker = await work(place, { lockMs: 400 })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slowAtFirst', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    worker.child.kill('SIGSTOP')
    await isUnlocked(place.queue)
    worker.child.kill('SIGCONT')
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a', 'begin a', 'end a'])
  })

  it('to another worker: that one keeps its own lock (bullmq#3183)', async () => {
    const place = newQueue()
    const server = await serve(place, { lockMs: 1500, concurrency: 2 })
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.with({ jobId: 'mine' }).call('slowerAgain', { file, name: 'a', ms: 700 }))
    await hasLine(file, 'begin a')
    await withRedis(async (redis) => {
      const key = `bull:${place.queue}`
      await redis.lrem(`${key}:active`, 1, 'id-mine')
      await redis.del(`${key}:id-mine:lock`)
      await redis.lpush(`${key}:wait`, 'id-mine')
      await redis.zadd(`${key}:marker`, 0, '0')
    })
    // The first run ends, as a promise cannot be stopped; the second one keeps its lock until it ends as well.
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    await runTask(server.asyncClose({ interrupt: false }))
    expect(linesOf(file)).toEqual(['begin a', 'begin a', 'end a', 'end a'])
  })

  it('by an outage of Redis: the job is interrupted, and runs again', async () => {
    const redis = await RedisServer.make()
    try {
      const place = { connection: redis.url, queue: 'q' }
      const server = await serve(place, { lockMs: 500 })
      const executor = await call(place)
      const file = newFile()
      const fiber = start(executor.call('slowAtFirst', { file, name: 'a', ms: 60_000 }))
      await hasLine(file, 'begin a')
      await redis.kill()
      // Also while it is away: whoever reaches Redis may have the job by now.
      await hasLine(file, 'interrupted a')
      await redis.start()
      expect(summary(await endOf(fiber))).toEqual(success('a'))
      await runTask(server.asyncClose({ interrupt: false }))
      await runTask(executor.asyncClose())
    } finally {
      await redis.stop()
    }
  })

  it('has no busy slot after an outage', async () => {
    const redis = await RedisServer.make()
    try {
      const place = { connection: redis.url, queue: 'q' }
      const server = await serve(place, { lockMs: 1000, concurrency: 24 })
      const executor = await call(place)
      const file = newFile()
      const fibers = Array.from({ length: 48 }, (_, n) =>
        start(executor.call('slow', { file, name: String(n), ms: 60_000 }))
      )
      await until(() => linesOf(file).length === 24)
      await redis.kill()
      await pause(1200)
      await redis.start()
      await Promise.all(fibers.map(interrupt))
      expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
      await until(() => server.load.running === 0)
      await runTask(server.asyncClose({ interrupt: false }))
      await runTask(executor.asyncClose())
    } finally {
      await redis.stop()
    }
  })
})
