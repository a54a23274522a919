/** A Deferred: a value that is set once, for all waiters. */
import { Cause, Deferred, Exit, Task } from 'aio-ts'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { defectOf, failure, failureOf, Interrupt, isInterrupted, leftOf, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { bench, expectSuccess, inEveryMode, inOrder, settled } from '../support/modes.js'

describe('a deferred', () => {
  inEveryMode('gives its value to present and later waiters, each time', () =>
    Task.gen(function* () {
      const group = yield* bench
      const deferred = yield* Deferred.make<never, string>()
      const wait = deferred.wait()
      const early = [yield* group.spawn(wait), yield* group.spawn(wait)]
      yield* settled
      expect(early.map((fiber) => fiber.poll()._tag)).toEqual(['None', 'None'])
      expect(deferred.succeed('x')).toBe(true)
      for (const fiber of early) expect(yield* fiber.join()).toBe('x')
      expect([yield* wait, yield* wait]).toEqual(['x', 'x'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('is completed once; later completions return false and change nothing', () =>
    Task.gen(function* () {
      const succeeded = new Deferred<string, number>()
      expect([
        succeeded.succeed(1),
        succeeded.succeed(2),
        succeeded.fail('no'),
        succeeded.done(Exit.succeed(3))
      ]).toEqual([true, false, false, false])
      expect(yield* succeeded.wait()).toBe(1)
      const failed = new Deferred<string, number>()
      expect([
        failed.fail('no'),
        failed.fail('never'),
        failed.succeed(1),
        failed.done(Exit.die('x'))
      ]).toEqual([true, false, false, false])
      expect(failureOf(yield* Task.exit(failed.wait()))).toBe('no')
    })
  )

  inEveryMode('fails its waiters with its typed failure, from which they can recover', () =>
    Task.gen(function* () {
      const group = yield* bench
      const deferred = yield* Deferred.make<'gone', number>()
      const fiber = yield* group.spawn(
        pipe(
          deferred.wait(),
          Task.orElse((error) => Task.succeed(error))
        )
      )
      yield* settled
      deferred.fail('gone')
      expect(yield* fiber.join()).toBe('gone')
      yield* group.asyncClose()
    })
  )

  inEveryMode('completed with an exit gives that exit: success, failure, defect', () =>
    Task.gen(function* () {
      const boom = new Error('boom')
      const [success, failure, defect] = [
        new Deferred<string, number>(),
        new Deferred<string, number>(),
        new Deferred<string, number>()
      ]
      expect([
        success.done(Exit.succeed(1)),
        failure.done(Exit.fail('no')),
        defect.done(Exit.die(boom))
      ]).toEqual([true, true, true])
      expect(yield* success.wait()).toBe(1)
      expect(failureOf(yield* Task.exit(failure.wait()))).toBe('no')
      expect(defectOf(yield* Task.exit(defect.wait()))).toBe(boom)
    })
  )

  inEveryMode(
    'completed with an interruption shows it to its waiters as an ordinary cause, which does not stop them (13)',
    () =>
      Task.gen(function* () {
        const deferred = yield* Deferred.make<never, number>()
        deferred.done(Exit.interrupt(7))
        const exit = yield* Task.exit(deferred.wait())
        expect(Cause.isInterruptedOnly(leftOf(exit))).toBe(true)
        expect(
          yield* pipe(
            deferred.wait(),
            Task.catchCause(() => Task.succeed('went on'))
          )
        ).toBe('went on')
      })
  )

  inEveryMode('may hold undefined, a promise or a Task, which is returned unchanged', () =>
    Task.gen(function* () {
      for (const value of [undefined, new Promise(() => {}), Task.die('not run')]) {
        const deferred = yield* Deferred.make<never, readonly [unknown]>()
        deferred.succeed([value])
        expect((yield* deferred.wait())[0]).toBe(value)
        const bare = yield* Deferred.make<never, unknown>()
        bare.succeed(value)
        yield* pipe(
          bare.wait(),
          Task.map((got) => expect(got).toBe(value)),
          Task.asUnit
        )
      }
    })
  )

  inEveryMode('may fail with undefined, which is a failure all the same', () =>
    Task.gen(function* () {
      const deferred = yield* Deferred.make<undefined, number>()
      deferred.fail(undefined)
      expect(failureOf(yield* Task.exit(deferred.wait()))).toBe(undefined)
    })
  )

  inOrder('wakes its waiters in order of arrival', () =>
    Task.gen(function* () {
      const group = yield* bench
      const deferred = yield* Deferred.make<never, void>()
      const woken: Array<number> = []
      for (const id of [1, 2, 3, 4]) {
        yield* group.spawn(
          pipe(
            deferred.wait(),
            Task.map(() => void woken.push(id))
          )
        )
        yield* settled
      }
      deferred.succeed(undefined)
      yield* settled
      expect(woken).toEqual([1, 2, 3, 4])
      yield* group.asyncClose()
    })
  )
})

describe('a waiter of a deferred', () => {
  inEveryMode('can be interrupted, and the other waiters still get the value', () =>
    Task.gen(function* () {
      const group = yield* bench
      const deferred = yield* Deferred.make<never, number>()
      const fibers = [
        yield* group.spawn(deferred.wait()),
        yield* group.spawn(deferred.wait()),
        yield* group.spawn(deferred.wait())
      ]
      yield* settled
      expect(summary(yield* fibers[1]!.interrupt())).toEqual(failure(Interrupt))
      deferred.succeed(5)
      expect(yield* fibers[0]!.join()).toBe(5)
      expect(yield* fibers[2]!.join()).toBe(5)
      yield* group.asyncClose()
    })
  )

  for (const order of ['just before', 'just after'] as const) {
    inEveryMode(
      `ends in exactly one way when interrupted ${order} it is completed, in the same time slice (31)`,
      () =>
        Task.gen(function* () {
          const group = yield* bench
          const deferred = yield* Deferred.make<never, number>()
          const got: Array<number> = []
          const victim = yield* group.spawn(
            pipe(
              deferred.wait(),
              Task.map((value) => void got.push(value))
            )
          )
          const other = yield* group.spawn(deferred.wait())
          yield* settled
          yield* Task.sync(() => {
            if (order === 'just before') victim.interruptNowait()
            expect(deferred.succeed(1)).toBe(true)
            if (order === 'just after') victim.interruptNowait()
            expect(deferred.succeed(2)).toBe(false)
          })
          const exit = yield* victim.wait()
          expect(isInterrupted(exit)).toBe(got.length === 0)
          expect(Either.isRight(exit)).toBe(got.length === 1)
          expect(yield* other.join()).toBe(1)
          expect(yield* deferred.wait()).toBe(1)
          yield* group.asyncClose()
        })
    )
  }

  inEveryMode('can be interrupted by another waiter that was woken with it', () =>
    Task.gen(function* () {
      const group = yield* bench
      const deferred = yield* Deferred.make<never, number>()
      const late = yield* group.spawn(
        pipe(
          deferred.wait(),
          Task.flatMap(() => Task.never)
        )
      )
      yield* settled
      const early = yield* group.spawn(
        pipe(
          deferred.wait(),
          Task.tap(() => Task.sync(() => late.interruptNowait()))
        )
      )
      yield* settled
      deferred.succeed(1)
      expect(yield* early.join()).toBe(1)
      expect(summary(yield* late.wait())).toEqual(failure(Interrupt))
      yield* group.asyncClose()
    })
  )

  test('does not suspend if the value is there, so that no interruption is delivered in between (8)', async () => {
    const run = await runVirtual(
      Task.gen(function* () {
        const group = yield* bench
        const deferred = yield* Deferred.make<never, number>()
        deferred.succeed(1)
        const got: Array<number> = []
        const fiber = yield* group.spawn(
          Task.gen(function* () {
            for (let turn = 0; turn < 3; turn++) got.push(yield* deferred.wait())
            yield* Task.never
          })
        )
        fiber.interruptNowait()
        expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
        expect(got).toEqual([1, 1, 1])
        yield* group.asyncClose()
      })
    )
    expectSuccess(run)
  })
})
