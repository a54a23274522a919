/**
 * A real Redis for each test file, on a free port of the loopback, and the processes that use it. All of it ends with the file, and
 * its folder goes with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTask } from 'aio-ts'
import {
  ClusterExecutor,
  type JobServer,
  type QueueOptions,
  type ServeOptions,
  serveJobs
} from 'aio-ts/bullmq'
import { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { rightOf } from '../support/exits.js'
import * as jobs from './fixtures/jobs.mjs'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

export type Jobs = typeof jobs

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject()))
    })
  })

const exited = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })

const says = (child: ChildProcess, words: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    const hear = (data: unknown) => {
      text += String(data)
      if (text.includes(words)) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`ended (${code ?? signal}) before it said "${words}":\n${text}`))
    )
  })

/** What a server says that answers who connects, and then never again: one whose machine has gone in that moment. */
const firstWords: Readonly<Record<string, string>> = {
  info: `$${'redis_version:7.0.0\r\nloading:0\r\n'.length}\r\nredis_version:7.0.0\r\nloading:0\r\n\r\n`,
  hello: "-ERR unknown command 'hello'\r\n",
  ping: '+PONG\r\n',
  client: '+OK\r\n',
  select: '+OK\r\n'
}

/** Such a server, and how many connections to it are open. */
export const startMute = async (): Promise<{
  readonly port: number
  readonly connections: () => Promise<number>
  readonly stop: () => Promise<void>
}> => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      for (const [, name = ''] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
        socket.write(firstWords[name.toLowerCase()] ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    stop: () => new Promise((resolve) => server.close(() => resolve()))
  }
}

/** What redis-server is started with, by the names of its configuration. */
export type RedisSettings = Readonly<Record<string, string | number>>

/** A Redis that forgets nothing: each write is on the disk before it is answered. */
export class RedisServer {
  private child: ChildProcess | undefined
  private constructor(
    readonly port: number,
    readonly folder: string,
    private readonly settings: RedisSettings
  ) {}

  /** A server that runs, with settings of its own beside ours. */
  static async make(settings: RedisSettings = {}): Promise<RedisServer> {
    const redis = await RedisServer.prepare(settings)
    await redis.start()
    return redis
  }

  /** One that has a port and a folder, and does not run yet. */
  static async prepare(settings: RedisSettings = {}): Promise<RedisServer> {
    return new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'aio-ts-redis-')), settings)
  }

  /** One that watches the primary on that port under the name `main`, and alone decides that it is dead. */
  static async sentinel(primary: number): Promise<RedisServer> {
    const sentinel = await RedisServer.prepare()
    const file = join(sentinel.folder, 'sentinel.conf')
    const lines = [
      `port ${sentinel.port}`,
      'bind 127.0.0.1',
      `dir ${sentinel.folder}`,
      `sentinel monitor main 127.0.0.1 ${primary} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 2000'
    ]
    writeFileSync(file, lines.join('\n'))
    sentinel.child = spawn('redis-server', [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'pipe'] })
    // Only once it has heard of the replica can it choose it.
    await says(sentinel.child, '+slave')
    return sentinel
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Until it says those words: that it serves, or what it does before. */
  async start(settings: RedisSettings = {}, words = 'Ready to accept connections'): Promise<void> {
    const options: RedisSettings = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.folder,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      // A primary that ends would wait for its replicas, and one that gets another would wait for more.
      'shutdown-timeout': 0,
      'repl-diskless-sync-delay': 0,
      ...this.settings,
      ...settings
    }
    const parts = Object.entries(options).flatMap(([name, value]) => [
      `--${name}`,
      ...String(value).split(' ')
    ])
    this.child = spawn('redis-server', parts, { stdio: ['ignore', 'pipe', 'pipe'] })
    await says(this.child, words)
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child === undefined) return
    this.child.kill(signal)
    await exited(this.child)
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A process of a test, which ends with it. */
export class Worker {
  readonly child: ChildProcess
  readonly ready: Promise<void>
  constructor(options: object, file = 'worker.mjs') {
    const path = fileURLToPath(new URL(`fixtures/${file}`, import.meta.url))
    this.child = spawn(process.execPath, [path, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.ready = says(this.child, 'ready')
    this.ready.catch(() => {})
  }
  says(words: string): Promise<void> {
    return says(this.child, words)
  }
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal)
    await exited(this.child)
  }
}

let redis: RedisServer
let queues = 0
let opened: Array<ClusterExecutor<any> | JobServer> = []
let workers: Array<Worker> = []

beforeAll(async () => {
  redis = await RedisServer.make()
})
afterAll(async () => {
  await redis.stop()
})
afterEach(() => closeAll())

/** What a test has opened, for one that ends its own Redis afterwards. */
export const closeAll = async (): Promise<void> => {
  await Promise.all(workers.map((worker) => worker.kill()))
  workers = []
  for (const resource of opened) resource.close()
  await Promise.all(opened.map((resource) => runTask(resource.waitClosed())))
  opened = []
}

export const theRedis = (): RedisServer => redis

/** A queue of its own for each test. */
export const newQueue = (): { readonly connection: string; readonly queue: string } => ({
  connection: redis.url,
  queue: `q${++queues}`
})

type Place = Pick<QueueOptions, 'connection' | 'queue'>

export const call = async (place: Place, options: object = {}): Promise<ClusterExecutor<Jobs>> => {
  const executor = rightOf(await runTask(ClusterExecutor.make<Jobs>({ jobs, ...place, ...options })))
  opened.push(executor)
  return executor
}

/** Serves in this very process. */
export const serve = async (place: Place, options: Partial<ServeOptions> = {}): Promise<JobServer> => {
  const server = rightOf(await runTask(serveJobs(jobs, { ...place, ...options })))
  opened.push(server)
  return server
}

const startWorker = (place: Place, options: object): Worker => {
  const worker = new Worker({ ...place, ...options })
  workers.push(worker)
  return worker
}

/** Serves in a process of its own. */
export const work = async (place: Place, options: object = {}): Promise<Worker> => {
  const worker = startWorker(place, options)
  await worker.ready
  return worker
}

/** Serves in a process of its own until that ends, which may be before it says that it is ready. */
export const workUntilItsEnd = (place: Place, options: object): Promise<void> =>
  exited(startWorker(place, options).child)

export const startCaller = (options: object): Worker => {
  const worker = new Worker(options, 'caller.mjs')
  workers.push(worker)
  return worker
}

/** A file that jobs write into. */
export const newFile = (): string => {
  const file = join(redis.folder, `notes-${++queues}`)
  writeFileSync(file, '')
  return file
}

export const linesOf = (file: string): ReadonlyArray<string> =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')

/** Until it holds. A test in which it never does ends by its own limit. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Until that line is in the file. A test whose line never comes ends by its own limit. */
export const hasLine = async (file: string, line: string): Promise<void> => {
  while (!linesOf(file).includes(line)) await new Promise((resolve) => setTimeout(resolve, 5))
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What BullMQ itself has to say of the queue. */
export const raw = async <A>(
  place: ReturnType<typeof newQueue>,
  use: (queue: Queue) => Promise<A>
): Promise<A> => {
  const queue = new Queue(place.queue, { connection: { port: theRedis().port } })
  try {
    return await use(queue)
  } finally {
    await queue.close()
  }
}
