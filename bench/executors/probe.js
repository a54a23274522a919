/**
 * Small jobs by an executor, and by what it is built on, in one process and in turns: `threads` against raw piscina, `cluster` against
 * raw BullMQ on a Redis that is started for it. Prints JSON.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTask, Task } from 'aio-ts'
import { ClusterExecutor, serveJobs } from 'aio-ts/bullmq'
import { job } from 'aio-ts/executor'
import { Executor } from 'aio-ts/node'
import * as t from 'io-ts'
import { median } from '../statistics.js'

const [part, size] = process.argv.slice(2)
const isQuick = size === 'quick'

/** @typedef {(count: number) => Promise<unknown>} Way */

const inFlight = 64

/**
 * Microseconds a job, ours and raw, in turns; the ratio is the median of those that stood side by side.
 *
 * @param {string} name
 * @param {number} count
 * @param {Way} ours
 * @param {Way} raw
 */
const compare = async (name, count, ours, raw) => {
  const many = isQuick ? Math.ceil(count / 50) : count
  const rounds = isQuick ? 1 : 3
  /** @param {Way} way */
  const time = async (way) => {
    const begun = performance.now()
    await way(many)
    return ((performance.now() - begun) * 1000) / many
  }
  // In turns as well. Before some 2,000 calls V8 has not compiled all of ours, and there is more code of ours than of the packages below it.
  for (let warmUp = 0; warmUp < (isQuick ? 1 : 6); warmUp++) {
    await ours(many)
    await raw(many)
  }
  /** @type {Array<readonly [number, number]>} */
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await time(ours)
      pairs.push([first, await time(raw)])
    } else {
      const first = await time(raw)
      pairs.push([await time(ours), first])
    }
  }
  return {
    name,
    ours: median(pairs.map(([us]) => us)),
    raw: median(pairs.map(([, us]) => us)),
    ratio: median(pairs.map(([us, other]) => us / other))
  }
}

/**
 * @template E, A
 * @param {import('aio-ts/Task').Task<E, A>} task
 * @returns {Promise<A>}
 */
const value = async (task) => {
  const result = await runTask(task)
  if (result._tag === 'Left') throw result.left
  return result.right
}

/**
 * One after the other, and many at once: as a program of Tasks does it, and as one of promises.
 *
 * @param {(n: number) => import('aio-ts/Task').Task<any, unknown>} call
 * @param {(n: number) => Promise<unknown>} run
 */
const ways = (call, run) => ({
  /** @type {Way} */
  oursInTurn: (count) =>
    value(
      Task.gen(function* () {
        for (let n = 0; n < count; n++) yield* call(n)
      })
    ),
  /** @type {Way} */
  rawInTurn: async (count) => {
    for (let n = 0; n < count; n++) await run(n)
  },
  /** @type {Way} */
  oursAtOnce: (count) =>
    value(Task.forEach(call, { concurrency: inFlight })(Array.from({ length: count }, (_, n) => n))),
  /** @type {Way} */
  rawAtOnce: async (count) => {
    let next = 0
    const worker = async () => {
      while (next < count) await run(next++)
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
  }
})

const threads = async () => {
  const { Piscina } = await import('piscina')
  const module = new URL('./jobs.js', import.meta.url)
  const executor = await value(Executor.make(module, { size: 2 }))
  const calls = /** @type {import('aio-ts/executor').Calls<typeof import('./jobs.js')>} */ (executor)
  const pool = new Piscina({ filename: module.href, name: 'same', minThreads: 2, maxThreads: 2 })
  const { oursInTurn, rawInTurn, oursAtOnce, rawAtOnce } = ways(
    (n) => calls.call('same', n),
    (n) => pool.run(n)
  )
  const bytes = 10_000_000
  /** @param {boolean} isMoved @returns {Way} */
  const sends = (isMoved) => (count) =>
    value(
      Task.gen(function* () {
        for (let n = 0; n < count; n++) {
          const buffer = new ArrayBuffer(bytes)
          const by = isMoved ? executor.with({ transfer: [buffer] }) : executor
          yield* /** @type {typeof calls} */ (by).call('lengthOf', buffer)
          if ((buffer.byteLength === 0) !== isMoved)
            throw new Error('it was copied, and not moved, or the other way round')
        }
      })
    )
  const rows = [
    await compare('threads, one after the other', 3000, oursInTurn, rawInTurn),
    await compare(`threads, ${inFlight} at once`, 3000, oursAtOnce, rawAtOnce),
    { ...(await compare('10 MB moved, against copied', 50, sends(true), sends(false))), isAgainstCopy: true }
  ]
  await pool.destroy()
  await value(executor.asyncClose())
  return rows
}

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const port = Number(Object(server.address()).port)
      server.close(() => resolve(port))
    })
  })

const cluster = async () => {
  const { Queue, QueueEvents, Worker } = await import('bullmq')
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'aio-ts-bench-'))
  const redis = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' }
  )
  try {
    const connection = { host: '127.0.0.1', port }
    const jobs = { same: job({ input: t.number, output: t.number }, (n) => n) }
    const server = await value(serveJobs(jobs, { connection, queue: 'ours', concurrency: inFlight }))
    const executor = await value(ClusterExecutor.make({ connection, queue: 'ours', jobs }))
    const calls = /** @type {import('aio-ts/executor').Calls<typeof jobs>} */ (executor)
    const queue = new Queue('raw', { connection })
    const events = new QueueEvents('raw', { connection })
    const worker = new Worker('raw', async ({ data }) => data, { connection, concurrency: inFlight })
    await Promise.all([events.waitUntilReady(), worker.waitUntilReady()])
    const { oursInTurn, rawInTurn, oursAtOnce, rawAtOnce } = ways(
      (n) => calls.call('same', n),
      async (n) => (await queue.add('same', n)).waitUntilFinished(events)
    )
    const rows = [
      await compare('cluster, one after the other', 500, oursInTurn, rawInTurn),
      await compare(`cluster, ${inFlight} at once`, 2000, oursAtOnce, rawAtOnce)
    ]
    await value(executor.asyncClose())
    await value(server.asyncClose())
    await Promise.all([worker.close(), events.close(), queue.close()])
    return rows
  } finally {
    redis.kill()
    await new Promise((resolve) => redis.once('exit', resolve))
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log(JSON.stringify(await (part === 'cluster' ? cluster() : threads())))
