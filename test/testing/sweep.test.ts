/** `sweepInterrupts`: an interruption at each step, and what must hold after it. */
import { Deferred, Queue, Task } from 'aio-ts'
import {
  DeadlockError,
  NondeterminismError,
  replay,
  sweepInterrupts,
  type TestRun,
  UnseenFailureError
} from 'aio-ts/testing'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { failure, success, summary } from '../support/exits.js'
import { exploreErrorOf } from './support.js'

const threeSteps = () =>
  Task.gen(function* () {
    yield* Task.sync(() => 1)
    yield* Task.sleep(5)
  })

describe('the steps of sweepInterrupts', () => {
  it('are all tried, in order, from the first to the last', async () => {
    const seen: Array<[number, unknown]> = []
    const check = ({ exit }: TestRun<never, void>, step: number) => void seen.push([step, summary(exit)])
    const { steps } = await sweepInterrupts(threeSteps, { check })
    expect(seen.map(([step]) => step)).toEqual(Array.from({ length: steps }, (_, index) => index + 1))
    expect(seen[0]?.[1]).toEqual(failure('Interrupt'))
    // At its last turn nothing is left that could be interrupted.
    expect(seen.at(-1)?.[1]).toEqual(success(undefined))
  })

  it('include all steps of all fibers', async () => {
    const one = await sweepInterrupts(threeSteps)
    const two = await sweepInterrupts(() => Task.all([threeSteps(), threeSteps()]))
    expect(two.steps).toBeGreaterThan(2 * one.steps)
  })

  it('must be finite: a program that never ends is refused', async () => {
    const error = await exploreErrorOf(sweepInterrupts(() => Task.never))
    expect(error.message).toContain('in peace, it went wrong')
    expect(error.cause).toBeInstanceOf(DeadlockError)
  })
})

describe('sweepInterrupts finds', () => {
  it('a resource that is not released, in the one gap where that is so', async () => {
    const make = () =>
      Task.suspend(() => {
        let open = 0
        const program = pipe(
          Task.sync(() => open++),
          Task.flatMap(() => pipe(Task.sleep(1), Task.ensuring(Task.sync(() => open--))))
        )
        return pipe(
          program,
          Task.exit,
          Task.map(() => open),
          Task.uncancellable({ raiseCancel: false })
        )
      })
    // Uncancellable as a whole: nothing can come in between.
    await sweepInterrupts(make, { check: ({ exit }) => expect(exit).toEqual(right(0)) })
    const log: Array<string> = []
    const torn = () => {
      log.length = 0
      return pipe(
        Task.sync(() => log.push('open')),
        Task.flatMap(() => pipe(Task.sleep(1), Task.ensuring(Task.sync(() => log.push('close')))))
      )
    }
    const check = () => {
      if (log.length === 1) throw new Error('left open')
    }
    const error = await exploreErrorOf(sweepInterrupts(torn, { check }))
    expect(error.message).toMatch(/^interrupted at step 3 of 6, it went wrong: Error: left open/)
    expect(error.message).toMatch(/the test +interrupts #1/)
    expect(error.message).toContain(`check(await replay(make(), '${error.schedule}'), 3)`)
    expect(error.runs).toBe(4)
  })

  it('the same fault again in a replay of its schedule', async () => {
    const order: Array<string> = []
    const make = () => {
      order.length = 0
      return pipe(
        Task.sync(() => order.push('begun')),
        Task.flatMap(() => Task.sleep(3)),
        Task.map(() => order.push('done')),
        Task.onInterrupt(Task.sync(() => order.push('interrupted')))
      )
    }
    const check = () => {
      if (order.includes('interrupted') && order.includes('begun')) throw new Error('found')
    }
    const { schedule } = await exploreErrorOf(sweepInterrupts(make, { check }))
    const run = await replay(make(), schedule)
    expect(order).toEqual(['begun', 'interrupted'])
    expect(summary(run.exit)).toEqual(failure('Interrupt'))
  })

  it('a finalizer that waits for an event that can no longer come', async () => {
    const make = () =>
      Task.suspend(() => {
        const queue = new Queue<number>()
        const child = pipe(queue.get(), Task.uninterruptible)
        const feeder = pipe(
          Task.sleep(5),
          Task.map(() => queue.putNowait(1))
        )
        return Task.all([child, feeder])
      })
    const error = await exploreErrorOf(sweepInterrupts(make))
    expect(error.cause).toBeInstanceOf(DeadlockError)
    expect(error.message).toContain('waits for Queue.get')
  })

  it('an unobserved failure', async () => {
    const make = () => {
      const loser = pipe(Task.never, Task.ensuring(Task.die('while being stopped')))
      return pipe(loser, Task.race(Task.sleep(5)))
    }
    expect((await exploreErrorOf(sweepInterrupts(make))).cause).toBeInstanceOf(UnseenFailureError)
    await sweepInterrupts(make, { onUnseen: 'ignore', check: () => {} })
  })

  it('a defect, without a check that could see it', async () => {
    const make = () => pipe(Task.sleep(5), Task.onInterrupt(Task.die(new Error('bug'))))
    expect((await exploreErrorOf(sweepInterrupts(make))).cause).toMatchObject({ message: 'bug' })
  })
})

it('a nondeterministic program is reported', async () => {
  let runs = 0
  const make = () =>
    runs++ === 3
      ? Task.sleep(2)
      : pipe(
          Task.sleep(1),
          Task.flatMap(() => Task.sleep(1))
        )
  const error = await sweepInterrupts(make).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(NondeterminismError)
})

it('a seed selects another order of time slices', async () => {
  const deferred = () => new Deferred<never, number>()
  const make = () =>
    Task.suspend(() => {
      const answer = deferred()
      return Task.all([answer.wait(), Task.sync(() => answer.succeed(1)), Task.yieldNow])
    })
  for (const seed of [0, 1, 2, 3]) expect((await sweepInterrupts(make, { seed })).steps).toBeGreaterThan(5)
})

describe('bad input', () => {
  const make = () => Task.unit
  it.each([
    ['no function', () => sweepInterrupts(Task.unit as never), 'sweepInterrupts: expected a function'],
    ['no check', () => sweepInterrupts(make, { check: 1 as never }), 'check to be a function, got 1'],
    ['a negative seed', () => sweepInterrupts(make, { seed: -1 }), 'a seed, a whole number'],
    [
      'a check that returns a promise',
      () => sweepInterrupts(make, { check: async () => {} }),
      'got a promise'
    ]
  ])('%s', async (_, running, words) => {
    await expect(running()).rejects.toThrow(words)
  })
})
