/**
 * Events between the wake-up of a call and the next time slice of its fiber: jobs end, threads are reassigned, other calls are
 * interrupted. The test controls the fibers and their time; the threads are real.
 */
import { type Fiber, runTask, type Task } from 'aio-ts'
import type { ExecutorOptions } from 'aio-ts/node'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { endOf, start, valueFrom } from '../support/real-runs.js'
import { held, make, newCells, open, reaches } from './support.js'

/** An executor whose only thread runs the job of `running` until its gate is opened. */
const busy = async (options: ExecutorOptions = {}, begin: typeof start = start) => {
  const executor = await make({ size: 1, ...options })
  const gate = newCells()
  const running = begin(executor.call('gate', gate))
  await reaches(gate, 0, 1)
  return { executor, gate, running }
}

describe('between an interruption and the next time slice of the interrupted call', () => {
  it.each(['wait', 'terminate'] as const)('its entry in the queue is removed (%s)', async (onInterrupt) => {
    const { executor, gate: first, running } = await busy({ onInterrupt })
    const second = newCells()
    const turns = held()
    const waiting = turns.start(executor.call('gate', second))
    waiting.interruptNowait()
    open(first)
    await endOf(running)
    expect(executor.load).toEqual({ calls: 1, running: 0 })
    const end = await turns.endOf(waiting)
    expect(summary(end)).toEqual(failure(Interrupt))
    expect(Atomics.load(second, 0)).toBe(0)
  })

  it('its job ends: the next job of the thread is not stopped', async () => {
    const turns = held()
    const { executor, gate: first, running: early } = await busy({ onInterrupt: 'terminate' }, turns.start)
    const second = newCells()
    const next = start(executor.call('gate', second))
    early.interruptNowait()
    open(first)
    await reaches(second, 0, 1)
    const [thread] = (executor as any).threads.pool.all
    const told: number = thread.cells[0]
    const end = await turns.endOf(early)
    expect(summary(end)).toEqual(failure(Interrupt))
    expect(thread.cells[0]).toBe(told)
    open(second)
    expect(summary(await endOf(next))).toEqual(success('done'))
  })

  it('the grace period and its job end: the next job keeps the thread', async () => {
    const turns = held()
    const { executor, gate: first, running: deaf } = await busy({ onInterrupt: 'terminate' }, turns.start)
    const second = newCells()
    const next = start(executor.call('gate', second))
    deaf.interruptNowait()
    turns.go()
    turns.fire()
    open(first)
    await reaches(second, 0, 1)
    const end = await turns.endOf(deaf)
    expect(summary(end)).toEqual(failure(Interrupt))
    open(second)
    expect(summary(await endOf(next))).toEqual(success('done'))
  })
})

describe('between the assignment of a thread and the next time slice of its call', () => {
  it.each(['wait', 'terminate'] as const)(
    'an interruption applies to a running job (%s)',
    async (onInterrupt) => {
      const { executor, gate: first, running } = await busy({ onInterrupt })
      const second = newCells()
      const turns = held()
      const given = turns.start(executor.call('gate', second))
      open(first)
      await endOf(running)
      await reaches(second, 0, 1)
      given.interruptNowait()
      turns.go()
      expect(given.poll()._tag).toBe('None')
      open(second)
      const end = await turns.endOf(given)
      expect(summary(end)).toEqual(failure(Interrupt))
      expect(executor.load).toEqual({ calls: 0, running: 0 })
    }
  )

  it('the executor is closed: waiting calls fail, also if they are interrupted then', async () => {
    const { executor, gate, running } = await busy()
    const turns = held()
    const [told, stopped] = [turns.start(executor.call('add', 1, 2)), turns.start(executor.call('add', 1, 2))]
    stopped.interruptNowait()
    executor.close()
    open(gate)
    await endOf(running)
    expect(summary(await turns.endOf(told))).toMatchObject(failure(Fail({ problem: 'Closed' })))
    expect(summary(await turns.endOf(stopped))).toEqual(failure(Interrupt))
    await runTask(executor.waitClosed())
  })
})

describe('a call with a budget of one operation', () => {
  it.each(Array.from({ length: 16 }, (_, count) => count))(
    'whose executor is closed after %s operations leaves no job running',
    async (count) => {
      const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 20 })
      const turns = held({ yieldEvery: 1 })
      const fiber = turns.some(executor.call('deaf', newCells()), count)
      executor.close()
      await new Promise((resolve) => setImmediate(resolve))
      const end = await turns.endOf(fiber)
      expect(summary(end)).toMatchObject(failure(Fail({ problem: 'Closed' })))
      await runTask(executor.waitClosed())
    }
  )
})

describe('a throw while a job is sent or reported', () => {
  it('by a transfer list fails its own call only', async () => {
    const executor = await make({ size: 1 })
    const list = Object.defineProperty([] as Array<object>, 0, {
      get: () => {
        throw new Error('a bad list')
      }
    })
    const before = start(executor.call('later', 5))
    const bad = start(executor.with({ transfer: list }).call('add', 1, 2))
    const after = start(executor.call('add', 3, 4))
    expect(summary(await endOf(before))).toEqual(success(5))
    expect(summary(await endOf(bad))).toMatchObject(
      failure(Fail({ problem: 'NotCloneable', message: expect.stringContaining('a bad list') }))
    )
    expect(summary(await endOf(after))).toEqual(success(7))
  })

  it.each(['at once', 'from the line'])(
    'or an interruption by an argument affects its own call and the next one (%s)',
    async (when) => {
      const executor = await make({ size: 1 })
      const gate = newCells()
      const running = when === 'at once' ? undefined : start(executor.call('gate', gate))
      if (running !== undefined) await reaches(gate, 0, 1)
      const fibers: Array<Fiber<unknown, unknown>> = []
      const argument = {
        get value() {
          for (const fiber of fibers.slice(0, 2)) fiber.interruptNowait()
          return 1
        }
      }
      const { call } = executor as unknown as {
        call: (...args: ReadonlyArray<unknown>) => Task.Task<any, any>
      }
      fibers.push(start(call.bind(executor)('same', argument)))
      fibers.push(start(executor.call('add', 1, 2)), start(executor.call('add', 3, 4)))
      await new Promise((resolve) => setImmediate(resolve))
      if (running !== undefined) open(gate)
      expect(summary(await endOf(fibers[0]!))).toEqual(failure(Interrupt))
      expect(summary(await endOf(fibers[1]!))).toEqual(failure(Interrupt))
      expect(summary(await endOf(fibers[2]!))).toEqual(success(7))
      expect(executor.load).toEqual({ calls: 0, running: 0 })
    }
  )

  it('by a getter of a thrown argument fails its own call only', async () => {
    const executor = await make({ size: 1 })
    const evil = {
      get name() {
        throw new Error('no name')
      }
    }
    const argument = {
      get value() {
        throw evil
      }
    }
    const bad = start((executor as any).call('same', argument) as Task.Task<unknown, unknown>)
    const after = start(executor.call('add', 3, 4))
    expect(summary(await endOf(bad))).toMatchObject(failure(Fail({ problem: 'NotCloneable' })))
    expect(summary(await endOf(after))).toEqual(success(7))
  })

  it('does not occur twice: the caller handles each result once', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate' })
    let times = 0
    const { threads } = executor as any
    const receive = () => {
      times++
      throw new Error('a bad codec')
    }
    const task = threads.run({
      kind: 0,
      source: 'add',
      args: [1, 2],
      name: 'add',
      transfer: undefined,
      receive
    })
    expect(summary(await endOf(start(task as Task.Task<unknown, unknown>)))).toMatchObject(
      failure(Die({ message: 'a bad codec' }))
    )
    expect(times).toBe(1)
  })
})

it('does not affect a long queue, each job of which is sent once, in order', async () => {
  const { executor, gate, running } = await busy()
  const { threads } = executor as any
  const sent: Array<number> = []
  const begin = threads.begin.bind(threads)
  threads.begin = (pool: unknown, call: { job: { args: ReadonlyArray<number> } }) => {
    sent.push(...call.job.args.slice(0, 1))
    return begin(pool, call)
  }
  const waiting = Array.from({ length: 1000 }, (_, n) => start(executor.call('add', n, 0)))
  await new Promise((resolve) => setImmediate(resolve))
  open(gate)
  await endOf(running)
  for (const [n, fiber] of waiting.entries()) expect(await valueFrom(fiber.join())).toBe(n)
  expect(sent).toEqual(waiting.map((_, n) => n))
})
