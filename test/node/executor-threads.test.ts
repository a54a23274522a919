/** Threads: how many run at once, how they die and are replaced, and how an executor closes. */
import { type Fiber, runTask, Task } from 'aio-ts'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/testing/run/random.js'
import { Fail, failure, rightOf, success, summary } from '../support/exits.js'
import { endOf, run, start, valueFrom } from '../support/real-runs.js'
import { make, newCells, open, problemOf, reaches, threads } from './support.js'

const closeAll = (executor: { asyncClose: (options?: any) => Task.Task<never, void> }, options?: object) =>
  runTask(executor.asyncClose(options))

describe('at most `size` at once', () => {
  it('calls run, never more, and as many as there are', async () => {
    const executor = await make({ size: 2 })
    const cells = newCells()
    // The first ones wait for one another, however long a thread takes to start.
    await valueFrom(Task.all(Array.from({ length: 12 }, () => executor.call('meet', cells, 2))))
    expect(Atomics.load(cells, 1)).toBe(2)
    expect(threads()).toBe(2)
  })

  it('calls run, and the executor reports all calls and the running ones', async () => {
    const executor = await make({ size: 1 })
    expect(executor.load).toEqual({ calls: 0, running: 0 })
    const cells = newCells()
    const fibers = [1, 2, 3].map(() => start(executor.call('gate', cells)))
    await reaches(cells, 0, 1)
    expect(executor.load).toEqual({ calls: 3, running: 1 })
    open(cells)
    await Promise.all(fibers.map((fiber) => endOf(fiber)))
    expect(executor.load).toEqual({ calls: 0, running: 0 })
  })

  it('calls run in order of arrival', async () => {
    const executor = await make({ size: 1 })
    const cells = newCells(32)
    await valueFrom(Task.all(Array.from({ length: 20 }, (_, n) => executor.call('line', cells, n + 1))))
    expect([...cells.subarray(1, 21)]).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  })

  it('threads start on demand, and the last used is used first', async () => {
    const executor = await make({ size: 4 })
    expect(threads()).toBe(0)
    for (let n = 0; n < 5; n++) await valueFrom(executor.call('add', n, 1))
    expect(threads()).toBe(1)
  })
})

describe('a thread that dies fails its job, and is replaced', () => {
  it.each([
    ['exits', 'Crashed', (e: Awaited<ReturnType<typeof make>>) => e.call('exits', 3)],
    ['exits with 0', 'Crashed', (e: Awaited<ReturnType<typeof make>>) => e.call('exits', 0)],
    ['throws an uncaught error', 'Crashed', (e: Awaited<ReturnType<typeof make>>) => e.call('crashes')],
    ['runs out of memory', 'OutOfMemory', (e: Awaited<ReturnType<typeof make>>) => e.call('runsOutOfMemory')]
  ])('%s', async (_, problem, kill) => {
    const executor = await make({ size: 2, resourceLimits: { maxOldGenerationSizeMb: 48 } })
    const gate = newCells()
    const other = start(executor.call('gate', gate))
    await reaches(gate, 0, 1)
    for (let n = 0; n < 2; n++) expect(await problemOf(kill(executor))).toBe(problem)
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
    expect(other.poll()._tag).toBe('None')
    open(gate)
    expect(summary(await endOf(other))).toEqual(success('done'))
    expect(threads()).toBeLessThanOrEqual(2)
  })

  it('by one thread, and no other is started', async () => {
    const executor = await make({ size: 1 })
    let started = 0
    const count = () => void started++
    process.on('worker', count)
    await problemOf(executor.call('exits', 1))
    await problemOf(executor.call('crashes'))
    await valueFrom(executor.call('add', 1, 2))
    process.off('worker', count)
    expect(started).toBe(3)
  })

  it('and waiting jobs run on the new one (p-queue#168)', async () => {
    const executor = await make({ size: 1 })
    const all = await run(
      Task.all([
        Task.exit(executor.call('exits', 1)),
        executor.call('add', 1, 1),
        Task.exit(executor.call('crashes')),
        executor.call('add', 2, 2)
      ])
    )
    expect(all).toMatchObject(right([{ _tag: 'Left' }, 2, { _tag: 'Left' }, 4]))
  })

  it('or fails each call with a typed error if it cannot start', async () => {
    const executor = await make({ size: 1, resourceLimits: { maxOldGenerationSizeMb: 1 } })
    for (let n = 0; n < 2; n++)
      expect(['Crashed', 'OutOfMemory']).toContain(await problemOf(executor.call('add', 1, 2)))
  })

  it('and does not affect short jobs with pauses: no idle thread is replaced (piscina#818)', async () => {
    const executor = await make({ size: 2 })
    for (let n = 0; n < 60; n++) {
      expect(await valueFrom(executor.call('add', n, 1))).toBe(n + 1)
      await new Promise((resolve) => setTimeout(resolve, n % 4))
    }
    expect(threads()).toBe(1)
  })

  it('in any order of events: each job settles once and no slot is lost', async () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    const next = randomFrom(seed, 0)
    const executor = await make({ size: 3, onInterrupt: 'terminate', graceMs: 20 })
    const cells = newCells()
    const kinds = [
      () => executor.call('add', 1, 2),
      () => executor.call('positive', -1),
      () => executor.call('throws'),
      () => executor.call('exits', 1),
      () => executor.call('givesFunction'),
      () => executor.call('same', () => 1),
      () => executor.with({ timeoutMs: 5 }).call('never', cells, 1),
      () => executor.with({ timeoutMs: 5 }).call('deaf', cells),
      () => executor.call('crowd', newCells(), 1)
    ]
    const jobs = Array.from({ length: 30 }, () => kinds[Math.floor(next() * kinds.length)]!())
    let settled = 0
    const counted = jobs.map((job: Task.Task<unknown, unknown>) =>
      Task.onExit(() => Task.sync(() => settled++))(job)
    )
    await run(pipe(counted, Task.forEach(Task.exit, { concurrency: 'unbounded' })))
    expect(settled, `SEED=${seed}`).toBe(30)
    // Three at once again: none was lost. They wait for one another, however long a thread takes to come up.
    const gate = newCells()
    const fibers = Array.from({ length: 3 }, () => start(executor.call('gate', gate)))
    await reaches(gate, 0, 3)
    open(gate)
    for (const fiber of fibers) expect(isRight(await endOf(fiber)), `SEED=${seed}`).toBe(true)
    expect(threads()).toBe(3)
  })
})

describe('closing an executor of threads', () => {
  it('without interruption waits for running and waiting jobs, and refuses new ones', async () => {
    const executor = await make({ size: 1 })
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    const waiting = start(executor.call('add', 1, 2))
    await reaches(cells, 0, 1)
    executor.close({ interrupt: false })
    expect(await problemOf(executor.call('add', 1, 2))).toBe('Closed')
    expect(executor.isClosed).toBe(false)
    open(cells)
    await runTask(executor.waitClosed())
    expect(summary(await endOf(running))).toEqual(success('done'))
    expect(summary(await endOf(waiting))).toEqual(success(3))
    expect(threads()).toBe(0)
  })

  it("with interruption and 'wait' keeps the results of running jobs, and fails waiting ones", async () => {
    const executor = await make({ size: 1 })
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    const waiting = start(executor.call('add', 1, 2))
    await reaches(cells, 0, 1)
    executor.close()
    expect(summary(await endOf(waiting))).toMatchObject(failure(Fail({ problem: 'Closed' })))
    expect(running.poll()._tag).toBe('None')
    open(cells)
    expect(summary(await endOf(running))).toEqual(success('done'))
    await runTask(executor.waitClosed())
    expect(threads()).toBe(0)
  })

  it("with interruption and 'terminate' stops running jobs", async () => {
    const executor = await make({ size: 2, onInterrupt: 'terminate', graceMs: 1000 })
    const [soft, hard] = [newCells(), newCells()]
    const fibers: ReadonlyArray<Fiber<unknown, unknown>> = [
      start(executor.call('never', soft, 5)),
      start(executor.call('deaf', hard))
    ]
    await reaches(soft, 0, 1)
    await reaches(hard, 0, 1)
    await closeAll(executor)
    expect(threads()).toBe(0)
    expect(Atomics.load(soft, 1)).toBe(1)
    for (const fiber of fibers) {
      expect(summary(await endOf(fiber))).toMatchObject(failure(Fail({ problem: 'Closed' })))
    }
  })

  it.each([
    ['before', 0],
    ['in the macrotask after', 1]
  ])("with 'terminate', %s a waiting job is given its thread, leaves no job running", async (_, turns) => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 50 })
    const { threads } = executor as any
    const begin = threads.begin.bind(threads)
    threads.begin = (pool: unknown, call: { job: { name: string } }) => {
      if (call.job.name === 'deaf') {
        if (turns === 0) executor.close()
        else queueMicrotask(() => executor.close())
      }
      begin(pool, call)
    }
    const first = start(executor.call('add', 1, 2))
    const second = start(executor.call('deaf', newCells()))
    await runTask(executor.waitClosed())
    rightOf(await endOf(first))
    expect(summary(await endOf(second))).toMatchObject(failure(Fail({ problem: 'Closed' })))
  })

  it('works without any job, and twice', async () => {
    const executor = await make({ size: 2 })
    await Promise.all([closeAll(executor), closeAll(executor)])
    await closeAll(executor)
    expect(executor.isClosed).toBe(true)
    expect(await problemOf(executor.call('add', 1, 2))).toBe('Closed')
  })
})

describe('maxQueue', () => {
  it("'fail': one more waiting call is a typed error, and the others run", async () => {
    const executor = await make({ size: 1, maxQueue: 2, whenFull: 'fail' })
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    const waiting = [start(executor.call('add', 1, 1)), start(executor.call('add', 2, 2))]
    await new Promise((resolve) => setImmediate(resolve))
    expect(await problemOf(executor.call('add', 3, 3))).toBe('Full')
    open(cells)
    await endOf(running)
    for (const fiber of waiting) rightOf(await endOf(fiber))
    expect(await valueFrom(executor.call('add', 3, 3))).toBe(6)
  })

  it('an interrupted waiting job makes room', async () => {
    const executor = await make({ size: 1, maxQueue: 1, whenFull: 'fail' })
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    const waiting = start(executor.call('add', 1, 1))
    await new Promise((resolve) => setImmediate(resolve))
    expect(await problemOf(executor.call('add', 2, 2))).toBe('Full')
    await valueFrom(waiting.interrupt())
    const next = start(executor.call('add', 2, 2))
    open(cells)
    await endOf(running)
    expect(summary(await endOf(next))).toEqual(success(4))
  })

  it('may be 0', async () => {
    const executor = await make({ size: 1, maxQueue: 0, whenFull: 'fail' })
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    expect(await problemOf(executor.call('add', 2, 2))).toBe('Full')
    open(cells)
    await endOf(running)
    expect(await valueFrom(executor.call('add', 2, 2))).toBe(4)
  })

  it("'wait', the default: a further call waits for room, and closing refuses it", async () => {
    const executor = await make({ size: 1, maxQueue: 1 })
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    const waiting = start(executor.call('add', 1, 1))
    const outside = start(executor.call('add', 2, 2))
    await new Promise((resolve) => setImmediate(resolve))
    executor.close({ interrupt: false })
    expect(summary(await endOf(outside))).toMatchObject(failure(Fail({ problem: 'Closed' })))
    open(cells)
    expect(summary(await endOf(running))).toEqual(success('done'))
    expect(summary(await endOf(waiting))).toEqual(success(2))
  })

  it('many calls with a small maxQueue all end, in order', async () => {
    const executor = await make({ size: 1, maxQueue: 1 })
    const cells = newCells(64)
    await valueFrom(Task.all(Array.from({ length: 40 }, (_, n) => executor.call('line', cells, n + 1))))
    expect([...cells.subarray(1, 41)]).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
  })
})

describe('transfer', () => {
  it('moves the listed buffers, and copies others', async () => {
    const executor = await make({ size: 1 })
    const buffer = new ArrayBuffer(10_000_000)
    expect(await valueFrom(executor.with({ transfer: [buffer] }).call('lengthOf', buffer))).toBe(10_000_000)
    expect(buffer.byteLength).toBe(0)
    const copied = new ArrayBuffer(100)
    expect(await valueFrom(executor.call('lengthOf', copied))).toBe(100)
    expect(copied.byteLength).toBe(100)
  })
})
