/** Bugs of task groups, nurseries and scopes in other libraries: an interruption swallowed, an error lost, a parent damaged. */
import { callOnCancel, Group, Task, TimeoutError } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { inEveryOrder, withFibers } from '../support/every-order.js'
import { Fail, failure, Interrupt, rightOf, summary, tagsOf } from '../support/exits.js'

describe('a group within a group', () => {
  test('that fails with the outer one does not swallow the interruption (cpython#116720)', () =>
    inEveryOrder(() => {
      let hasGoneOn = false
      const inner = Task.withGroup((group: Group<string>) =>
        pipe(
          group.spawn(
            pipe(
              Task.yieldNow,
              Task.flatMap(() => Task.fail('inner'))
            )
          ),
          Task.flatMap(() => Task.never)
        )
      )
      const outer = Task.withGroup((group: Group<string>) =>
        Task.gen(function* () {
          yield* group.spawn(
            pipe(
              Task.yieldNow,
              Task.flatMap(() => Task.fail('outer'))
            )
          )
          yield* Task.either(inner)
          yield* Task.sleep(1000)
          hasGoneOn = true
        })
      )
      return pipe(
        Task.exit(outer),
        Task.map((exit) => {
          expect([tagsOf(exit)[0], hasGoneOn]).toEqual(['Fail', false])
          expect(summary(exit)).toMatchObject({ reasons: expect.arrayContaining([{ Fail: 'outer' }]) })
        })
      )
    }, 1))

  test('that is closed does not affect the surrounding fiber (anyio#88)', async () => {
    const run = await runTest(
      Task.gen(function* () {
        const inner = yield* Task.withGroup((group) =>
          Task.gen(function* () {
            yield* group.spawn(Task.never)
            yield* Task.sleep(5)
            group.close()
            return 'inner'
          })
        )
        yield* Task.sleep(5)
        return `${inner}, outer`
      })
    )
    expect([rightOf(run.exit), run.elapsed]).toEqual(['inner, outer', 10])
  })
})

test('that is closed and still stops lets an interruption from outside through (cpython#155433)', async () => {
  const closing = Task.withGroup((group) =>
    Task.gen(function* () {
      yield* group.spawn(pipe(Task.never, Task.ensuring(Task.sleep(10))))
      yield* Task.sleep(1)
      group.close()
    })
  )
  const run = await runTest(Task.either(pipe(closing, Task.timeout(5))))
  expect(rightOf(run.exit)).toEqual(left(expect.any(TimeoutError)))
  expect(run.elapsed).toBe(11)
})

test('that is interrupted keeps the failures of its fibers (cpython#95704)', async () => {
  const failing = (name: string) => pipe(Task.never, Task.ensuring(Task.fail(name)))
  const whole = Task.withGroup((group: Group<string>) =>
    Task.gen(function* () {
      yield* group.spawn(failing('one'))
      yield* group.spawn(failing('two'))
      yield* Task.never
    })
  )
  const run = await runTest(
    Task.gen(function* () {
      const group = yield* Group.make<unknown>({ onFailure: () => {} })
      const fiber = yield* group.spawn(whole)
      yield* Task.sleep(1)
      const exit = yield* fiber.interrupt()
      yield* group.asyncClose()
      return summary(exit)
    })
  )
  expect(rightOf(run.exit)).toEqual(failure(Interrupt, Fail('one'), Fail('two')))
})

test('with a body that absorbs its interruption leaves no interruption for later operations (cpython#95289)', async () => {
  const absorbing = Task.withGroup((group: Group<string>) =>
    Task.gen(function* () {
      yield* group.spawn(Task.fail('child'))
      yield* callOnCancel(() => 'absorbed')
    })
  )
  const run = await runTest(
    Task.gen(function* () {
      const either = yield* Task.either(absorbing)
      yield* Task.sleep(5)
      return either
    })
  )
  expect([rightOf(run.exit), run.elapsed]).toEqual([left('child'), 5])
})

test('is stopped by a failing fiber also during a pending interruption (anyio#787)', async () => {
  const group = Task.withGroup((group: Group<string>) =>
    Task.gen(function* () {
      yield* group.spawn(Task.never)
      yield* group.spawn(
        pipe(
          Task.sleep(5),
          Task.flatMap(() => Task.fail('child'))
        )
      )
      yield* Task.never
    })
  )
  let ended: unknown
  const masked = Task.uninterruptible(
    pipe(
      Task.either(group),
      Task.map((either) => void (ended = either))
    )
  )
  const run = await runTest(
    Task.withGroup<unknown, unknown, void>((outer) =>
      Task.gen(function* () {
        const fiber = yield* outer.spawn(masked)
        yield* Task.sleep(1)
        yield* fiber.interrupt()
      })
    )
  )
  rightOf(run.exit)
  expect([ended, run.elapsed]).toEqual([left('child'), 5])
})

test('is stopped with its fiber, also when only the group is left of it (effection#1081)', () =>
  withFibers(function* (group) {
    const log: Array<string> = []
    const scope = Task.withGroup(
      (own) => own.spawn(pipe(Task.never, Task.ensuring(Task.sync(() => void log.push('stopped'))))),
      { whenDone: 'wait' }
    )
    const fiber = yield* group.spawn(scope)
    yield* Task.sleep(1)
    yield* fiber.interrupt()
    expect(log).toEqual(['stopped'])
  }, 1))

test('reports the failure of a fiber that was started from a callback (effection#836)', async () => {
  const run = await runTest(
    Task.exit(
      Task.withGroup((group: Group<string>) =>
        Task.gen(function* () {
          yield* Task.sync(() => group.spawnNowait(Task.fail('from a callback')))
          yield* Task.never
        })
      )
    )
  )
  expect(summary(rightOf(run.exit))).toEqual(failure(Fail('from a callback')))
})
