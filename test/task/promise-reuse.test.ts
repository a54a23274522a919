/** Waits for promises are used again: none may carry anything over from one fiber to another. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { type Fiber, Task } from 'aio-ts'
import fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, type Summary, success, summary } from '../support/exits.js'
import { Machine } from '../support/machine.js'

const endings = [
  'resolve',
  'reject',
  'interrupt',
  'interrupt, then resolve',
  'resolve, then interrupt'
] as const
const kinds = ['promise', 'signal', 'tryCatch'] as const

interface Settled {
  readonly resolve: (value: number) => void
  readonly reject: (reason: unknown) => void
}

describe('a wait for a promise', () => {
  it('gives each fiber its own answer, whatever it was used for before (1, 8)', async () => {
    const step = fc.record({ kind: fc.constantFrom(...kinds), ending: fc.constantFrom(...endings) })
    const property = fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 6 }),
      async (rounds) => {
        const machine = new Machine()
        let count = 0
        for (const round of rounds) {
          const started = round.map(({ kind, ending }) => {
            const id = ++count
            let settle: Settled | undefined
            let aborted = false
            const open = (signal?: AbortSignal): Promise<number> => {
              signal?.addEventListener('abort', () => {
                aborted = true
              })
              return new Promise((resolve, reject) => {
                settle = { resolve, reject }
              })
            }
            const task: Task.Task<string, number> =
              kind === 'promise'
                ? Task.promise(() => open())
                : kind === 'signal'
                  ? Task.promise((signal) => open(signal))
                  : Task.tryCatch(
                      () => open(),
                      (reason) => `expected ${reason}`
                    )
            const fiber: Fiber<string, number> = machine.fork(
              pipe(
                task,
                Task.map((n) => n * 2)
              )
            )
            const check = (exit: Summary): void => {
              const isLate = kind === 'signal' && ending === 'interrupt, then resolve'
              if (ending === 'resolve' || ending === 'resolve, then interrupt')
                expect(exit).toEqual(success(id * 2))
              else if (ending === 'reject')
                expect(exit).toEqual(failure(kind === 'tryCatch' ? Fail(`expected ${id}`) : Die(id)))
              else if (!isLate) expect(exit).toEqual(failure(Interrupt))
              expect(aborted).toBe(kind === 'signal' && ending.startsWith('interrupt'))
            }
            return { id, ending, fiber, settled: () => settle, check }
          })
          await machine.settle()
          for (const { id, ending, fiber, settled } of started) {
            if (ending.startsWith('interrupt')) fiber.interruptNowait()
            if (ending === 'reject') settled()?.reject(id)
            // A promise whose function takes the signal is waited for.
            else settled()?.resolve(id)
            if (ending === 'resolve, then interrupt') {
              await macrotask()
              fiber.interruptNowait()
            }
          }
          await machine.settle()
          for (const { fiber, check } of started) {
            const exit = fiber.poll()
            expect(exit._tag).toBe('Some')
            if (exit._tag === 'Some') check(summary(exit.value))
          }
        }
      }
    )
    await fc.assert(property, { numRuns: 300 })
  })
})
