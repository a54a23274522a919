/** Successive grace periods, also after a stop: an earlier deadline is not extended. */
import { Group, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect } from 'vitest'
import { failure, Interrupt, summary } from '../support/exits.js'
import { expectSuccess, inEveryMode, settled } from '../support/modes.js'

describe('a grace period', () => {
  inEveryMode(
    'that would end later changes nothing; one that ends sooner applies (20)',
    () =>
      Task.gen(function* () {
        for (const [first, second] of [
          [50, 500],
          [500, 50]
        ] as const) {
          const group = yield* Group.make()
          const fiber = yield* group.spawn(Task.never)
          group.close({ graceMs: first })
          group.close({ graceMs: second })
          yield* group.waitClosed()
          expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
        }
      }),
    (run) => {
      expectSuccess(run)
      expect(run.elapsed).toBe(100)
    }
  )

  inEveryMode(
    'after a stop interrupts no fiber again: one that absorbed its interruption runs to its end (20)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(
          pipe(
            Task.sleep(50),
            Task.uncancellable({ raiseCancel: false }),
            Task.flatMap(() => Task.sleep(100)),
            Task.as('went on')
          )
        )
        yield* settled
        group.close()
        group.close({ graceMs: 70 })
        expect(yield* fiber.join()).toBe('went on')
        yield* group.waitClosed()
      })
  )
})
