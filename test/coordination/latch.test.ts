/** A Latch: open or closed. */
import { Latch, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failure, Interrupt, isInterrupted, summary } from '../support/exits.js'
import { bench, inEveryMode, inOrder, settled } from '../support/modes.js'

describe('a latch', () => {
  test('is closed unless made open, and isOpen says which', () => {
    expect(new Latch().isOpen).toBe(false)
    expect(new Latch(false).isOpen).toBe(false)
    const latch = new Latch(true)
    expect(latch.isOpen).toBe(true)
    latch.shut()
    latch.shut()
    expect(latch.isOpen).toBe(false)
    latch.open()
    latch.open()
    expect(latch.isOpen).toBe(true)
  })

  inEveryMode('made twice by running one value of make is two latches', () =>
    Task.gen(function* () {
      const make = Latch.make()
      const [one, other] = [yield* make, yield* make]
      one.open()
      expect(other.isOpen).toBe(false)
      expect((yield* Latch.make(true)).isOpen).toBe(true)
    })
  )

  inEveryMode('lets fibers pass while it is open, any number of times', () =>
    Task.gen(function* () {
      const latch = yield* Latch.make(true)
      yield* latch.wait()
      yield* latch.wait()
      expect(latch.isOpen).toBe(true)
    })
  )

  inEveryMode('makes fibers wait while it is closed, and wakes all of them when it opens', () =>
    Task.gen(function* () {
      const group = yield* bench
      const latch = yield* Latch.make()
      const fibers = [yield* group.spawn(latch.wait()), yield* group.spawn(latch.wait())]
      yield* settled
      expect(fibers.map((fiber) => fiber.poll()._tag)).toEqual(['None', 'None'])
      latch.open()
      for (const fiber of fibers) yield* fiber.join()
      yield* group.asyncClose()
    })
  )

  inEveryMode('closed again makes later fibers wait, and opened again wakes them', () =>
    Task.gen(function* () {
      const group = yield* bench
      const latch = yield* Latch.make(true)
      yield* latch.wait()
      latch.shut()
      const fiber = yield* group.spawn(latch.wait())
      yield* settled
      expect(fiber.poll()._tag).toBe('None')
      latch.open()
      yield* fiber.join()
      yield* group.asyncClose()
    })
  )

  inEveryMode('opened and closed in one time slice lets all its waiters pass', () =>
    Task.gen(function* () {
      const group = yield* bench
      const latch = yield* Latch.make()
      const fibers = [yield* group.spawn(latch.wait()), yield* group.spawn(latch.wait())]
      yield* settled
      yield* Task.sync(() => {
        latch.open()
        latch.shut()
      })
      const late = yield* group.spawn(latch.wait())
      yield* settled
      expect(fibers.map((fiber) => fiber.poll()._tag)).toEqual(['Some', 'Some'])
      expect(late.poll()._tag).toBe('None')
      yield* group.asyncClose()
    })
  )

  inOrder('wakes its waiters in order of arrival', () =>
    Task.gen(function* () {
      const group = yield* bench
      const latch = yield* Latch.make()
      const woken: Array<number> = []
      for (const id of [1, 2, 3]) {
        yield* group.spawn(
          pipe(
            latch.wait(),
            Task.map(() => void woken.push(id))
          )
        )
        yield* settled
      }
      latch.open()
      yield* settled
      expect(woken).toEqual([1, 2, 3])
      yield* group.asyncClose()
    })
  )

  inEveryMode('drops an interrupted waiter, and wakes the others', () =>
    Task.gen(function* () {
      const group = yield* bench
      const latch = yield* Latch.make()
      const [gone, stays] = [yield* group.spawn(latch.wait()), yield* group.spawn(latch.wait())]
      yield* settled
      expect(summary(yield* gone.interrupt())).toEqual(failure(Interrupt))
      latch.open()
      yield* stays.join()
      yield* group.asyncClose()
    })
  )

  for (const order of ['just before', 'just after'] as const) {
    inEveryMode(`lets a waiter pass or be interrupted, ${order} it opens, in the same time slice (31)`, () =>
      Task.gen(function* () {
        const group = yield* bench
        const latch = yield* Latch.make()
        let passed = 0
        const pass = pipe(
          latch.wait(),
          Task.map(() => void passed++)
        )
        const victim = yield* group.spawn(pass)
        const other = yield* group.spawn(pass)
        yield* settled
        yield* Task.sync(() => {
          if (order === 'just before') victim.interruptNowait()
          latch.open()
          if (order === 'just after') victim.interruptNowait()
        })
        const exit = yield* victim.wait()
        yield* other.join()
        expect(passed).toBe(isInterrupted(exit) ? 1 : 2)
        yield* group.asyncClose()
      })
    )
  }
})
