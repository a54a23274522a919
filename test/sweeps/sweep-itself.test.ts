/** The sweep that other tests trust: it finds what is wrong, and tries every step. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { sweep } from '../support/sweep.js'

const step: Task.Task<never, void> = pipe(
  Task.unit,
  Task.flatMap(() => Task.yieldNow)
)

describe('the sweep itself', () => {
  it('finds a gap that is there', async () => {
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

  it('finds what never ends', async () => {
    await expect(sweep(() => ({ task: Task.never, check: () => {} }))).rejects.toThrow(/nothing can wake/)
  })

  it('interrupts at each step, each in a fresh run, and one run in peace', async () => {
    const steps: Array<number | undefined> = []
    const { steps: count } = await sweep(() => ({
      task: step,
      check: (outcome) => void steps.push(outcome.step)
    }))
    expect(steps).toEqual([undefined, ...Array.from({ length: count }, (_, i) => i)])
    expect(count).toBeGreaterThan(2)
  })
})
