/** `maxMs`: a job on a thread that does not end in time. If the thread is blocked, the test controls the time. */
import { runTask, type Task } from 'aio-ts'
import { createExecutor, type ExecutorOptions } from 'aio-ts/node'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, lateResults, success, summary } from '../support/exits.js'
import { defectFrom, endOf, failureFrom, interrupt, start, valueFrom } from '../support/real-runs.js'
import { clocked, jobsFile, make, newCells, open, reaches, startedDuring, threads, until } from './support.js'

/** An executor whose limits are of a time that the test makes. */
const limitedBy = async (options: ExecutorOptions) => {
  const { runtime, timers } = clocked()
  const executor = await make({ size: 1, ...options }, jobsFile, runtime)
  /** The next time that is waited for is over; says how much that is. */
  const fire = async (): Promise<number | undefined> => {
    await until(() => timers.length > 0)
    const [timer] = timers
    timer?.fire()
    return timer?.ms
  }
  return { executor, timers, fire }
}

const timedOut = (message: string) =>
  failure(Fail({ problem: 'TimedOut', message: expect.stringContaining(message) }))

describe('a job that blocks its thread', () => {
  it.each(['wait', 'terminate'] as const)(
    'is terminated after its limit and its grace period, and its thread is replaced (%s)',
    async (onInterrupt) => {
      const { executor, timers, fire } = await limitedBy({ maxMs: 200, graceMs: 30, onInterrupt })
      const cells = newCells()
      const deaf = start(executor.call('deaf', cells))
      await reaches(cells, 0, 1)
      expect(await fire()).toBe(200)
      expect(deaf.poll()._tag).toBe('None')
      const started = await startedDuring(async () => {
        expect(await fire()).toBe(30)
        expect(summary(await endOf<unknown, unknown>(deaf))).toMatchObject(
          timedOut(
            'the job deaf did not end within its limit of 200 ms, nor within 30 ms of being interrupted'
          )
        )
        expect(timers).toEqual([])
        expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
      })
      expect(started).toBe(1)
      expect(threads()).toBe(1)
    }
  )

  it('does not affect other running jobs, and waiting jobs run on the new thread', async () => {
    const { executor, fire } = await limitedBy({ size: 2, graceMs: 30 })
    const [cells, gate] = [newCells(), newCells()]
    const other = start(executor.call('gate', gate))
    const deaf = start(executor.with({ maxMs: 200 }).call('deaf', cells))
    await reaches(cells, 0, 1)
    await reaches(gate, 0, 1)
    const waiting = start(executor.call('add', 1, 2))
    await fire()
    await fire()
    expect(summary(await endOf<unknown, unknown>(deaf))).toMatchObject(timedOut('deaf'))
    expect(summary(await endOf(waiting))).toEqual(success(3))
    expect(other.poll()._tag).toBe('None')
    open(gate)
    expect(summary(await endOf(other))).toEqual(success('done'))
  })

  it('that polls and returns a value in the grace period has that result', async () => {
    const { executor, timers, fire } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const cells = newCells()
    const polite = start(executor.call('polite', cells))
    await reaches(cells, 0, 1)
    await fire()
    expect(summary(await endOf(polite))).toEqual(success(true))
    expect(timers).toEqual([])
    // The next one on this thread is not interrupted.
    expect(await valueFrom(executor.call('isInterrupted'))).toBe(false)
    expect(timers).toEqual([])
  })

  it('that returns a value in the grace period without polling has that result', async () => {
    const { executor, fire } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const cells = newCells()
    const gate = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    await fire()
    open(cells)
    await reaches(cells, 1, 1)
    const exit: any = await endOf(gate)
    expect(exit).toEqual(right('done'))
  })

  it('with a promise that never settles is terminated', async () => {
    const { executor, fire } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const cells = newCells()
    const waits = start(executor.call('waits', cells))
    await reaches(cells, 0, 1)
    await fire()
    await fire()
    expect(summary(await endOf<unknown, unknown>(waits))).toMatchObject(timedOut('its thread was terminated'))
  })

  it('has its limit also after an interruption of its caller, which receives the error as a late result', async () => {
    const { executor, fire } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const cells = newCells()
    const deaf = start(executor.call('deaf', cells))
    await reaches(cells, 0, 1)
    const ending = interrupt(deaf)
    await fire()
    await fire()
    const exit = await ending
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toMatchObject([failure(Fail({ problem: 'TimedOut' }))])
  })

  it('has its limit also while the executor closes', async () => {
    const { executor, fire } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const cells = newCells()
    const deaf = start(executor.call('deaf', cells))
    await reaches(cells, 0, 1)
    executor.close({ interrupt: false })
    await fire()
    await fire()
    expect(summary(await endOf<unknown, unknown>(deaf))).toMatchObject(timedOut('deaf'))
    await runTask(executor.waitClosed())
    expect(threads()).toBe(0)
  })

  it("ends by an earlier interruption with 'terminate'", async () => {
    const { executor, timers } = await limitedBy({ maxMs: 200, graceMs: 30, onInterrupt: 'terminate' })
    const cells = newCells()
    const deaf = start(executor.call('deaf', cells))
    await reaches(cells, 0, 1)
    await until(() => timers.length > 0)
    // The grace period of the interruption is of the caller's time.
    const exit = await interrupt(deaf)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([])
    expect(timers).toEqual([])
  })

  it('that crashes after its limit is reported as crashed', async () => {
    const { executor, fire } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const cells = newCells()
    const crashes = start(executor.call('crashesWhenOpen', cells))
    await reaches(cells, 0, 1)
    await fire()
    open(cells)
    expect(summary(await endOf(crashes))).toMatchObject(failure(Fail({ problem: 'Crashed' })))
  })
})

describe('a job that is a Task', () => {
  it.each(['wait', 'terminate'] as const)(
    'is interrupted, its finalizers run, and its thread continues (%s)',
    async (how) => {
      const executor = await make({ size: 1, onInterrupt: how, graceMs: 60_000 })
      const cells = newCells()
      const started = await startedDuring(async () => {
        const error: any = await failureFrom(executor.with({ maxMs: 20 }).call('never', cells, 5))
        expect(error.problem).toBe('TimedOut')
        expect(error.message).toBe('the job never did not end within its limit of 20 ms, and was interrupted')
        expect(Atomics.load(cells, 1)).toBe(1)
        expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
      })
      expect(started).toBe(1)
    }
  )

  it('that returns a value in the grace period has that result', async () => {
    const executor = await make({ size: 1, graceMs: 60_000 })
    expect(await valueFrom(executor.with({ maxMs: 5 }).call('finishes', 40))).toBe('all the same')
  })

  it('that fails in its finalizers has that failure after the error', async () => {
    const executor = await make({ size: 1, graceMs: 60_000 })
    const exit = await endOf<unknown, unknown>(
      start(executor.with({ maxMs: 5 }).call('cleansUpBadly', newCells()) as Task.Task<unknown, unknown>)
    )
    expect(summary(exit)).toMatchObject(failure(Fail({ problem: 'TimedOut' }), Die({ message: 'clean-up' })))
  })
})

describe('a limit', () => {
  it('counts neither the start of a thread nor the wait for one', async () => {
    const { executor, timers } = await limitedBy({ maxMs: 200, graceMs: 30 })
    const [first, second] = [newCells(), newCells()]
    const running = start(executor.call('gate', first))
    const waiting = start(executor.call('gate', second))
    // Its thread is not there yet.
    expect(timers).toEqual([])
    await reaches(first, 0, 1)
    await until(() => timers.length > 0)
    // One for the first, none for the second.
    await new Promise((resolve) => setImmediate(resolve))
    expect(timers.map(({ ms }) => ms)).toEqual([200])
    open(first)
    await endOf(running)
    await reaches(second, 0, 1)
    await until(() => timers[0]?.ms === 200)
    expect(timers).toHaveLength(1)
    open(second)
    expect(summary(await endOf(waiting))).toEqual(success('done'))
    expect(timers).toEqual([])
  })

  it('is the smaller one of the executor and of the call', async () => {
    for (const [own, ofCall, least] of [
      [200, 50, 50],
      [50, 200, 50],
      [undefined, 70, 70],
      [70, undefined, 70]
    ]) {
      const { executor, timers } = await limitedBy({
        graceMs: 30,
        ...(own === undefined ? {} : { maxMs: own })
      })
      const cells = newCells()
      const running = start(executor.with(ofCall === undefined ? {} : { maxMs: ofCall }).call('gate', cells))
      await until(() => timers.length > 0)
      expect(timers[0]?.ms).toBe(least)
      open(cells)
      await endOf(running as never)
    }
  })

  it('does not apply by default', async () => {
    const { executor, timers } = await limitedBy({})
    const cells = newCells()
    const running = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(timers).toEqual([])
    open(cells)
    expect(summary(await endOf(running))).toEqual(success('done'))
  })
})

it('createExecutor accepts a limit', async () => {
  const { runtime, timers } = clocked()
  const made = await runtime.runTask(createExecutor({ size: 1, maxMs: 200, graceMs: 30 }))
  const onThread = isRight(made) ? made.right : undefined
  if (onThread === undefined) throw new Error('never fails')
  const spin = start(
    onThread(() => {
      for (;;);
    })
  )
  for (const ms of [200, 30]) {
    await until(() => timers.length > 0)
    expect(timers[0]?.ms).toBe(ms)
    timers[0]?.fire()
  }
  expect(summary(await endOf(spin))).toMatchObject(timedOut('did not end within its limit of 200 ms'))
  await runTask(onThread.asyncGroup.asyncClose())
})

it('an invalid limit is a defect of its call, or of `make`', async () => {
  const executor = await make({ size: 1 })
  for (const maxMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never]) {
    expect(await defectFrom(executor.with({ maxMs }).call('add', 1, 2))).toBeInstanceOf(RangeError)
    expect(await defectFrom(createExecutor({ maxMs }))).toMatchObject({
      message: expect.stringContaining('createExecutor, maxMs')
    })
  }
  expect(await valueFrom(executor.with({ maxMs: 60_000 }).call('add', 1, 2))).toBe(3)
})
