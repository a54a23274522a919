/** Workers, callers and Redis that die during a call. */
import { type Clock, makeRuntime, runTask, Task } from 'aio-ts'
import { ClusterExecutor, serveJobs } from 'aio-ts/bullmq'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/testing/run/random.js'
import { Fail, failure, Interrupt, leftOf, rightOf, success, summary } from '../support/exits.js'
import { endOf, failureFrom, interrupt, start } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import {
  call,
  hasLine,
  linesOf,
  newFile,
  newQueue,
  pause,
  RedisServer,
  serve,
  startCaller,
  startMute,
  type Worker,
  work,
  workUntilItsEnd
} from './support.js'

const fast: Clock = {
  now: () => performance.now() * 100,
  setTimer: (ms, fire) => {
    const timer = setTimeout(fire, ms / 100)
    return () => clearTimeout(timer)
  }
}
const quick = { lockMs: 400 }

describe('a worker that dies', () => {
  it('has its job run again by another worker (kill -9)', async () => {
    const place = newQueue()
    const worker = await work(place, quick)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 800 }))
    await hasLine(file, 'begin a')
    await worker.kill()
    await work(place, quick)
    expect(summary(await endOf(fiber))).toEqual(success('a'))
    expect(linesOf(file)).toEqual(['begin a', 'begin a', 'end a'])
  })

  it('does not have a job run again that was given up meanwhile', async () => {
    const place = newQueue()
    const worker = await work(place, quick)
    const executor = await call(place)
    const file = newFile()
    const fiber = start(executor.call('slow', { file, name: 'a', ms: 60_000 }))
    await hasLine(file, 'begin a')
    await worker.kill()
    const ending = interrupt(fiber)
    await work(place, quick)
    leftOf(await ending)
    expect(linesOf(file)).toEqual(['begin a'])
  })

  it('in every attempt of a job has the job given up after `maxCrashes`', async () => {
    const place = newQueue()
    const options = { ...quick, maxCrashes: 1 }
    const executor = await call(place, { lookEveryMs: 500 })
    const file = newFile()
    const fiber = start(executor.call('kills', { file, name: 'x', ms: 0 }))
    await workUntilItsEnd(place, options)
    await workUntilItsEnd(place, options)
    await work(place, options)
    expect(summary(await endOf(fiber))).toMatchObject(failure(Fail({ problem: 'Crashed' })))
    expect(linesOf(file)).toEqual(['x', 'x'])
  })
})

describe('a caller that dies', () => {
  it('leaves its job running, and a call with the same id gets its result', async () => {
    const place = newQueue()
    await serve(place)
    const file = newFile()
    const input = { file, name: 'a', ms: 400 }
    const caller = startCaller({ options: place, name: 'slow', input, jobId: 'mine' })
    await hasLine(file, 'begin a')
    await caller.kill()
    const again = startCaller({ options: place, name: 'slow', input, jobId: 'mine' })
    await again.says('got "a"')
    expect(linesOf(file)).toEqual(['begin a', 'end a'])
  })
})

describe('Redis', () => {
  it('that is missing at the start is a typed error within seconds', async () => {
    const place = { connection: 'redis://127.0.0.1:1', queue: 'q', connectMs: 1000 }
    const began = performance.now()
    for (const task of [ClusterExecutor.make<typeof jobs>({ ...place, jobs }), serveJobs(jobs, place)]) {
      const error = await failureFrom(task)
      expect(error).toMatchObject({ _tag: 'ExecutorError', problem: 'Unreachable' })
      expect(error.message).toContain('127.0.0.1:1')
    }
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('that disconnects during the start is a typed error, and no connection is left', async () => {
    const mute = await startMute()
    try {
      const place = { connection: `redis://127.0.0.1:${mute.port}`, queue: 'q', connectMs: 300 }
      for (const task of [ClusterExecutor.make<typeof jobs>({ ...place, jobs }), serveJobs(jobs, place)]) {
        const error = await failureFrom(task)
        expect(error).toMatchObject({ _tag: 'ExecutorError', problem: 'Unreachable' })
        expect(error.message).toContain(`127.0.0.1:${mute.port} does not answer within 300 ms`)
        while ((await mute.connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
    } finally {
      await mute.stop()
    }
  })

  it('that has disconnected: an unsent call can be interrupted, and the executor closed', async () => {
    const redis = await RedisServer.make()
    try {
      const executor = await call({ connection: redis.url, queue: 'q' }, { jobs })
      await redis.kill()
      // Time is a hundred times as fast: what is waited for is ten seconds.
      const runtime = makeRuntime({ clock: fast, reporter: () => {} })
      const fibers = [executor, executor.with({ jobId: 'x' })].map((calls) =>
        runtime.runFork(calls.call('add', [1, 2]))
      )
      await pause(20)
      for (const exit of await Promise.all(fibers.map(interrupt)))
        expect(summary(exit)).toMatchObject(failure(Interrupt))
      await runtime.runTask(executor.asyncClose())
    } finally {
      await redis.stop()
    }
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'restarted under load (%s): no job is lost, and the program continues',
    async (signal) => {
      const redis = await RedisServer.make()
      try {
        const place = { connection: redis.url, queue: 'q' }
        const executor = await call(place, { jobs, lookEveryMs: 500 })
        await work(place, { concurrency: 4, lockMs: 1000 })
        await work(place, { concurrency: 4, lockMs: 1000 })
        const answers = new Map<number, number>()
        const one = (n: number) =>
          Task.map((sum: number) => void answers.set(n, (answers.get(n) ?? 0) + sum - n))(
            executor.call('add', [n, 1])
          )
        const all = start(Task.forEach(one, { concurrency: 50 })(Array.from({ length: 1000 }, (_, n) => n)))
        for (let round = 0; round < 2; round++) {
          while (answers.size < 200 + round * 300) await pause(5)
          await redis.kill(signal)
          await pause(100)
          await redis.start()
        }
        rightOf(await endOf(all))
        expect(answers.size).toBe(1000)
        expect(new Set(answers.values())).toEqual(new Set([1]))
        expect(await runTask(executor.call('add', [1, 2]))).toEqual(right(3))
      } finally {
        await redis.stop()
      }
    }
  )
})

describe('10,000 jobs over 4 worker processes that are killed at random', { timeout: 120_000 }, () => {
  it('each return one result to their caller', async () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    const next = randomFrom(seed, 0)
    const place = newQueue()
    const options = { ...quick, concurrency: 25, maxCrashes: 100 }
    const executor = await call(place, { lookEveryMs: 1000 })
    const workers: Array<Worker> = await Promise.all([1, 2, 3, 4].map(() => work(place, options)))
    const answers: Array<number> = Array.from({ length: 10_000 }, () => 0)
    let answered = 0
    const one = (n: number) =>
      Task.map((sum: number) => {
        answered++
        answers[n] = (answers[n] ?? 0) + (sum === n + 1 ? 1 : 1000)
      })(executor.call('add', [n, 1]))
    const all = start(Task.forEach(one, { concurrency: 500 })(answers.map((_, n) => n)))
    const starting: Array<Promise<void>> = []
    for (let kill = 1; kill <= 8; kill++) {
      while (answered < kill * 1000) await pause(2)
      const at = Math.floor(next() * workers.length)
      await workers[at]?.kill()
      starting.push(
        work(place, options).then((worker) => {
          workers[at] = worker
        })
      )
    }
    await Promise.all(starting)
    expect(isRight(await endOf(all)), `SEED=${seed}`).toBe(true)
    expect(
      answers.every((times) => times === 1),
      `SEED=${seed}`
    ).toBe(true)
  })
})
