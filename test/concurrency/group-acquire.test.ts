/** A group releases what it has acquired: once, in reverse order, after its fibers, before it is closed. */
import { Cause, Deferred, Group, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect } from 'vitest'
import { expectTagged } from '../support/errors.js'
import { defectOf, failure, failureOf, Interrupt, rightOf, summary } from '../support/exits.js'
import { expectReported, inEveryMode, settled } from '../support/modes.js'

/** A resource that notes when it comes and goes. */
const acquiring = (group: Group<never>, log: Array<string>, name: string, acquireMs = 0, releaseMs = 0) =>
  group.acquire(
    pipe(
      Task.sleep(acquireMs),
      Task.map(() => {
        log.push(`acquire ${name}`)
        return name
      })
    ),
    (resource) =>
      pipe(
        Task.sleep(releaseMs),
        Task.map(() => void log.push(`release ${resource}`))
      )
  )

describe('acquire in a group', () => {
  inEveryMode('returns the acquired value, and releases nothing while the group is open (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      expect(yield* acquiring(group, log, 'a')).toBe('a')
      yield* Task.sleep(100)
      expect(log).toEqual(['acquire a'])
      yield* group.asyncClose()
      expect(log).toEqual(['acquire a', 'release a'])
    })
  )

  inEveryMode(
    'is released in reverse order, each once, one after the other, before the group is closed (27)',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        const group = yield* Group.make()
        for (const name of ['a', 'b', 'c']) yield* acquiring(group, log, name, 0, name === 'c' ? 30 : 10)
        log.length = 0
        group.close()
        expect(group.isClosed).toBe(false)
        group.close()
        yield* Task.sleep(45)
        expect([log, group.isClosed]).toEqual([['release c', 'release b'], false])
        yield* group.waitClosed()
        expect(log).toEqual(['release c', 'release b', 'release a'])
        group.close()
        yield* settled
        expect(log.length).toBe(3)
      })
  )

  inEveryMode('is released after the fibers and the subgroups of the group have ended (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      const subgroup = yield* group.createSubgroup()
      yield* acquiring(group, log, 'of the group')
      yield* acquiring(subgroup, log, 'of the subgroup')
      const fiber = (name: string, ms: number) =>
        pipe(
          Task.never,
          Task.ensuring(
            pipe(
              Task.sleep(ms),
              Task.map(() => void log.push(`end ${name}`))
            )
          )
        )
      yield* group.spawn(fiber('fiber', 30))
      yield* subgroup.spawn(fiber('fiber of the subgroup', 60))
      yield* settled
      log.length = 0
      yield* group.asyncClose()
      expect(log).toEqual([
        'end fiber',
        'end fiber of the subgroup',
        'release of the subgroup',
        'release of the group'
      ])
    })
  )

  inEveryMode('is released also when the group closes without interruption, after the last fiber (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      yield* acquiring(group, log, 'a')
      yield* group.spawn(
        pipe(
          Task.sleep(20),
          Task.map(() => void log.push('fiber'))
        )
      )
      yield* group.asyncClose({ interrupt: false })
      expect(log).toEqual(['acquire a', 'fiber', 'release a'])
    })
  )

  inEveryMode('is released if the acquiring fiber of the group has long ended (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      yield* (yield* group.spawn(Task.orDie(acquiring(group, log, 'a')))).join()
      yield* settled
      expect(log).toEqual(['acquire a'])
      yield* group.asyncClose()
      expect(log).toEqual(['acquire a', 'release a'])
    })
  )

  inEveryMode('fails or dies with its acquisition, and releases nothing (27)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const never = () => Task.die('nothing to release')
      expect(failureOf(yield* Task.exit(group.acquire(Task.fail('no'), never)))).toBe('no')
      expect(defectOf(yield* Task.exit(group.acquire(Task.die('boom'), never)))).toBe('boom')
      yield* group.asyncClose()
    })
  )

  inEveryMode('is released at once if its caller was interrupted and would have continued with it (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      const outside = yield* Group.make()
      const fiber = yield* outside.spawn(
        pipe(
          acquiring(group, log, 'a', 20),
          Task.orDie,
          Task.flatMap(() => Task.never)
        )
      )
      yield* settled
      expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
      expect(log).toEqual(['acquire a', 'release a'])
      yield* group.asyncClose()
      expect(log).toEqual(['acquire a', 'release a'])
      yield* outside.asyncClose()
    })
  )

  inEveryMode(
    'is released at once if the group closes meanwhile, and the caller gets GroupClosedError (27)',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        const group = yield* Group.make()
        const outside = yield* Group.make()
        const fiber = yield* outside.spawn(Task.exit(acquiring(group, log, 'late', 30, 10)))
        yield* settled
        group.close()
        const exit = yield* fiber.join()
        expectTagged(failureOf(exit), 'GroupClosedError')
        expect(log).toEqual(['acquire late', 'release late'])
        yield* group.waitClosed()
        expect(log.length).toBe(2)
        yield* outside.asyncClose()
      })
  )

  inEveryMode('is released if a fiber of the group acquires while it closes (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      const fiber = yield* group.spawn(Task.exit(acquiring(group, log, 'late', 30, 10)))
      yield* settled
      yield* group.asyncClose()
      expect(log).toEqual(['acquire late', 'release late'])
      const exit = yield* fiber.wait()
      if (isRight(exit)) expectTagged(failureOf(exit.right), 'GroupClosedError')
      else expect(Cause.isInterrupted(exit.left)).toBe(true)
    })
  )

  inEveryMode('fails with GroupClosedError in a closing or closed group, and acquires nothing (17, 27)', () =>
    Task.gen(function* () {
      for (const state of ['closing', 'closed'] as const) {
        const log: Array<string> = []
        const group = yield* Group.make()
        const letGo = yield* Deferred.make<never, void>()
        if (state === 'closing') {
          yield* group.spawn(Task.uninterruptible(letGo.wait()))
          yield* settled
        }
        group.close()
        expectTagged(failureOf(yield* Task.exit(acquiring(group, log, 'a'))), 'GroupClosedError')
        letGo.succeed(undefined)
        yield* group.waitClosed()
        expect(log).toEqual([])
      }
    })
  )

  inEveryMode('runs nothing when it is built, and acquires each time it is run (1)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      const acquire = acquiring(group, log, 'a')
      expect(log).toEqual([])
      yield* acquire
      yield* acquire
      yield* group.asyncClose()
      expect(log).toEqual(['acquire a', 'acquire a', 'release a', 'release a'])
    })
  )

  inEveryMode('may acquire undefined, which is released', () =>
    Task.gen(function* () {
      const released: Array<unknown> = []
      const group = yield* Group.make()
      yield* group.acquire(Task.succeed(undefined), (resource) =>
        Task.sync(() => void released.push(resource))
      )
      yield* group.asyncClose()
      expect(released).toEqual([undefined])
    })
  )
})

describe('a release', () => {
  const boom = new Error('boom')

  for (const [how, fails] of [
    ['dies', () => Task.die(boom)],
    [
      'throws',
      () => {
        throw boom
      }
    ]
  ] as const) {
    inEveryMode(
      `that ${how} stops no other release and is reported, and the group is closed (9, 27)`,
      () =>
        Task.gen(function* () {
          const log: Array<string> = []
          const group = yield* Group.make()
          yield* acquiring(group, log, 'a')
          yield* group.acquire(Task.succeed('bad'), fails)
          yield* acquiring(group, log, 'c')
          log.length = 0
          yield* group.asyncClose()
          expect(log).toEqual(['release c', 'release a'])
          expect(group.isClosed).toBe(true)
        }),
      expectReported(boom)
    )
  }

  inEveryMode('cannot be interrupted (27)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const group = yield* Group.make()
      const outside = yield* Group.make()
      yield* acquiring(group, log, 'a', 0, 50)
      const closer = yield* outside.spawn(group.asyncClose())
      yield* settled
      expect(summary(yield* closer.interrupt())).toEqual(failure(Interrupt))
      group.close()
      yield* Task.sleep(10)
      group.close({ interrupt: true })
      yield* group.waitClosed()
      expect(log).toEqual(['acquire a', 'release a'])
      yield* outside.asyncClose()
    })
  )

  inEveryMode('that uses its own group is refused, not waited for', () =>
    Task.gen(function* () {
      const seen: Array<unknown> = []
      const group = yield* Group.make()
      yield* group.acquire(Task.unit, () =>
        pipe(
          group.spawn(Task.die('not run')),
          Task.exit,
          Task.map((exit) => void seen.push(failureOf(exit)))
        )
      )
      yield* group.asyncClose()
      expect(seen.length).toBe(1)
      expectTagged(seen[0], 'GroupClosedError')
    })
  )

  inEveryMode('may race, time out, spawn into another group and join (11)', () =>
    Task.gen(function* () {
      const log: Array<unknown> = []
      const group = yield* Group.make()
      const helpers = yield* Group.make()
      yield* group.acquire(Task.unit, () =>
        Task.orDie(
          Task.gen(function* () {
            log.push((yield* Task.either(pipe(Task.never, Task.timeout(10))))._tag)
            log.push(yield* (yield* helpers.spawn(pipe(Task.sleep(5), Task.as('helped')))).join())
          })
        )
      )
      yield* group.asyncClose()
      expect(log).toEqual(['Left', 'helped'])
      yield* helpers.asyncClose()
    })
  )

  inEveryMode(
    'that waits for its own group to close dies with a defect that says so, and does not deadlock (21)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.acquire(Task.unit, () => group.asyncClose())
        yield* group.asyncClose()
        expect(group.isClosed).toBe(true)
      }),
    (run) => {
      rightOf(run.exit)
      expect(run.reports.length).toBe(1)
    }
  )
})
