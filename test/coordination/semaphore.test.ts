/** Permits: the order in which waiters get them, and that they are always returned. */
import { Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'
import { expectBadArgument } from '../support/errors.js'
import { defectOf, failureOf } from '../support/exits.js'
import { bench, inEveryMode, inOrder, settled } from '../support/modes.js'

describe('a semaphore', () => {
  inEveryMode('takes n permits for the duration of the task and reports how many are free', () =>
    Task.gen(function* () {
      const semaphore = yield* Semaphore.make(5)
      expect(semaphore.available).toBe(5)
      const inside = yield* pipe(
        Task.sync(() => semaphore.available),
        semaphore.withPermits(3)
      )
      expect(inside).toBe(2)
      expect(semaphore.available).toBe(5)
    })
  )

  inEveryMode('takes permits each time withPermits is run, and none when it is built', () =>
    Task.gen(function* () {
      const semaphore = yield* Semaphore.make(1)
      const task = pipe(
        Task.sync(() => semaphore.available),
        semaphore.withPermits(1)
      )
      expect(semaphore.available).toBe(1)
      expect([yield* task, yield* task]).toEqual([0, 0])
      expect(semaphore.available).toBe(1)
    })
  )

  inEveryMode('of one permit runs one task at a time', () =>
    Task.gen(function* () {
      const semaphore = yield* Semaphore.make(1)
      let inside = 0
      const critical = pipe(
        Task.sync(() => expect(++inside).toBe(1)),
        Task.flatMap(() => Task.yieldNow),
        Task.flatMap(() => Task.sleep(3)),
        Task.flatMap(() => Task.sync(() => void inside--)),
        semaphore.withPermits(1)
      )
      yield* Task.all([critical, critical, critical, critical])
      expect(semaphore.available).toBe(1)
    })
  )

  inEveryMode('never lends more permits than it has, and has all of them at the end', () =>
    Task.gen(function* () {
      const semaphore = yield* Semaphore.make(4)
      let held = 0
      const holder = (n: number) =>
        pipe(
          Task.gen(function* () {
            held += n
            expect(held).toBeLessThanOrEqual(4)
            expect(semaphore.available).toBeLessThanOrEqual(4 - held)
            yield* Task.yieldNow
            yield* Task.sleep(n)
            held -= n
          }),
          semaphore.withPermits(n)
        )
      yield* Task.all([1, 2, 3, 4, 1, 3, 2, 4, 1, 1].map(holder))
      expect([held, semaphore.available]).toEqual([0, 4])
    })
  )

  inEveryMode('takes the permits back after success, failure, defect and interruption', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(2)
      const boom = new Error('boom')
      expect(yield* pipe(Task.succeed(1), semaphore.withPermits(2))).toBe(1)
      expect(semaphore.available).toBe(2)
      expect(failureOf(yield* Task.exit(pipe(Task.fail('no'), semaphore.withPermits(2))))).toBe('no')
      expect(semaphore.available).toBe(2)
      expect(defectOf(yield* Task.exit(pipe(Task.die(boom), semaphore.withPermits(2))))).toBe(boom)
      expect(semaphore.available).toBe(2)
      const fiber = yield* group.spawn(pipe(Task.never, semaphore.withPermits(2)))
      yield* settled
      expect(semaphore.available).toBe(0)
      yield* fiber.interrupt()
      expect(semaphore.available).toBe(2)
      yield* group.asyncClose()
    })
  )

  inEveryMode('lends the permits until the inner finalizers have ended', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      let during: number | undefined
      const fiber = yield* group.spawn(
        pipe(
          Task.never,
          Task.ensuring(
            pipe(
              Task.sleep(5),
              Task.map(() => void (during = semaphore.available))
            )
          ),
          semaphore.withPermits(1)
        )
      )
      yield* settled
      yield* fiber.interrupt()
      expect(during).toBe(0)
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
    })
  )

  inEveryMode('does not change whether its holder can be interrupted', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      let masked = ''
      const free = yield* group.spawn(pipe(Task.never, semaphore.withPermits(1)))
      yield* settled
      yield* free.interrupt()
      const bound = yield* group.spawn(
        pipe(
          Task.sleep(10),
          Task.map(() => void (masked = 'ran to its end')),
          semaphore.withPermits(1),
          Task.uninterruptible
        )
      )
      yield* settled
      yield* bound.interrupt()
      expect(masked).toBe('ran to its end')
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
    })
  )
})

describe('the wait queue of a semaphore', () => {
  inOrder('is first in, first out', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      const entered: Array<number> = []
      for (const id of [1, 2, 3, 4]) {
        yield* group.spawn(
          pipe(
            Task.sync(() => void entered.push(id)),
            Task.flatMap(() => Task.sleep(50)),
            semaphore.withPermits(1)
          )
        )
        yield* settled
      }
      yield* Task.sleep(300)
      expect(entered).toEqual([1, 2, 3, 4])
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'keeps small requests behind a large one at its head, so that the large one is never starved (Effect#2107)',
    () =>
      Task.gen(function* () {
        const group = yield* bench
        const semaphore = yield* Semaphore.make(3)
        const entered: Array<string> = []
        const enter = (name: string, permits: number, ms: number) =>
          pipe(
            Task.sync(() => void entered.push(name)),
            Task.flatMap(() => Task.sleep(ms)),
            semaphore.withPermits(permits)
          )
        yield* group.spawn(enter('holder', 1, 100))
        yield* settled
        yield* group.spawn(enter('large', 3, 100))
        yield* settled
        yield* group.spawn(enter('small', 1, 100))
        yield* Task.sleep(50)
        expect(entered).toEqual(['holder'])
        expect(semaphore.available).toBe(2)
        yield* Task.sleep(80)
        expect(entered).toEqual(['holder', 'large'])
        yield* Task.sleep(100)
        expect(entered).toEqual(['holder', 'large', 'small'])
        yield* group.asyncClose()
        expect(semaphore.available).toBe(3)
      })
  )

  inEveryMode('wakes as many waiters from its head as fit, in one time slice', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(4)
      const entered = new Set<string>()
      const enter = (name: string, permits: number) =>
        pipe(
          Task.sync(() => void entered.add(name)),
          Task.flatMap(() => Task.never),
          semaphore.withPermits(permits)
        )
      const holder = yield* group.spawn(enter('holder', 4))
      yield* settled
      for (const [name, permits] of [
        ['a', 1],
        ['b', 2],
        ['c', 2],
        ['d', 1]
      ] as const) {
        yield* group.spawn(enter(name, permits))
        yield* settled
      }
      yield* holder.interrupt()
      yield* settled
      expect([...entered].sort()).toEqual(['a', 'b', 'holder'])
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
      expect(semaphore.available).toBe(4)
    })
  )

  inEveryMode('comes before a request that starts in the time slice in which permits become free', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      const entered: Array<string> = []
      const holder = yield* group.spawn(pipe(Task.sleep(10), semaphore.withPermits(1)))
      yield* settled
      const waiter = yield* group.spawn(
        pipe(
          Task.sync(() => void entered.push('waiter')),
          semaphore.withPermits(1)
        )
      )
      yield* settled
      yield* holder.join()
      const barged = yield* pipe(
        Task.sync(() => void entered.push('newcomer')),
        semaphore.tryWithPermits(1)
      )
      yield* waiter.join()
      expect(entered[0]).toBe('waiter')
      expect(Option.isSome(barged)).toBe(entered.length === 2)
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
    })
  )
})

describe('tryWithPermits', () => {
  inEveryMode('gives some result if the permits are free, and returns the permits', () =>
    Task.gen(function* () {
      const semaphore = yield* Semaphore.make(2)
      const result = yield* pipe(
        Task.sync(() => semaphore.available),
        semaphore.tryWithPermits(2)
      )
      expect(result).toEqual(Option.some(0))
      expect(semaphore.available).toBe(2)
    })
  )

  inEveryMode('gives none at once if they are not free, and does not run the task', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(2)
      yield* group.spawn(pipe(Task.never, semaphore.withPermits(1)))
      yield* settled
      expect(yield* pipe(Task.die('not run'), semaphore.tryWithPermits(2))).toEqual(Option.none)
      expect(yield* pipe(Task.succeed('ran'), semaphore.tryWithPermits(1))).toEqual(Option.some('ran'))
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
    })
  )

  inEveryMode('gives none if other fibers wait already, though the request would fit', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(3)
      yield* group.spawn(pipe(Task.never, semaphore.withPermits(2)))
      yield* settled
      const waiter = yield* group.spawn(pipe(Task.never, semaphore.withPermits(2)))
      yield* settled
      expect(semaphore.available).toBe(1)
      expect(yield* pipe(Task.die('not run'), semaphore.tryWithPermits(1))).toEqual(Option.none)
      yield* waiter.interrupt()
      expect(yield* pipe(Task.succeed('ran'), semaphore.tryWithPermits(1))).toEqual(Option.some('ran'))
      yield* group.asyncClose()
      expect(semaphore.available).toBe(3)
    })
  )

  inEveryMode('returns the permits after failure, defect and interruption', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      expect(failureOf(yield* Task.exit(pipe(Task.fail('no'), semaphore.tryWithPermits(1))))).toBe('no')
      expect(defectOf(yield* Task.exit(pipe(Task.die('boom'), semaphore.tryWithPermits(1))))).toBe('boom')
      const fiber = yield* group.spawn(pipe(Task.never, semaphore.tryWithPermits(1)))
      yield* settled
      expect(semaphore.available).toBe(0)
      yield* fiber.interrupt()
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
    })
  )
})

describe('a bad number of permits', () => {
  for (const permits of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1.5, '1']) {
    test(`is refused by the constructor with a message: ${String(permits)} (${typeof permits})`, () => {
      let thrown: unknown
      try {
        new Semaphore(permits as number)
      } catch (error) {
        thrown = error
      }
      expectBadArgument(thrown, permits)
    })

    inEveryMode(`is a defect of the Task that make returns: ${String(permits)} (${typeof permits})`, () =>
      Task.gen(function* () {
        const make = Semaphore.make(permits as number)
        expectBadArgument(defectOf(yield* Task.exit(make)), permits)
      })
    )

    inEveryMode(
      `is a defect of withPermits and tryWithPermits, which take none: ${String(permits)} (${typeof permits})`,
      () =>
        Task.gen(function* () {
          const semaphore = yield* Semaphore.make(2)
          let ran = false
          const task = Task.sync(() => void (ran = true))
          expectBadArgument(
            defectOf(yield* Task.exit(semaphore.withPermits(permits as number)(task))),
            permits
          )
          expectBadArgument(
            defectOf(yield* Task.exit(semaphore.tryWithPermits(permits as number)(task))),
            permits
          )
          expect([ran, semaphore.available]).toEqual([false, 2])
        })
    )
  }

  inEveryMode(
    'that exceeds the total is a defect at once with both numbers in its message, never an endless wait',
    () =>
      Task.gen(function* () {
        const semaphore = yield* Semaphore.make(2)
        const defect = defectOf(yield* Task.exit(pipe(Task.succeed(1), semaphore.withPermits(3))))
        expectBadArgument(defect, 3)
        expect((defect as Error).message).toContain('2')
        expect(yield* pipe(Task.succeed('others go on'), semaphore.withPermits(2))).toBe('others go on')
      })
  )

  inEveryMode('is not zero: a task with zero permits runs at once and takes none', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      yield* group.spawn(pipe(Task.never, semaphore.withPermits(1)))
      yield* settled
      expect(yield* pipe(Task.succeed('ran'), semaphore.withPermits(0))).toBe('ran')
      expect(yield* pipe(Task.succeed('ran'), semaphore.tryWithPermits(0))).toEqual(Option.some('ran'))
      expect(semaphore.available).toBe(0)
      yield* group.asyncClose()
    })
  )
})
