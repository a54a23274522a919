/** Code that a job leaves running never affects the next job: late throws, floating promises, exits, blocked threads. */
import { type Cause, makeRuntime } from 'aio-ts'
import { describe, expect, it } from 'vitest'
import { Fail, failure, failureOf, rightOf, success, summary } from '../support/exits.js'
import { endOf, failureFrom, start, valueFrom } from '../support/real-runs.js'
import { clocked, jobsFile, make, newCells, open, reaches, startedDuring, until } from './support.js'

/** A runtime that remembers what nobody else can see. */
const remembering = () => {
  const reports: Array<string> = []
  const reporter = (cause: Cause.Cause<unknown>): void => {
    const [reason] = cause.reasons
    reports.push(reason._tag === 'Die' ? Object(reason.defect).message : reason._tag)
  }
  return { reports, runtime: makeRuntime({ reporter }), reporter }
}

const named = ['timer', 'tick', 'immediate', 'interval', 'nested', 'rejection', 'exit'] as const

describe('code that a job leaves behind and that throws', () => {
  it.each(named)('while no job runs is reported with its job, and the next one runs (%s)', async (how) => {
    const { reports, runtime } = remembering()
    const executor = await make({ size: 1 }, jobsFile, runtime)
    const cells = newCells()
    expect(await valueFrom(executor.with({ jobId: 'early' }).call('leaves', cells, how))).toBe(how)
    open(cells)
    await until(() => reports.length > 0)
    expect(reports).toEqual([
      expect.stringMatching(/^a thread ended while it ran no job: .*the job leaves "early"/)
    ])
    expect(reports[0]).toContain(how === 'exit' ? 'it exited with code 7' : `left behind by ${how}`)
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
    expect(reports).toHaveLength(1)
  })

  it.each(named)('while another job runs: the error of that job names the first (%s)', async (how) => {
    const { reports, runtime } = remembering()
    const executor = await make({ size: 1 }, jobsFile, runtime)
    const [cells, others] = [newCells(), newCells()]
    await valueFrom(executor.with({ jobId: 'early' }).call('leaves', cells, how))
    const late = start(executor.with({ jobId: 'late' }).call('waits', others))
    await reaches(others, 0, 1)
    open(cells)
    const exit: any = await endOf(late)
    expect(summary(exit)).toMatchObject(failure(Fail({ problem: 'Crashed' })))
    const { message } = failureOf<any, unknown>(exit)
    // Nobody knows for certain of what has no number of its own, or was created since.
    const certain = how === 'timer' || how === 'exit'
    expect(message).toMatch(
      certain
        ? /in the middle of the job waits "late": .*it came from something that was created while the job leaves "early" ran/
        : /in the middle of the job waits "late": .*it may come from something that the job leaves "early" had left running/
    )
    // It began, so it is not begun once more.
    expect(Atomics.load(others, 0)).toBe(1)
    expect(reports).toEqual([])
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it('is not blamed for an error of a job that runs alone', async () => {
    const executor = await make({ size: 1 })
    for (let n = 0; n < 3; n++) expect(await valueFrom(executor.call('later', 1))).toBe(1)
    const error: any = await failureFrom(executor.call('crashes'))
    expect(error.message).toBe('the thread ended in the middle of the job crashes: uncaught')
    const exits: any = await failureFrom(executor.call('exits', 3))
    expect(exits.message).toBe('the thread ended in the middle of the job exits: it exited with code 3')
  })

  it('is not blamed for an error of the running job if it is known not to have thrown', async () => {
    const executor = await make({ size: 1 })
    const [left, own] = [newCells(), newCells()]
    await valueFrom(executor.call('leaves', left, 'timer'))
    const running = start(executor.call('crashesWhenOpen', own))
    await reaches(own, 0, 1)
    open(own)
    const exit: any = await endOf(running)
    const { message } = failureOf<any, unknown>(exit)
    expect(message).toContain('in the middle of the job crashesWhenOpen: its own fault')
    expect(message).not.toContain('it came from')
  })

  it('leaves the thread running if its module handles the error, and a later death has its own cause', async () => {
    const text = `
      process.once('uncaughtException', () => {})
      export const leave = (cells) => {
        setTimeout(() => { Atomics.store(cells, 3, 1); throw new Error('handled') }, 1)
      }
      export const crash = () => new Promise(() => setTimeout(() => { throw new Error('its own') }, 1))`
    const { reports, runtime } = remembering()
    const module = new URL(`data:text/javascript,${encodeURIComponent(text)}`)
    const executor: any = await make({ size: 1 }, module, runtime)
    const cells = newCells()
    const started = await startedDuring(async () => {
      await valueFrom(executor.call('leave', cells))
      await reaches(cells, 3, 1)
      const error: any = await failureFrom(executor.call('crash'))
      expect(error.message).toMatch(/^the thread ended in the middle of the job crash: its own/)
      expect(error.message).not.toMatch(/handled|it came from/)
      await valueFrom(executor.call('leave', newCells()))
    })
    expect(started).toBe(2)
    expect(reports).toEqual([])
  })

  it('is reported as code of the module if the module started it', async () => {
    const text = `
      export const at = (cells) => {}
      let cells
      export const give = (given) => { cells = given }
      setInterval(() => { if (cells !== undefined && Atomics.load(cells, 2) !== 0) throw new Error('of the module') }, 1)
      export const waits = (given) => { Atomics.store(given, 0, 1); return new Promise(() => setInterval(() => {}, 1)) }`
    const executor: any = await make({ size: 1 }, new URL(`data:text/javascript,${encodeURIComponent(text)}`))
    const cells = newCells()
    await valueFrom(executor.call('give', cells))
    const running = start<unknown, unknown>(executor.call('waits', cells))
    await reaches(cells, 0, 1)
    open(cells)
    const exit: any = await endOf(running)
    expect(failureOf<any, unknown>(exit).message).toContain(
      'of the module; it came from something that the module of the jobs created while it was loaded'
    )
  })
})

describe('a floating promise that rejects as its job ends', () => {
  it.each([
    ['a small value', 7],
    ['a large one', { list: [1, 2, 3] }]
  ])(
    'does not change the result %s of the job, the next job runs, and the rejection is reported',
    async (_, value) => {
      const { reports, runtime } = remembering()
      const executor = await make({ size: 1 }, jobsFile, runtime)
      for (let n = 1; n <= 5; n++) {
        const cells = newCells()
        const first = start(executor.call('floats', value))
        const second = start(executor.call('line', cells, 5))
        expect(summary(await endOf(first))).toEqual(success(value))
        rightOf(await endOf(second))
        // Once, and not again on the new thread.
        expect(Atomics.load(cells, 0)).toBe(1)
        expect(reports).toHaveLength(n)
        expect(reports.at(-1)).toMatch(/ran no job: nobody awaits this; it may come from .* the job floats/)
      }
    }
  )
})

describe('a job that its thread had not started', () => {
  it('is sent to a new one if code left behind ends the thread', async () => {
    const { reports, runtime } = remembering()
    const executor = await make({ size: 1 }, jobsFile, runtime)
    const [cells, others] = [newCells(), newCells()]
    await valueFrom(executor.call('leaves', cells, 'blocks'))
    await reaches(cells, 3, 1)
    const started = await startedDuring(async () => {
      const second = start(executor.call('line', others, 9))
      await new Promise((resolve) => setImmediate(resolve))
      expect(executor.load).toEqual({ calls: 1, running: 1 })
      open(cells)
      rightOf(await endOf(second))
    })
    expect(started).toBe(1)
    expect(Atomics.load(others, 0)).toBe(1)
    expect(reports).toEqual([
      expect.stringMatching(/left behind by blocks; it came from .* the job leaves ran/)
    ])
  })

  it('is not sent again if values were transferred to the old one, and the error says so', async () => {
    const { reports, runtime } = remembering()
    const executor = await make({ size: 1 }, jobsFile, runtime)
    const cells = newCells()
    await valueFrom(executor.call('leaves', cells, 'blocks'))
    await reaches(cells, 3, 1)
    const buffer = new ArrayBuffer(8)
    const second = start(executor.with({ transfer: [buffer] }).call('lengthOf', buffer))
    await new Promise((resolve) => setImmediate(resolve))
    open(cells)
    const exit: any = await endOf(second)
    expect(failureOf(exit)).toMatchObject({
      problem: 'Crashed',
      message: expect.stringMatching(
        /before it had begun the job lengthOf, and what was moved with it is lost/
      )
    })
    expect(reports).toHaveLength(1)
    expect(await valueFrom(executor.call('add', 1, 2))).toBe(3)
  })

  it.each(['wait', 'terminate'] as const)(
    'is not sent again if it was interrupted, or closing stops it (%s)',
    async (how) => {
      const { runtime } = remembering()
      const executor = await make({ size: 1, onInterrupt: how }, jobsFile, runtime)
      const [cells, others] = [newCells(), newCells()]
      await valueFrom(executor.call('leaves', cells, 'blocks'))
      await reaches(cells, 3, 1)
      const second = start(executor.call('line', others, 9))
      await new Promise((resolve) => setImmediate(resolve))
      executor.close()
      open(cells)
      expect(summary(await endOf(second))).toMatchObject(failure(Fail({ problem: 'Closed' })))
      await valueFrom(executor.waitClosed())
      expect(Atomics.load(others, 0)).toBe(0)
    }
  )

  it('is sent to a new one if it has a limit, and code left behind blocks the thread', async () => {
    const { reports, reporter } = remembering()
    const { runtime, timers } = clocked(reporter)
    const executor = await make({ size: 1, graceMs: 30 }, jobsFile, runtime)
    const [cells, others] = [newCells(), newCells()]
    await valueFrom(executor.call('leaves', cells, 'loops'))
    await reaches(cells, 3, 1)
    const second = start(executor.with({ maxMs: 50 }).call('line', others, 9))
    await until(() => timers.length > 0)
    expect(timers.map(({ ms }) => ms)).toEqual([1080])
    timers[0]?.fire()
    rightOf(await endOf(second))
    expect(Atomics.load(others, 0)).toBe(1)
    expect(reports).toEqual([expect.stringContaining('for 1080 ms it did not begin the next one')])
  })
})

it('fails if its module ends each thread, and is not sent forever', async () => {
  const executor: any = await make({ size: 1 }, new URL('data:text/javascript,process.exit(5)'))
  const started = await startedDuring(async () => {
    for (let n = 0; n < 2; n++) {
      const error: any = await failureFrom(executor.call('add', 1, 2))
      expect(error.problem).toBe('Crashed')
      expect(error.message).toContain(
        'the thread ended before it had begun the job add: it exited with code 5'
      )
    }
  })
  expect(started).toBeLessThanOrEqual(3)
})
