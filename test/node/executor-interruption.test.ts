/** Interrupting calls: waiting or running, with `onInterrupt` 'wait' and 'terminate', and in the time slice of the result. */
import { runTask, Task, TimeoutError } from 'aio-ts'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { failure, Interrupt, isInterrupted, lateResults, success, summary } from '../support/exits.js'
import { endOf, failureFrom, interrupt, run, start, valueFrom } from '../support/real-runs.js'
import { make, newCells, open, reaches } from './support.js'

describe('a job that waits for a thread', () => {
  it('is removed from the queue at an interruption, never runs, and blocks no other (piscina#805, p-queue#168)', async () => {
    for (const onInterrupt of ['wait', 'terminate'] as const) {
      const executor = await make({ size: 1, onInterrupt })
      const gate = newCells()
      const cells = newCells()
      const running = start(executor.call('gate', gate))
      await reaches(gate, 0, 1)
      const waiting = [1, 2, 3, 4].map((n) => start(executor.call('line', cells, n)))
      for (const at of [0, 2]) expect(summary(await interrupt(waiting[at]!))).toEqual(failure(Interrupt))
      open(gate)
      expect(summary(await endOf(running))).toEqual(success('done'))
      for (const at of [1, 3]) await endOf(waiting[at]!)
      expect([...cells.subarray(0, 3)]).toEqual([2, 2, 4])
    }
  })
})

describe("onInterrupt 'wait', the default", () => {
  it('runs the job to its end; then the interruption wins, with the late result', async () => {
    const executor = await make({ size: 1 })
    const cells = newCells()
    const fiber = start(executor.call('gate', cells))
    await reaches(cells, 0, 1)
    const ending = interrupt(fiber)
    await new Promise((resolve) => setImmediate(resolve))
    expect(fiber.poll()._tag).toBe('None')
    open(cells)
    const exit = await ending
    expect(Atomics.load(cells, 1)).toBe(1)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('done')])
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('keeps the result at a timeout', async () => {
    const executor = await make({ size: 1 })
    const cells = newCells()
    const ending = runTask(executor.with({ timeoutMs: 5 }).call('gate', cells))
    await reaches(cells, 0, 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    open(cells)
    expect(await ending).toEqual(right('done'))
  })
})

describe("onInterrupt 'terminate'", () => {
  it('interrupts a Task inside its thread, and waits for its finalizers', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 60_000 })
    const cells = newCells()
    const fiber = start(executor.call('never', cells, 30))
    await reaches(cells, 0, 1)
    const exit = await interrupt(fiber)
    expect(Atomics.load(cells, 1)).toBe(1)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([])
  })

  it('interrupts repeatedly on one thread, and never a later job', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 60_000 })
    for (let n = 0; n < 5; n++) {
      const cells = newCells()
      const fiber = start(executor.call('never', cells, 0))
      await reaches(cells, 0, 1)
      await interrupt(fiber)
      expect(Atomics.load(cells, 1)).toBe(1)
      expect(await valueFrom(executor.call('isInterrupted'))).toBe(false)
      expect(await valueFrom(executor.call('later', 2))).toBe(2)
    }
  })

  it('lets a loop poll for the interruption, and keeps its late result', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 60_000 })
    const cells = newCells()
    const fiber = start(executor.call('polite', cells))
    await reaches(cells, 0, 1)
    const exit = await interrupt(fiber)
    expect(Atomics.load(cells, 1)).toBe(1)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success(true)])
  })

  it('terminates the thread of a loop that does not poll, after the grace period; other threads continue', async () => {
    const executor = await make({ size: 2, onInterrupt: 'terminate', graceMs: 50 })
    const [deaf, gate] = [newCells(), newCells()]
    const other = start(executor.call('gate', gate))
    const fiber = start(executor.call('deaf', deaf))
    await reaches(deaf, 0, 1)
    await reaches(gate, 0, 1)
    const began = performance.now()
    expect(summary(await interrupt(fiber))).toEqual(failure(Interrupt))
    expect(performance.now() - began).toBeGreaterThanOrEqual(49)
    expect(other.poll()._tag).toBe('None')
    // The new thread is there while the other still works.
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
    open(gate)
    expect(summary(await endOf(other))).toEqual(success('done'))
  })

  it('terminates at once without a grace period', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 0 })
    const cells = newCells()
    const fiber = start(executor.call('deaf', cells))
    await reaches(cells, 0, 1)
    expect(summary(await interrupt(fiber))).toEqual(failure(Interrupt))
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('interrupts also after more than 2 ** 32 jobs', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 60_000 })
    ;(executor as any).threads.made = 2 ** 31 - 2
    for (let n = 0; n < 3; n++) {
      const cells = newCells()
      const fiber = start(executor.call('polite', cells))
      await reaches(cells, 0, 1)
      expect(lateResults(await interrupt(fiber))).toEqual([success(true)])
    }
  })

  it('keeps the result of a Task that ignores the interruption but ends in time', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 60_000 })
    const cells = newCells()
    const fiber = start(executor.call('stubborn', cells, 30))
    await reaches(cells, 0, 1)
    expect(lateResults(await interrupt(fiber))).toEqual([success('all the same')])
  })

  it('stops the job after timeoutMs, with a TimeoutError', async () => {
    const executor = await make({ size: 1, onInterrupt: 'terminate', graceMs: 60_000 })
    const cells = newCells()
    const error = await failureFrom(executor.with({ timeoutMs: 20 }).call('never', cells, 0))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(Atomics.load(cells, 1)).toBe(Atomics.load(cells, 0))
  })
})

describe('an interruption in the time slice of the result', () => {
  it('or before the first time slice of a call runs nothing', async () => {
    const executor = await make({ size: 1 })
    const cells = newCells()
    const fiber = start(executor.call('line', cells, 1))
    fiber.interruptNowait()
    expect(summary(await endOf(fiber))).toEqual(failure(Interrupt))
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it.each(['wait', 'terminate'] as const)(
    "with '%s' gives either the value or the interruption, and frees the slot",
    async (onInterrupt) => {
      const executor = await make({ size: 2, onInterrupt, graceMs: 60_000 })
      await valueFrom(executor.call('add', 0, 0))
      let [values, interruptions] = [0, 0]
      for (let n = 0; n < 300; n++) {
        const cells = newCells()
        const fiber = start(executor.call('line', cells, n))
        // From before it was sent to after its answer was taken.
        for (let turns = n % 12; turns > 0; turns--)
          await (turns % 3 === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined)
        if (n % 4 === 0) await reaches(cells, 0, 1)
        const exit = await interrupt(fiber)
        if (isRight(exit)) values++
        else if (isInterrupted(exit)) interruptions++
        // What was carried, or given, has run; what was not has not.
        if (isRight(exit) || lateResults(exit).length > 0) expect(Atomics.load(cells, 0)).toBe(1)
      }
      expect(values + interruptions).toBe(300)
      expect(interruptions).toBeGreaterThan(0)
      const all = await run(Task.all(Array.from({ length: 8 }, (_, n) => executor.call('add', n, 1))))
      expect(all).toEqual(right([1, 2, 3, 4, 5, 6, 7, 8]))
    }
  )

  it('of the loser of a race of calls stops its job', async () => {
    const executor = await make({ size: 2, onInterrupt: 'terminate', graceMs: 60_000 })
    const cells = newCells()
    const won = await valueFrom(pipe(executor.call('never', cells, 0), Task.race(executor.call('later', 30))))
    expect(won).toBe(30)
    expect(Atomics.load(cells, 1)).toBe(Atomics.load(cells, 0))
  })
})
