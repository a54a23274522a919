/** The helper `sweep` of other tests: it finds planted faults, and tries every step. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { sweep } from '../support/sweep.js'

const step: Task.Task<never, void> = pipe(
  Task.unit,
  Task.flatMap(() => Task.yieldNow)
)

describe('the sweep', () => {
  it('finds a planted gap', async () => {
    const leaky = () => {
      let open = 0
      return {
        task: pipe(
          Task.sync(() => open++),
          Task.flatMap(() => step),
          Task.flatMap(() => Task.sync(() => open--))
        ),
        check: () => expect(open).toBe(0)
      }
    }
    await expect(sweep(leaky)).rejects.toThrow(/interrupted before step/)
  })

  it('finds a program that never ends', async () => {
    await expect(sweep(() => ({ task: Task.never, check: () => {} }))).rejects.toThrow(/nothing can wake/)
  })

  it('interrupts at each step, each in a new run, and runs once without interruption', async () => {
    const steps: Array<number | undefined> = []
    const { steps: count } = await sweep(() => ({
      task: step,
      check: (outcome) => void steps.push(outcome.step)
    }))
    expect(steps).toEqual([undefined, ...Array.from({ length: count }, (_, i) => i)])
    expect(count).toBeGreaterThan(2)
  })
})
