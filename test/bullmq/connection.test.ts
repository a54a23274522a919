/** Redis in production: failover, silence, a slow start, a wrong password, no memory, Sentinels, a cluster. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Exit, runTask, Task } from 'aio-ts'
import { ClusterExecutor, type ConnectionEvent, serveJobs } from 'aio-ts/bullmq'
import { isRight } from 'fp-ts/lib/Either.js'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defectOf, failure, Interrupt, success, summary } from '../support/exits.js'
import { endOf, failureFrom, interrupt, run, start, valueFrom } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import { RedisProxy } from './proxy.js'
import {
  call,
  closeAll,
  hasLine,
  linesOf,
  newFile,
  pause,
  RedisServer,
  type RedisSettings,
  serve,
  until,
  work
} from './support.js'

let stops: Array<() => Promise<unknown>> = []
afterEach(async () => {
  await closeAll()
  for (const stop of stops.reverse()) await stop()
  stops = []
})

const redisServer = async (settings: RedisSettings = {}): Promise<RedisServer> => {
  const redis = await RedisServer.make(settings)
  stops.push(() => redis.stop())
  return redis
}

const proxyTo = async (redis: RedisServer): Promise<RedisProxy> => {
  const proxy = await RedisProxy.make(redis.port)
  stops.push(() => proxy.stop())
  return proxy
}

const ask = async (port: number, command: string, ...words: ReadonlyArray<string>): Promise<unknown> => {
  const redis = new Redis(port)
  try {
    return await redis.call(command, ...words)
  } finally {
    redis.disconnect()
  }
}

const replicaOf = async (primary: RedisServer): Promise<RedisServer> => {
  const replica = await redisServer({ replicaof: `127.0.0.1 ${primary.port}` })
  await until(async () => String(await ask(replica.port, 'info', 'replication')).includes('link_status:up'))
  return replica
}

/** Until the replicas of that server have all that it has written. */
const replicated = async (primary: RedisServer): Promise<void> => {
  const redis = new Redis(primary.port)
  await redis.set('written', 'last')
  await redis.wait(1, 0)
  redis.disconnect()
}

/** What was told to `onConnection`. */
const listening = () => {
  const events: Array<ConnectionEvent> = []
  return { events, onConnection: (event: ConnectionEvent) => void events.push(event) }
}

const hasError = (events: ReadonlyArray<ConnectionEvent>, words: string): boolean =>
  events.some(({ error }) => error?.message.includes(words) === true)

const rightOrUndefined = <A>(exit: Exit.Exit<unknown, A>): A | undefined =>
  isRight(exit) ? exit.right : undefined

describe('a failover', () => {
  it('with the old primary as a replica connects to the new one (bullmq#648)', async () => {
    const primary = await redisServer()
    const replica = await replicaOf(primary)
    const proxy = await proxyTo(primary)
    const place = { connection: proxy.url, queue: 'q' }
    const [caller, worker] = [listening(), listening()]
    await serve(place, { concurrency: 2, onConnection: worker.onConnection })
    const executor = await call(place, { onConnection: caller.onConnection })
    const file = newFile()
    const running = start(executor.call('slow', { file, name: 'a', ms: 1000 }))
    await hasLine(file, 'begin a')
    await replicated(primary)
    await ask(replica.port, 'replicaof', 'no', 'one')
    await ask(primary.port, 'replicaof', '127.0.0.1', String(replica.port))
    const added = start(executor.call('add', [1, 2]))
    // The name still leads to the old one for a while.
    await until(() => hasError(caller.events, 'READONLY'))
    proxy.redirect(replica.port)
    expect(summary(await endOf(added))).toEqual(success(3))
    expect(summary(await endOf(running))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
    for (const { events } of [caller, worker]) {
      expect(events[0]).toEqual({ state: 'connected', error: undefined })
      await until(() => events.at(-1)?.state === 'connected')
      expect(events.some(({ state }) => state === 'disconnected')).toBe(true)
    }
  })

  it('to a replica that is still empty loses no job', async () => {
    const primary = await redisServer()
    // It cannot reach the primary that it is to copy.
    const empty = await redisServer({ replicaof: '127.0.0.1 1' })
    const proxy = await proxyTo(primary)
    const { events, onConnection } = listening()
    const executor = await call({ connection: proxy.url, queue: 'q' }, { lookEveryMs: 50, onConnection })
    const fibers = [1, 2].map((n) => start(executor.call('add', [n, 1])))
    await until(async () => (await ask(primary.port, 'llen', 'bull:q:wait')) === 2)
    proxy.redirect(empty.port)
    proxy.cut()
    await until(() => hasError(events, 'the server is a replica'))
    const given = start(Task.timeout(1)(executor.call('add', [3, 1])))
    await pause(500)
    proxy.redirect(primary.port)
    await serve({ connection: primary.url, queue: 'q' })
    for (const [at, fiber] of fibers.entries()) {
      expect(summary(await endOf(fiber))).toEqual(success(at + 2))
    }
    // It ends: interrupted, or with its value where the worker was faster than its interruption.
    expect([undefined, 4]).toContain(rightOrUndefined(await endOf(given)))
  })

  it('by Sentinels works with the options of ioredis for them', async () => {
    const primary = await redisServer()
    await replicaOf(primary)
    const sentinel = await RedisServer.sentinel(primary.port)
    stops.push(() => sentinel.stop())
    const connection = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' }
    const place = { connection, queue: 'q' }
    await serve(place)
    const executor = await call(place)
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    await primary.kill()
    expect(await valueFrom(executor.call('add', [2, 2]))).toBe(4)
  })
})

it('a Redis Cluster keeps a queue on one node', async () => {
  const redis = await redisServer({ 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' })
  await ask(redis.port, 'cluster', 'addslotsrange', '0', '16383')
  await until(async () => String(await ask(redis.port, 'cluster', 'info')).includes('cluster_state:ok'))
  const place = { connection: { nodes: [{ host: '127.0.0.1', port: redis.port }] }, queue: 'q' }
  const server = await serve(place)
  const executor = await call(place, { lookEveryMs: 100 })
  expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  const file = newFile()
  const fiber = start(executor.with({ jobId: 'x' }).call('slow', { file, name: 'a', ms: 60_000 }))
  await hasLine(file, 'begin a')
  await runTask(fiber.interrupt())
  expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
  expect(server.load).toMatchObject({ connected: true })
})

describe('a connection without any reply', () => {
  it('is detected by caller and worker, which reconnect (ioredis#139)', async () => {
    const redis = await redisServer()
    const proxy = await proxyTo(redis)
    const place = { connection: proxy.url, queue: 'q' }
    await serve(place, { concurrency: 2 })
    const executor = await call(place)
    const file = newFile()
    const running = start(executor.call('slow', { file, name: 'a', ms: 1000 }))
    await hasLine(file, 'begin a')
    proxy.goSilent()
    const began = performance.now()
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    expect(summary(await endOf(running))).toEqual(success('a'))
    expect(performance.now() - began).toBeLessThan(40_000)
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
  })

  it('is detected after `socketTimeout`, also without a call', async () => {
    const redis = await redisServer()
    const proxy = await proxyTo(redis)
    const connection = { url: proxy.url, socketTimeout: 400 }
    const [caller, worker] = [listening(), listening()]
    await serve({ connection, queue: 'q' }, { onConnection: worker.onConnection })
    const executor = await call({ connection, queue: 'q' }, { onConnection: caller.onConnection })
    proxy.goSilent()
    for (const { events } of [caller, worker]) {
      await until(() =>
        events
          .map(({ state }) => state)
          .join()
          .includes('connected,disconnected,connected')
      )
      expect(hasError(events, 'Socket timeout')).toBe(true)
    }
    // The worker listens again for jobs that are given up.
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    await interrupt(fiber)
    expect(linesOf(file)).toEqual(['begin a', 'interrupted a'])
  })
})

describe('the start of an executor', () => {
  it('waits up to `connectMs` for a Redis that starts later', async () => {
    const redis = await RedisServer.prepare()
    stops.push(() => redis.stop())
    const place = { connection: redis.url, queue: 'q' }
    const { events, onConnection } = listening()
    const served = work(place, { connectMs: 30_000 })
    const called = call(place, { connectMs: 30_000, onConnection })
    await until(() => hasError(events, 'ECONNREFUSED'))
    await redis.start()
    await served
    expect(await valueFrom((await called).call('add', [1, 2]))).toBe(3)
  })

  it('fails after `connectMs`, and not before, with the cause', async () => {
    for (const make of [serveJobs, ClusterExecutor.make<typeof jobs>]) {
      const began = performance.now()
      const place = { connection: 'redis://127.0.0.1:1', queue: 'q', connectMs: 700, jobs }
      const error = await failureFrom(
        make === serveJobs ? serveJobs(jobs, place) : ClusterExecutor.make<typeof jobs>(place)
      )
      expect(performance.now() - began).toBeGreaterThanOrEqual(690)
      expect(error).toMatchObject({ _tag: 'ExecutorError', problem: 'Unreachable' })
      expect(error.message).toBe(
        'Redis at 127.0.0.1:1 does not answer within 700 ms: connect ECONNREFUSED 127.0.0.1:1'
      )
    }
  })

  it('waits for a Redis that is loading its data', async () => {
    const redis = await redisServer({ appendonly: 'no' })
    const keys = Array.from({ length: 300 }, (_, n) => [`key${n}`, 'x'.repeat(2000)])
    await ask(redis.port, 'mset', ...keys.flat())
    await ask(redis.port, 'save')
    await redis.kill('SIGTERM')
    // Ten milliseconds a key, and a look at its connections in between.
    const slowly = { 'key-load-delay': 10_000, 'loading-process-events-interval-bytes': 1024 }
    await redis.start(slowly, 'Loading RDB')
    const place = { connection: redis.url, queue: 'q' }
    const error = await failureFrom(ClusterExecutor.make<typeof jobs>({ ...place, jobs, connectMs: 300 }))
    expect(error.message).toContain('within 300 ms: it takes connections, but may still be loading its data')
    await serve(place, { connectMs: 30_000 })
    const executor = await call(place, { connectMs: 30_000 })
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
  })

  it('fails at once with a wrong password, none, or a missing database', async () => {
    const redis = await redisServer({ requirepass: 'secret' })
    const errors = await Promise.all(
      [
        `redis://:wrong@127.0.0.1:${redis.port}`,
        redis.url,
        `redis://:secret@127.0.0.1:${redis.port}/999`
      ].map((connection) => failureFrom<any>(serveJobs(jobs, { connection, queue: 'q', connectMs: 600_000 })))
    )
    for (const error of errors.slice(0, 2)) {
      expect(error.problem).toBe('Unreachable')
      expect(error.message).toContain(
        `Redis at 127.0.0.1:${redis.port} does not accept the username and password of the connection: `
      )
    }
    expect(errors[2].message).toContain('has no database of the number of the connection')
    // Neither in words nor anywhere in what it carries.
    for (const error of errors) {
      expect(JSON.stringify([error, error.cause, Object.getOwnPropertyNames(error.cause)])).not.toMatch(
        /wrong"|secret/
      )
      expect(error.cause.command).toBeUndefined()
    }
  })

  it('fails at once with an untrusted certificate, and connects with its authority', async () => {
    const at = (name: string) => fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url))
    const redis = await RedisServer.prepare()
    stops.push(() => redis.stop())
    await redis.start({
      port: 0,
      'tls-port': redis.port,
      'tls-cert-file': at('certificate.pem'),
      'tls-key-file': at('key.pem'),
      'tls-auth-clients': 'no'
    })
    const connection = `rediss://127.0.0.1:${redis.port}`
    const error = await failureFrom(serveJobs(jobs, { connection, queue: 'q', connectMs: 600_000 }))
    expect(error.problem).toBe('Unreachable')
    expect(error.message).toContain(
      `the certificate of Redis at 127.0.0.1:${redis.port} is not trusted: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)`
    )
    const place = {
      connection: { url: connection, tls: { ca: readFileSync(at('certificate.pem')) } },
      queue: 'q'
    }
    await serve(place)
    expect(await valueFrom((await call(place)).call('add', [1, 2]))).toBe(3)
  })

  it('can be interrupted, and leaves no connection', async () => {
    const proxy = await RedisProxy.make(1)
    stops.push(() => proxy.stop())
    const tasks: ReadonlyArray<Task.Task<unknown, unknown>> = [
      serveJobs(jobs, { connection: proxy.url, queue: 'q', connectMs: 600_000 }),
      ClusterExecutor.make<typeof jobs>({ connection: proxy.url, queue: 'q', connectMs: 600_000, jobs })
    ]
    for (const task of tasks) {
      const before = proxy.connections
      const fiber = start(task)
      await until(() => proxy.connections > before + 1)
      expect(summary(await interrupt(fiber))).toMatchObject(failure(Interrupt))
      const after = proxy.connections
      await pause(300)
      expect(proxy.connections).toBe(after)
    }
  })

  it.each([
    ['no connection', { connection: 5 }, 'expected a connection, got 5'],
    ['a cluster without nodes', { connection: { nodes: [] } }, 'expected a list of nodes of a Redis Cluster'],
    [
      'a prefix on a cluster that spreads the keys',
      { connection: { nodes: [{ host: 'a' }] }, prefix: 'own' },
      "the prefix needs a part in braces, as '{bull}'"
    ],
    ['an empty prefix', { prefix: '' }, 'expected a prefix that is not empty'],
    [
      'a time that no timer can wait for',
      { connection: { socketTimeout: Number.POSITIVE_INFINITY } },
      'socketTimeout: expected more than 0'
    ],
    ['a handler that is none', { onConnection: 5 }, 'onConnection to be a function'],
    [
      'a URL of something else',
      { connection: { url: 'http://:secret@x' } },
      'expected connection to be the URL of a Redis'
    ]
  ])('with %s is a defect that says so', async (_, options, words) => {
    const place = { connection: 'redis://127.0.0.1:1', queue: 'q', ...options }
    const tasks: ReadonlyArray<Task.Task<unknown, unknown>> = [
      serveJobs(jobs, place as any),
      ClusterExecutor.make<any>({ ...place, jobs } as any)
    ]
    for (const task of tasks) {
      const exit: any = await run(task)
      const { message } = defectOf(exit) as Error
      expect(message).toContain(words)
      expect(message).not.toContain('secret')
    }
  })

  it('at a replica fails with a message that says so', async () => {
    const primary = await redisServer()
    const replica = await replicaOf(primary)
    const place = { connection: replica.url, queue: 'q', connectMs: 1500 }
    const error = await failureFrom(serveJobs(jobs, place))
    expect(error.message).toContain('has been a read-only replica for 1500 ms')
  })
})

describe('an executor that runs', () => {
  it('ends sent calls after a change of the password, and continues once it is right again', async () => {
    const redis = await redisServer()
    const place = { connection: redis.url, queue: 'q' }
    const [caller, worker] = [listening(), listening()]
    await serve(place, { onConnection: worker.onConnection, lockMs: 500 })
    const executor = await call(place, { onConnection: caller.onConnection })
    const file = newFile()
    const running = start(executor.call('slowAtFirst', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    const admin = new Redis(redis.port)
    await admin.config('SET', 'requirepass', 'new')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await until(() => hasError(caller.events, 'NOAUTH') && hasError(worker.events, 'NOAUTH'))
    const refused = await failureFrom(executor.call('add', [1, 2]))
    expect(refused).toMatchObject({ _tag: 'ExecutorError', problem: 'Unreachable' })
    expect(refused.message).toContain('NOAUTH')
    await hasLine(file, 'interrupted a')
    await admin.config('SET', 'requirepass', '')
    admin.disconnect()
    await until(() => executor.load.connected)
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    expect(summary(await endOf(running))).toEqual(success('a'))
  })

  it('recovers events that were trimmed before they were read', async () => {
    const redis = await redisServer()
    const proxy = await proxyTo(redis)
    const executor = await call({ connection: proxy.url, queue: 'q' }, { lookEveryMs: 600_000 })
    const fibers = [1, 2].map((n) => start(executor.call('add', [n, 1])))
    await until(async () => (await ask(redis.port, 'llen', 'bull:q:wait')) === 2)
    proxy.redirect(1)
    proxy.cut()
    await until(() => !executor.load.connected)
    await serve({ connection: redis.url, queue: 'q' })
    await until(async () => (await ask(redis.port, 'zcard', 'bull:q:completed')) === 2)
    await ask(redis.port, 'xtrim', 'bull:q:events', 'maxlen', '0')
    proxy.redirect(redis.port)
    for (const [at, fiber] of fibers.entries()) expect(summary(await endOf(fiber))).toEqual(success(at + 2))
  })

  it('retries to subscribe', async () => {
    const redis = await redisServer()
    const place = { connection: redis.url, queue: 'q' }
    await serve(place)
    const executor = await call(place, { lookEveryMs: 600_000 })
    await ask(redis.port, 'acl', 'setuser', 'default', '-xrevrange')
    await ask(redis.port, 'xadd', 'bull:q:events', '*', 'event', 'completed', 'returnvalue', '{')
    const denied = async () =>
      /xrevrange:calls=0|rejected_calls=[1-9]/.test(String(await ask(redis.port, 'info', 'commandstats')))
    await until(denied)
    await ask(redis.port, 'acl', 'setuser', 'default', '+xrevrange')
    let answered = 0
    // The first may be sent before it listens.
    while (answered === 0) {
      start(Task.map(() => answered++)(executor.call('add', [1, 2])))
      await pause(50)
    }
  })

  it('reports a throw of `onConnection`, and continues', async () => {
    const redis = await redisServer()
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    const onConnection = () => {
      throw new Error('of the handler')
    }
    const place = { connection: redis.url, queue: 'q' }
    await serve(place, { onConnection })
    const executor = await call(place, { onConnection })
    expect(await valueFrom(executor.call('add', [1, 2]))).toBe(3)
    expect(String(printed.mock.calls)).toContain('of the handler')
    printed.mockRestore()
  })
})

describe('a Redis that is out of memory', () => {
  it('refuses new calls at once, and lets waiting and running jobs end', async () => {
    const redis = await redisServer({ 'maxmemory-policy': 'noeviction' })
    const place = { connection: redis.url, queue: 'q' }
    const worker = listening()
    const executor = await call(place)
    const file = newFile()
    await serve(place, { lockMs: 1000, onConnection: worker.onConnection })
    const running = start(executor.call('slow', { file, name: 'a', ms: 3000 }))
    await hasLine(file, 'begin a')
    const waiting = start(executor.call('add', [1, 2]))
    await until(() => executor.load.waiting === 1)
    await ask(redis.port, 'config', 'set', 'maxmemory', '1')
    const refused = await failureFrom(executor.call('add', [2, 2]))
    expect(refused).toMatchObject({ _tag: 'ExecutorError', problem: 'Full' })
    expect(refused.message).toContain('Redis has no memory left for the job add')
    expect(summary(await endOf(running))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
    expect(summary(await endOf(waiting))).toEqual(success(3))
    await ask(redis.port, 'config', 'set', 'maxmemory', '0')
    expect(await valueFrom(executor.call('add', [2, 2]))).toBe(4)
  })

  it('is polled once a second, and returns jobs when it has memory again (bullmq#3834)', async () => {
    const redis = await redisServer({ 'maxmemory-policy': 'noeviction' })
    const place = { connection: redis.url, queue: 'q' }
    const { events, onConnection } = listening()
    const executor = await call(place)
    const waiting = start(executor.call('add', [1, 2]))
    await until(async () => (await ask(redis.port, 'llen', 'bull:q:wait')) === 1)
    await ask(redis.port, 'config', 'set', 'maxmemory', '1')
    await serve(place, { onConnection })
    const commands = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(String(await ask(redis.port, 'info', 'stats')))?.[1])
    const before = await commands()
    await pause(2000)
    expect((await commands()) - before).toBeLessThan(200)
    const errors = events.flatMap(({ error }) => error ?? [])
    for (const { message } of errors) expect(message).toContain('OOM command not allowed')
    // At the start, and once more in ten seconds.
    expect([1, 2]).toContain(errors.length)
    await ask(redis.port, 'config', 'set', 'maxmemory', '0')
    expect(summary(await endOf(waiting))).toEqual(success(3))
  })
})
