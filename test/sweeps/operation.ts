/** One public operation in a program that can be interrupted at each of its steps. */
import { type Exit, Task } from 'aio-ts'
import { runTest, sweepInterrupts } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { expect } from 'vitest'
import { Interrupt, type Summary, summary } from '../support/exits.js'
import { Balance, step } from './programs.js'

/** What a program has at hand: brackets that are counted. */
export interface Kit {
  /** Acquires, works for some steps, releases, and gives `value`. */
  readonly work: <A>(value: A) => Task.Task<never, A>
  /** The same around `task`. */
  readonly around: <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>
}

/** A program around the operation, how it ends in peace, and how it may end besides where it is interrupted. */
export type Sweep = readonly [
  make: (kit: Kit) => Task.Task<unknown, unknown>,
  expected: Summary,
  interrupted?: Summary
]

/** Whether an interrupted run may end so: as in peace or as is allowed besides, or interrupted, or both. */
function expectEnd(exit: Exit.Exit<unknown, unknown>, allowed: ReadonlyArray<Summary>): void {
  const ended = summary(exit)
  if ('value' in ended) expect(allowed).toContainEqual(ended)
  else {
    const others = ended.reasons.filter((reason) => reason !== Interrupt)
    if (others.length > 0) expect(allowed).toContainEqual({ reasons: others })
  }
}

/** Interrupted at every step it ends, whatever was acquired is released, and nothing is left behind. Gives how many steps there were. */
export async function sweepOperation(
  [make, expected, interrupted = expected]: Sweep,
  seed: number
): Promise<number> {
  let balance = new Balance()
  let openAtEnd = 0
  const fresh = () => {
    const own = new Balance()
    balance = own
    openAtEnd = 0
    // Holds because a bracket fails with what its use fails with, and gives what that gives.
    const around: Kit['around'] = (task) => own.around('work', task as never) as never
    const work: Kit['work'] = (value) => around(pipe(step, Task.as(value)))
    // What an operation has started has ended when it ends, and not a moment later.
    const look = Task.sync(() => void (openAtEnd = own.open - 1))
    return around(pipe(make({ work, around }), Task.ensuring(look)))
  }
  const peaceful = await runTest(fresh(), { seed, onUnseen: 'ignore' })
  expect(summary(peaceful.exit)).toEqual(expected)
  const { steps } = await sweepInterrupts(fresh, {
    seed,
    onUnseen: 'ignore',
    check: ({ exit }) => {
      expect([openAtEnd, balance.open]).toEqual([0, 0])
      expectEnd(exit, [expected, interrupted])
    }
  })
  return steps
}
