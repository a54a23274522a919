/** The options of closing: at once, without interruption, with a grace period, repeatedly, and concurrently. */
import { callOnCancel, Deferred, type Fiber, Group, Task } from 'aio-ts'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failure, Interrupt, rightOf, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { expectSuccess, inEveryMode, modes, settled } from '../support/modes.js'

/** Sleeps, then notes that it was let; interrupted it notes that, too, and when it has cleaned up. */
const worker = (log: Array<string>, name: string, ms: number, cleanupMs = 0): Task.Task<never, void> =>
  pipe(
    Task.sleep(ms),
    Task.map(() => void log.push(`${name} done`)),
    Task.onInterrupt(
      pipe(
        Task.sleep(cleanupMs),
        Task.map(() => void log.push(`${name} stopped`))
      )
    )
  )

describe('closing a group', () => {
  inEveryMode(
    'interrupts its fibers and is complete only when their finalizers have run, however slow (9, 19)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const log: Array<string> = []
        yield* group.spawn(worker(log, 'a', 1000, 50))
        yield* group.spawn(worker(log, 'b', 1000, 100))
        yield* settled
        yield* group.asyncClose()
        expect(log).toEqual(['a stopped', 'b stopped'])
        expect([group.size, group.isClosed]).toEqual([0, true])
      })
  )

  inEveryMode(
    'skips no finalizer of a fiber that was spawned in the same time slice (cats-effect#4488) (8)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const log: Array<string> = []
        yield* Task.sync(() => {
          rightOf(group.spawnNowait(worker(log, 'a', 1000)))
          rightOf(
            group.spawnNowait(
              Task.bracket(
                Task.sync(() => void log.push('acquired')),
                () => Task.never,
                () => Task.sync(() => void log.push('released'))
              )
            )
          )
          group.close()
        })
        yield* group.waitClosed()
        expect(log.filter((line) => line.endsWith('d')).sort()).toContain('a stopped')
        expect(log.filter((line) => line === 'acquired').length).toBe(
          log.filter((line) => line === 'released').length
        )
      })
  )

  inEveryMode('waits for a fiber that cannot be interrupted, which still returns its value', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const fiber = yield* group.spawn(Task.uninterruptible(pipe(Task.sleep(30), Task.as('to the end'))))
      yield* settled
      yield* group.asyncClose()
      expect(yield* fiber.join()).toBe('to the end')
    })
  )

  inEveryMode('lets joining fibers receive the value of a fiber that absorbed its interruption (26)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const outside = yield* Group.make()
      const fiber = yield* group.spawn(
        pipe(Task.sleep(30), Task.as('absorbed'), Task.uncancellable({ raiseCancel: false }))
      )
      const joiner = yield* outside.spawn(fiber.join())
      yield* settled
      yield* group.asyncClose()
      expect(yield* joiner.join()).toBe('absorbed')
      expect(yield* fiber.join()).toBe('absorbed')
      yield* outside.asyncClose()
    })
  )

  inEveryMode('can interrupt again a fiber that absorbed its interruption', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const absorbing: ReadonlyArray<Task.Task<never, unknown>> = [
        pipe(Task.sleep(10), Task.uncancellable({ raiseCancel: false })),
        callOnCancel(() => 'absorbed')
      ]
      for (const absorb of absorbing) {
        const fiber = yield* group.spawn(
          pipe(
            absorb,
            Task.flatMap(() => Task.never)
          )
        )
        yield* settled
        fiber.interruptNowait()
        yield* Task.sleep(50)
        expect(fiber.status()._tag).toBe('Waiting')
        expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
      }
      yield* group.asyncClose()
    })
  )

  inEveryMode('shows joining fibers the interruption of a fiber as an ordinary cause (13)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const outside = yield* Group.make()
      const fiber = yield* group.spawn(Task.never)
      const joiner = yield* outside.spawn(
        pipe(
          fiber.join(),
          Task.catchCause(() => Task.succeed('went on'))
        )
      )
      yield* settled
      yield* group.asyncClose()
      expect(yield* joiner.join()).toBe('went on')
      yield* outside.asyncClose()
    })
  )

  inEveryMode('by many fibers at once returns in each of them', () =>
    Task.gen(function* () {
      const closers = yield* Group.make()
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* group.spawn(worker(log, 'a', 1000, 20))
      yield* settled
      const fibers: Array<Fiber<never, void>> = []
      for (const options of [undefined, { interrupt: false }, { interrupt: true }, { graceMs: 5 }]) {
        fibers.push(
          yield* closers.spawn(
            pipe(
              group.asyncClose(options),
              Task.map(() => expect(group.isClosed).toBe(true)),
              Task.asUnit
            )
          )
        )
      }
      fibers.push(yield* closers.spawn(group.waitClosed()))
      for (const fiber of fibers) yield* fiber.join()
      expect(log).toEqual(['a stopped'])
      yield* closers.asyncClose()
    })
  )

  inEveryMode('continues when the fiber that runs asyncClose() is interrupted (25)', () =>
    Task.gen(function* () {
      const closers = yield* Group.make()
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* group.spawn(worker(log, 'a', 1000, 50))
      yield* settled
      const closer = yield* closers.spawn(group.asyncClose())
      yield* settled
      expect(summary(yield* closer.interrupt())).toEqual(failure(Interrupt))
      expect([group.isClosing, group.isClosed]).toEqual([true, false])
      yield* Task.sleep(100)
      expect(log).toEqual(['a stopped'])
      expect(group.isClosed).toBe(true)
      yield* closers.asyncClose()
    })
  )

  inEveryMode('does not interrupt a fiber whose joining or waiting fiber is interrupted (25)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const outside = yield* Group.make()
      const fiber = yield* group.spawn(pipe(Task.sleep(50), Task.as('done')))
      const [joiner, waiter] = [yield* outside.spawn(fiber.join()), yield* outside.spawn(fiber.wait())]
      yield* settled
      yield* outside.asyncClose()
      expect(summary(yield* joiner.wait())).toEqual(failure(Interrupt))
      expect(summary(yield* waiter.wait())).toEqual(failure(Interrupt))
      expect(yield* fiber.join()).toBe('done')
      yield* group.asyncClose()
    })
  )

  inEveryMode('does nothing when asyncClose() is built, only when it is run (1)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const close = group.asyncClose()
      expect(group.isOpen).toBe(true)
      yield* close
      expect(group.isClosed).toBe(true)
    })
  )

  inEveryMode('releases what its fibers hold also if they spawn and join while stopping (11)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const helpers = yield* Group.make()
      const log: Array<string> = []
      const cleanup = Task.gen(function* () {
        const helper = yield* helpers.spawn(pipe(Task.sleep(10), Task.as('helped')))
        log.push(yield* helper.join())
        log.push(yield* pipe(Task.never, Task.race(pipe(Task.sleep(1), Task.as('raced')))))
        log.push((yield* Task.either(pipe(Task.never, Task.timeout(5))))._tag)
      })
      yield* group.spawn(pipe(Task.never, Task.ensuring(Task.orDie(cleanup))))
      yield* settled
      yield* group.asyncClose()
      expect(log).toEqual(['helped', 'raced', 'Left'])
      yield* helpers.asyncClose()
    })
  )
})

describe('closing without interruption', () => {
  inEveryMode('refuses new fibers and lets the present ones end (20)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* group.spawn(worker(log, 'a', 20))
      yield* group.spawn(worker(log, 'b', 40))
      group.close({ interrupt: false })
      expect(Either.isLeft(group.spawnNowait(Task.unit))).toBe(true)
      yield* group.waitClosed()
      expect(log).toEqual(['a done', 'b done'])
    })
  )

  inEveryMode('interrupts the remaining fibers at a later close() (20)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* group.spawn(worker(log, 'short', 20))
      yield* group.spawn(worker(log, 'long', 1000))
      group.close({ interrupt: false })
      yield* Task.sleep(50)
      expect(log).toEqual(['short done'])
      group.close()
      yield* group.waitClosed()
      expect(log).toEqual(['short done', 'long stopped'])
    })
  )

  inEveryMode('does not undo an earlier close() (20)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* group.spawn(worker(log, 'a', 1000, 30))
      yield* settled
      group.close()
      group.close({ interrupt: false })
      yield* group.asyncClose({ interrupt: false })
      expect(log).toEqual(['a stopped'])
    })
  )

  inEveryMode(
    'does not undo an earlier close() of the time slice in which the fibers were spawned (20)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const log: Array<string> = []
        yield* Task.sync(() => {
          rightOf(group.spawnNowait(worker(log, 'a', 1000)))
          group.close()
          group.close({ interrupt: false })
        })
        yield* group.waitClosed()
        expect(log).toEqual(['a stopped'])
      })
  )

  test('takes as long as the fibers take, and a later close() ends that at once (20)', async () => {
    for (const mode of modes) {
      const patient = await runVirtual(
        Task.gen(function* () {
          const group = yield* Group.make()
          yield* group.spawn(Task.sleep(70))
          yield* group.asyncClose({ interrupt: false })
        }),
        mode
      )
      expectSuccess(patient)
      expect(patient.elapsed).toBe(70)
      const hurried = await runVirtual(
        Task.gen(function* () {
          const group = yield* Group.make()
          yield* group.spawn(Task.sleep(70))
          group.close({ interrupt: false })
          yield* Task.sleep(10)
          yield* group.asyncClose()
        }),
        mode
      )
      expectSuccess(hurried)
      expect(hurried.elapsed).toBe(10)
    }
  })
})

describe('closing with a grace period', () => {
  /** How long it takes to close a group of one fiber that sleeps `ms`, in these manners, so many milliseconds apart. */
  const closing = (ms: number, ...manners: ReadonlyArray<Parameters<Group['close']>[0] | number>) =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* group.spawn(worker(log, 'a', ms))
      for (const manner of manners) {
        if (typeof manner === 'number') yield* Task.sleep(manner)
        else group.close(manner)
      }
      yield* group.waitClosed()
      return log.join()
    })

  const cases: ReadonlyArray<readonly [string, () => Task.Task<unknown, string>, string, number]> = [
    ['lets the fibers end that end in time', () => closing(30, { graceMs: 100 }), 'a done', 30],
    ['interrupts the remaining fibers after it', () => closing(500, { graceMs: 100 }), 'a stopped', 100],
    [
      'means the same with interrupt: false',
      () => closing(500, { interrupt: false, graceMs: 100 }),
      'a stopped',
      100
    ],
    ['of 0 gives no time', () => closing(500, { graceMs: 0 }), 'a stopped', 0],
    ['is cut short by a close()', () => closing(500, { graceMs: 100 }, 20, undefined), 'a stopped', 20],
    [
      'is cut short by a close() in the same time slice',
      () => closing(500, { graceMs: 100 }, undefined),
      'a stopped',
      0
    ],
    [
      'is not affected by a later close without interruption',
      () => closing(500, { graceMs: 100 }, 20, { interrupt: false }),
      'a stopped',
      100
    ],
    [
      'begins at its own close where one without interruption came before',
      () => closing(500, { interrupt: false }, 20, { graceMs: 100 }),
      'a stopped',
      120
    ],
    ['comes too late after a close()', () => closing(500, {}, { graceMs: 100 }), 'a stopped', 0]
  ]
  for (const [name, program, result, elapsed] of cases) {
    test(`${name} (20)`, async () => {
      for (const mode of modes) {
        // A timer of the group that outlived it would reject the run.
        const run = await runVirtual(program(), mode)
        expect(expectSuccess(run)).toBe(result)
        expect(run.elapsed).toBe(elapsed)
      }
    })
  }

  inEveryMode(
    'leaves no timer when the group is closed early (19)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const letGo = yield* Deferred.make<never, void>()
        yield* group.spawn(letGo.wait())
        yield* group.spawn(Task.never)
        group.close({ graceMs: 1_000_000 })
        letGo.succeed(undefined)
        yield* settled
        expect(group.isClosed).toBe(false)
        yield* group.asyncClose()
      }),
    (run) => {
      expectSuccess(run)
      expect(run.elapsed).toBe(1)
    }
  )

  inEveryMode(
    'cut short interrupts once: a fiber that absorbed it is not interrupted again at the end of the period (20)',
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
        group.close({ graceMs: 100 })
        yield* Task.sleep(20)
        group.close()
        expect(yield* fiber.join()).toBe('went on')
        yield* group.waitClosed()
      })
  )

  inEveryMode(
    'applies to subgroups (18)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const log: Array<string> = []
        const subgroup = yield* group.createSubgroup()
        yield* subgroup.spawn(worker(log, 'short', 20))
        yield* subgroup.spawn(worker(log, 'long', 500))
        group.close({ graceMs: 100 })
        expect(subgroup.isClosing).toBe(true)
        yield* group.waitClosed()
        expect(log).toEqual(['short done', 'long stopped'])
      }),
    (run) => {
      expectSuccess(run)
      expect(run.elapsed).toBe(100)
    }
  )
})
