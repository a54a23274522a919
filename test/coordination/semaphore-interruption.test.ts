/** Free and held permits add up to the total after every interruption, and the next waiter continues at once. */
import { type Fiber, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failure, Interrupt, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { after, bench, describeMode, expectSuccess, inEveryMode, modes, settled } from '../support/modes.js'

describe('interrupting a waiter of a semaphore', () => {
  inEveryMode('takes no permit', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(2)
      const holder = yield* group.spawn(pipe(Task.never, semaphore.withPermits(1)))
      yield* settled
      const waiter = yield* group.spawn(pipe(Task.die('never entered'), semaphore.withPermits(2)))
      yield* settled
      expect(summary(yield* waiter.interrupt())).toEqual(failure(Interrupt))
      expect(semaphore.available).toBe(1)
      yield* holder.interrupt()
      expect(semaphore.available).toBe(2)
      yield* group.asyncClose()
    })
  )

  inEveryMode('at the head lets the next waiters continue at once, in their order', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(3)
      const entered = new Set<string>()
      const enter = (name: string, permits: number) =>
        pipe(
          Task.sync(() => void entered.add(name)),
          Task.flatMap(() => Task.never),
          semaphore.withPermits(permits)
        )
      yield* group.spawn(enter('holder', 1))
      yield* settled
      const head = yield* group.spawn(enter('head', 3))
      yield* settled
      for (const name of ['a', 'b', 'c']) {
        yield* group.spawn(enter(name, 1))
        yield* settled
      }
      expect([...entered]).toEqual(['holder'])
      yield* head.interrupt()
      yield* settled
      expect([...entered].sort()).toEqual(['a', 'b', 'holder'])
      expect(semaphore.available).toBe(0)
      yield* group.asyncClose()
      expect(semaphore.available).toBe(3)
    })
  )

  inEveryMode('in the middle keeps the order of the others', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      const entered: Array<number> = []
      const holder = yield* group.spawn(pipe(Task.never, semaphore.withPermits(1)))
      yield* settled
      const waiters: Array<Fiber<unknown, unknown>> = []
      for (const id of [0, 1, 2, 3]) {
        waiters.push(
          yield* group.spawn(
            pipe(
              Task.sync(() => void entered.push(id)),
              Task.flatMap(() => Task.sleep(10)),
              semaphore.withPermits(1)
            )
          )
        )
        yield* settled
      }
      waiters[1]!.interruptNowait()
      waiters[3]!.interruptNowait()
      yield* holder.interrupt()
      yield* Task.sleep(50)
      expect(entered).toEqual([0, 2])
      expect(semaphore.available).toBe(1)
      yield* group.asyncClose()
    })
  )

  for (const order of ['just before', 'just after'] as const) {
    inEveryMode(
      `leaks no permit ${order} its wake-up, in the same time slice, and the next waiter continues (Effect#6081, cpython#90155) (31)`,
      () =>
        Task.gen(function* () {
          const group = yield* bench
          const semaphore = yield* Semaphore.make(1)
          const entered: Array<string> = []
          let chosen: Fiber<unknown, unknown> | undefined
          /** The permit comes free right behind this finalizer: the strike lies in the turn of the hand-off or next to it. */
          const holder = yield* group.spawn(
            order === 'just before'
              ? pipe(
                  Task.never,
                  Task.ensuring(Task.sync(() => chosen?.interruptNowait())),
                  semaphore.withPermits(1)
                )
              : pipe(
                  Task.never,
                  semaphore.withPermits(1),
                  Task.onExit(() => {
                    chosen?.interruptNowait()
                    return Task.unit
                  })
                )
          )
          yield* settled
          const enter = (name: string) =>
            pipe(
              Task.sync(() => void entered.push(name)),
              Task.flatMap(() => Task.yieldNow),
              semaphore.withPermits(1)
            )
          chosen = yield* group.spawn(enter('chosen'))
          yield* settled
          const next = yield* group.spawn(enter('next'))
          yield* settled
          yield* holder.interrupt()
          yield* next.join()
          yield* chosen.wait()
          expect(entered[entered.length - 1]).toBe('next')
          expect(semaphore.available).toBe(1)
          yield* pipe(Task.unit, semaphore.withPermits(1))
          yield* group.asyncClose()
        })
    )
  }

  inEveryMode('before its first time slice leaks no permit (kotlinx.coroutines#2380, cats-effect#4488)', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(1)
      for (let turns = 0; turns < 6; turns++) {
        const fiber = yield* group.spawn(pipe(Task.never, semaphore.withPermits(1)))
        yield* after(turns, () => fiber.interruptNowait())
        yield* fiber.wait()
        expect(semaphore.available).toBe(1)
      }
      yield* group.asyncClose()
    })
  )

  inEveryMode('holder and waiters together leaves every permit free', () =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(3)
      const fibers: Array<Fiber<unknown, unknown>> = []
      for (const permits of [2, 1, 3, 1, 2]) {
        fibers.push(yield* group.spawn(pipe(Task.never, semaphore.withPermits(permits))))
      }
      yield* settled
      yield* Task.sync(() => {
        for (const fiber of fibers) fiber.interruptNowait()
      })
      for (const fiber of fibers) expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
      expect(semaphore.available).toBe(3)
      yield* group.asyncClose()
    })
  )
})

describe('interrupted at any step', () => {
  /** Five users of three permits; one is struck after so many turns, and the permits are counted. */
  const program = (victim: number, step: number): Task.Task<unknown, void> =>
    Task.gen(function* () {
      const group = yield* bench
      const semaphore = yield* Semaphore.make(3)
      let held = 0
      let ended = 0
      const hold = (permits: number): Task.Task<never, void> =>
        Task.bracket(
          Task.sync(() => {
            held += permits
          }),
          () => {
            expect(held).toBeLessThanOrEqual(3)
            return Task.yieldNow
          },
          () =>
            Task.sync(() => {
              held -= permits
            })
        )
      const users: ReadonlyArray<Task.Task<never, unknown>> = [
        pipe(hold(2), semaphore.withPermits(2)),
        pipe(hold(3), semaphore.withPermits(3)),
        pipe(hold(1), semaphore.tryWithPermits(1)),
        pipe(hold(1), semaphore.withPermits(1)),
        pipe(hold(2), semaphore.withPermits(2))
      ]
      const fibers: Array<Fiber<unknown, unknown>> = []
      for (const user of users) {
        fibers.push(
          yield* group.spawn(
            pipe(
              user,
              Task.map(() => void ended++)
            )
          )
        )
      }
      yield* group.spawn(after(step, () => fibers[victim]!.interruptNowait()))
      yield* settled
      expect([held, semaphore.available]).toEqual([0, 3])
      expect(ended).toBeGreaterThanOrEqual(4)
      yield* group.asyncClose()
    })

  for (const victim of [0, 1, 2, 3, 4]) {
    test(`user ${victim} leaves every permit free and the other fibers continue`, {
      timeout: 60_000
    }, async () => {
      for (const mode of modes.slice(0, 9)) {
        for (let step = 0; step < 30; step++) {
          try {
            expectSuccess(await runVirtual(program(victim, step), mode))
          } catch (thrown) {
            if (thrown instanceof Error) thrown.message += `\n(step ${step}, ${describeMode(mode)})`
            throw thrown
          }
        }
      }
    })
  }
})
