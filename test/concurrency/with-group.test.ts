/** `withGroup`: when the block ends, in whatever way, no fiber of its group is running. */
import { type Fiber, type Group, GroupClosedError, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect } from 'vitest'
import { expectTagged } from '../support/errors.js'
import { defectOf, failure, failureOf, Interrupt, leftOf, rightOf, summary } from '../support/exits.js'
import { bench, expectSuccess, inEveryMode, settled } from '../support/modes.js'

const noting = (log: Array<string>, line: string, ms = 0): Task.Task<never, never> =>
  pipe(
    Task.never,
    Task.ensuring(
      pipe(
        Task.sleep(ms),
        Task.map(() => void log.push(line))
      )
    )
  )

describe('withGroup', () => {
  inEveryMode(
    'returns the value of its body after the remaining fibers were interrupted and have ended',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        let escaped: Group<never> | undefined
        const value = yield* Task.withGroup((group: Group<never>) =>
          Task.gen(function* () {
            escaped = group
            yield* group.spawn(noting(log, 'slow', 50))
            yield* group.spawn(noting(log, 'quick'))
            yield* settled
            return 'value'
          })
        )
        expect([value, log]).toEqual(['value', ['quick', 'slow']])
        expect([escaped!.isClosed, escaped!.size]).toEqual([true, 0])
      })
  )

  inEveryMode(
    'closes its group also when the body fails, dies or is interrupted, and ends as the body did',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        const ending = (name: string, end: Task.Task<string, never>) =>
          Task.withGroup((group: Group<never>) =>
            Task.gen(function* () {
              yield* group.spawn(noting(log, name, 5))
              yield* settled
              return yield* end
            })
          )
        expect(failureOf(yield* Task.exit(ending('failed', Task.fail('no'))))).toBe('no')
        expect(defectOf(yield* Task.exit(ending('died', Task.die('boom'))))).toBe('boom')
        const outside = yield* bench
        expect(
          summary(yield* (yield* outside.spawn(ending('interrupted itself', Task.interrupt))).wait())
        ).toEqual(failure(Interrupt))
        const fiber = yield* outside.spawn(ending('interrupted', Task.never))
        yield* settled
        yield* settled
        expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
        expect(log).toEqual(['failed', 'died', 'interrupted itself', 'interrupted'])
        yield* outside.asyncClose()
      })
  )

  inEveryMode('closes its group also when the body throws before it returns a Task', () =>
    Task.gen(function* () {
      let escaped: Group<never> | undefined
      const boom = new Error('boom')
      const task = Task.withGroup((group: Group<never>): Task.Task<never, void> => {
        escaped = group
        throw boom
      })
      expect(defectOf(yield* Task.exit(task))).toBe(boom)
      expect(escaped!.isClosed).toBe(true)
    })
  )

  inEveryMode('makes a new group each time it is run (1)', () =>
    Task.gen(function* () {
      const groups: Array<Group<never>> = []
      const task = Task.withGroup((group: Group<never>) => Task.sync(() => void groups.push(group)))
      expect(groups.length).toBe(0)
      yield* task
      yield* task
      expect(groups.length).toBe(2)
      expect(groups[0] === groups[1]).toBe(false)
    })
  )

  inEveryMode('names its group for dumps and traces', () =>
    Task.withGroup(
      (group: Group<never>) =>
        Task.gen(function* () {
          const { dump } = yield* Task.promise(() => import('aio-ts'))
          yield* group.spawn(Task.never, { name: 'a hasher' })
          yield* settled
          expect(dump()).toContain('the hashers')
          expect(dump()).toContain('a hasher')
        }),
      { name: 'the hashers' }
    )
  )

  inEveryMode('accepts no fiber in its group afterwards (17)', () =>
    Task.gen(function* () {
      const group = yield* Task.withGroup((inner: Group<never>) => Task.succeed(inner))
      expect(leftOf(group.spawnNowait(Task.die('not run')))).toBeInstanceOf(GroupClosedError)
    })
  )

  inEveryMode('can be nested, and the inner one has ended before the outer one continues', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      yield* Task.withGroup((outer: Group<never>) =>
        Task.gen(function* () {
          yield* outer.spawn(noting(log, 'of the outer'))
          yield* Task.withGroup((inner: Group<never>) =>
            Task.gen(function* () {
              yield* inner.spawn(noting(log, 'of the inner', 20))
              yield* settled
            })
          )
          log.push('between')
          yield* settled
        })
      )
      expect(log).toEqual(['of the inner', 'between', 'of the outer'])
    })
  )

  inEveryMode('accepts a body that closes its group itself', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<never>) =>
          Task.gen(function* () {
            yield* group.spawn(noting(log, 'member', 5))
            yield* settled
            yield* group.asyncClose()
            log.push('body went on')
            return 'value'
          })
        )
      )
      expect(log[0]).toBe('member')
      expect(rightOf(exit)).toBe('value')
    })
  )
})

describe("withGroup with whenDone 'wait'", () => {
  inEveryMode(
    'waits for the remaining fibers of the body, accepts no others, and returns the value',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        let escaped: Group<never> | undefined
        const watcher = yield* bench
        yield* watcher.spawn(
          pipe(
            Task.sleep(10),
            Task.map(() => void log.push(`newcomer: ${escaped!.spawnNowait(Task.die('not run'))._tag}`))
          )
        )
        const value = yield* Task.withGroup(
          (group: Group<never>) =>
            Task.gen(function* () {
              escaped = group
              yield* group.spawn(
                pipe(
                  Task.sleep(50),
                  Task.map(() => void log.push('worker done'))
                )
              )
              return 'value'
            }),
          { whenDone: 'wait' }
        )
        expect([value, log]).toEqual(['value', ['newcomer: Left', 'worker done']])
        yield* watcher.asyncClose()
      }),
    (run) => {
      expectSuccess(run)
      expect(run.elapsed).toBe(50)
    }
  )

  inEveryMode('still stops all fibers when one fails, and its error is the result (23)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const exit = yield* Task.exit(
        Task.withGroup(
          (group: Group<string>) =>
            Task.gen(function* () {
              yield* group.spawn(noting(log, 'stopped'))
              yield* group.spawn(
                pipe(
                  Task.sleep(20),
                  Task.flatMap(() => Task.fail('no'))
                )
              )
              return 'value'
            }),
          { whenDone: 'wait' }
        )
      )
      expect(failureOf(exit)).toBe('no')
      expect(log).toEqual(['stopped'])
    })
  )

  inEveryMode('interrupts the remaining fibers when it is interrupted from outside while it waits', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const outside = yield* bench
      const fiber = yield* outside.spawn(
        Task.withGroup(
          (group: Group<never>) => pipe(group.spawn(noting(log, 'leftover', 5)), Task.as('value')),
          {
            whenDone: 'wait'
          }
        )
      )
      yield* Task.sleep(10)
      expect(fiber.poll()._tag).toBe('None')
      const exit = yield* fiber.interrupt()
      expect(summary(exit)).toEqual(failure(Interrupt))
      expect(log).toEqual(['leftover'])
      yield* outside.asyncClose()
    })
  )

  inEveryMode('waits also when the body failed, and its failure is the result', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const exit = yield* Task.exit(
        Task.withGroup(
          (group: Group<never>) =>
            Task.gen(function* () {
              yield* group.spawn(
                pipe(
                  Task.sleep(30),
                  Task.map(() => void log.push('worker done'))
                )
              )
              return yield* Task.fail('no')
            }),
          { whenDone: 'wait' }
        )
      )
      expect(failureOf(exit)).toBe('no')
      expect(log).toEqual(['worker done'])
    })
  )
})

describe('withGroup interrupted', () => {
  inEveryMode('at any moment leaves no fiber running (9)', () =>
    Task.gen(function* () {
      const outside = yield* bench
      for (let turns = 0; turns < 25; turns++) {
        let alive = 0
        let escaped: Group<never> | undefined
        const member = Task.bracket(
          Task.sync(() => void alive++),
          () => Task.never,
          () =>
            pipe(
              Task.yieldNow,
              Task.map(() => void alive--)
            )
        )
        const fiber: Fiber<unknown, unknown> = yield* outside.spawn(
          Task.withGroup((group: Group<never>) =>
            Task.gen(function* () {
              escaped = group
              yield* group.spawn(member)
              yield* Task.yieldNow
              const subgroup = yield* group.createSubgroup()
              yield* subgroup.spawn(member)
              yield* Task.yieldNow
              yield* member
            })
          )
        )
        for (let turn = 0; turn < turns; turn++) yield* Task.yieldNow
        expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
        expect(alive).toBe(0)
        expect(escaped?.isClosed ?? true).toBe(true)
        expect(escaped?.size ?? 0).toBe(0)
      }
      yield* outside.asyncClose()
    })
  )

  inEveryMode('waits for a body that cannot be interrupted (9)', () =>
    Task.gen(function* () {
      const outside = yield* bench
      const log: Array<string> = []
      const fiber = yield* outside.spawn(
        Task.withGroup(() =>
          Task.uninterruptible(
            pipe(
              Task.sleep(50),
              Task.map(() => void log.push('to the end'))
            )
          )
        )
      )
      yield* settled
      yield* fiber.interrupt()
      expect(log).toEqual(['to the end'])
      yield* outside.asyncClose()
    })
  )

  inEveryMode('fails with a GroupClosedError of the body like with any failure of it', () =>
    Task.gen(function* () {
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<never>) =>
          Task.gen(function* () {
            group.close()
            yield* group.spawn(Task.unit)
          })
        )
      )
      expectTagged(failureOf(exit), 'GroupClosedError')
    })
  )
})
