/** A fiber that closes its own group would wait for itself: it must neither hang nor keep running. */
import { type Cause, Group, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { failure, Interrupt, leftOf, rightOf, success, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { expectSuccess, inEveryMode, type Run, settled } from '../support/modes.js'

/** A group whose defects are collected. */
const watched = (defects: Array<unknown>) =>
  Group.make<never>({ onFailure: (cause) => void defects.push(...defectsWithin(cause)) })

/** Also those that an interruption which came in between carries. */
const defectsWithin = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.flatMap((reason) => {
    if (reason._tag === 'Die') return [reason.defect]
    const result = reason._tag === 'Interrupt' ? Option.toUndefined(reason.result) : undefined
    return result?._tag === 'Left' ? defectsWithin(result.left) : []
  })

/** The defect says in words that this fiber would wait for itself. */
const expectRefusal = (defects: ReadonlyArray<unknown>): void => {
  expect(defects.length).toBe(1)
  expect(defects[0]).toBeInstanceOf(Error)
  expect((defects[0] as Error).message).toMatch(/clos/i)
  expect((defects[0] as Error).message).toMatch(/uninterruptible/i)
}

describe('a fiber that closes its own group', () => {
  inEveryMode('is interrupted at its next suspension with close() (21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      const fiber = yield* group.spawn(
        pipe(
          Task.sync(() => {
            group.close()
            log.push('closed')
          }),
          Task.flatMap(() => Task.never),
          Task.ensuring(Task.sync(() => void log.push('finalizer')))
        )
      )
      yield* group.waitClosed()
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
      expect(log).toEqual(['closed', 'finalizer'])
    })
  )

  inEveryMode('is interrupted at the wait of asyncClose(), and the group is closed (21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      const fiber = yield* group.spawn(
        pipe(
          group.asyncClose(),
          Task.map(() => void log.push('came back')),
          Task.ensuring(Task.sync(() => void log.push(group.isClosed ? 'too late' : 'finalizer')))
        )
      )
      yield* group.waitClosed()
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
      expect(log).toEqual(['finalizer'])
    })
  )

  inEveryMode('may do so before any suspension, and does not hang (cpython#155418) (21)', () =>
    Task.withGroup((group: Group<never>) =>
      Task.gen(function* () {
        yield* group.spawn(group.asyncClose())
        yield* group.waitClosed()
      })
    )
  )

  inEveryMode('and was spawned in the time slice of another close ends in a closed group (21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      yield* Task.sync(() => {
        rightOf(group.spawnNowait(group.asyncClose()))
        rightOf(group.spawnNowait(group.asyncClose()))
      })
      yield* group.asyncClose()
      expect(group.isClosed).toBe(true)
    })
  )

  inEveryMode('interrupts the others of the group with it (21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      for (const name of ['a', 'b']) {
        yield* group.spawn(pipe(Task.never, Task.ensuring(Task.sync(() => void log.push(name)))))
      }
      yield* group.spawn(
        pipe(
          Task.sleep(10),
          Task.flatMap(() => group.asyncClose())
        )
      )
      yield* group.waitClosed()
      expect([...log].sort()).toEqual(['a', 'b'])
    })
  )

  inEveryMode('from its own child in Task.all is interrupted with it, and the group is closed (21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      const fiber = yield* group.spawn(
        pipe(
          Task.all([
            Task.never,
            pipe(
              Task.sleep(5),
              Task.flatMap(() => group.asyncClose())
            )
          ]),
          Task.asUnit,
          Task.ensuring(Task.sync(() => void log.push('finalizer')))
        )
      )
      yield* group.waitClosed()
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
      expect(log).toEqual(['finalizer'])
    })
  )

  inEveryMode('from a side of its own race or timeout is interrupted with it (21)', () =>
    Task.gen(function* () {
      for (const wrap of [Task.race(Task.never), Task.timeout(1000)]) {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(pipe(group.asyncClose(), wrap, Task.exit, Task.asUnit))
        yield* group.waitClosed()
        expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
      }
    })
  )

  inEveryMode('from a subgroup ends in a closed group (18, 21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const subgroup = yield* group.createSubgroup()
      const fiber = yield* subgroup.spawn(group.asyncClose())
      yield* group.waitClosed()
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
      expect(subgroup.isClosed).toBe(true)
    })
  )

  inEveryMode(
    'that already waits for the close does not block a close without interruption by others (20, 21)',
    () =>
      Task.gen(function* () {
        for (const options of [{ interrupt: false }, { graceMs: 1000 }]) {
          const group = yield* Group.make()
          const fiber = yield* group.spawn(group.waitClosed())
          yield* settled
          group.close(options)
          yield* pipe(group.waitClosed(), Task.timeout(100))
          expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
        }
      })
  )

  inEveryMode('without interruption does not hang forever: a later close() ends its wait (20, 21)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const fiber = yield* group.spawn(group.asyncClose({ interrupt: false }))
      yield* Task.sleep(10)
      yield* group.asyncClose()
      const exit = yield* fiber.wait()
      leftOf(exit)
    })
  )
})

describe('a fiber that closes its own group within a mask', () => {
  const cases: ReadonlyArray<readonly [string, (group: Group<never>) => Task.Task<never, unknown>]> = [
    ['in an uninterruptible region', (group) => Task.uninterruptible(group.asyncClose())],
    ['in a finalizer', (group) => pipe(Task.unit, Task.ensuring(group.asyncClose()))],
    [
      'in a finalizer that runs because it is interrupted',
      (group) => pipe(Task.interrupt, Task.ensuring(group.asyncClose()))
    ],
    [
      'in the acquire of a bracket',
      (group) =>
        Task.bracket(
          group.asyncClose(),
          () => Task.unit,
          () => Task.unit
        )
    ],
    ['in uncancellable', (group) => pipe(group.asyncClose(), Task.uncancellable())]
  ]
  for (const [name, close] of cases) {
    inEveryMode(`dies with a defect that says so, ${name}, and the group is closed (21)`, () =>
      Task.gen(function* () {
        const defects: Array<unknown> = []
        const group = yield* watched(defects)
        const fiber = yield* group.spawn(close(group))
        yield* group.waitClosed()
        yield* fiber.wait()
        yield* settled
        expectRefusal(defects)
      })
    )
  }

  inEveryMode('dies with that defect also from a subgroup of the group that it closes (18, 21)', () =>
    Task.gen(function* () {
      const defects: Array<unknown> = []
      const group = yield* watched(defects)
      const subgroup = yield* group.createSubgroup()
      yield* subgroup.spawn(Task.uninterruptible(group.asyncClose()))
      yield* group.waitClosed()
      yield* settled
      expectRefusal(defects)
    })
  )

  inEveryMode('does not hang if the wait is in its own child of Task.all (21)', () =>
    Task.gen(function* () {
      const group = yield* watched([])
      const fiber = yield* group.spawn(
        pipe(Task.all([group.asyncClose(), Task.sleep(5)]), Task.asUnit, Task.uninterruptible)
      )
      yield* group.waitClosed()
      leftOf(yield* fiber.wait())
    })
  )

  inEveryMode('may close another group and wait for it', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const other = yield* Group.make()
      yield* other.spawn(pipe(Task.never, Task.ensuring(Task.sleep(10))))
      const fiber = yield* group.spawn(Task.uninterruptible(other.asyncClose()))
      yield* fiber.join()
      expect(other.isClosed).toBe(true)
      yield* group.asyncClose()
    })
  )

  inEveryMode('may close a subgroup of its own group and wait for it', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const subgroup = yield* group.createSubgroup()
      yield* subgroup.spawn(pipe(Task.never, Task.ensuring(Task.sleep(10))))
      const fiber = yield* group.spawn(Task.uninterruptible(subgroup.asyncClose()))
      yield* fiber.join()
      expect([subgroup.isClosed, group.isOpen]).toEqual([true, true])
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'may still close() its own group without waiting',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const log: Array<string> = []
        yield* group.spawn(
          pipe(
            Task.sync(() => group.close()),
            Task.flatMap(() => Task.sleep(10)),
            Task.map(() => void log.push('to the end')),
            Task.uninterruptible
          )
        )
        yield* group.waitClosed()
        expect(log).toEqual(['to the end'])
      }),
    (run: Run) => {
      expectSuccess(run)
      expect(run.elapsed).toBe(10)
    }
  )
})

describe('a fiber that waits for its own group', () => {
  it('does not block its close, also if the others end by themselves (20, 21)', async () => {
    const run = await runVirtual(
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(group.waitClosed())
        const racing = yield* group.spawn(pipe(group.waitClosed(), Task.race(Task.sleep(10))))
        yield* Task.yieldNow
        yield* group.asyncClose({ interrupt: false })
        return [(yield* fiber.wait())._tag, (yield* racing.wait())._tag]
      })
    )
    expect(summary(run.exit)).toEqual(success(['Left', 'Right']))
  })
})
