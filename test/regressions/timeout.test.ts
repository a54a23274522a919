/** Bugs of timeouts in other libraries: the task left running, the caller's interruption swallowed, a timeout missing. */
import { callOnCancel, Deferred, Schedule, Task, TimeoutError } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { inEveryOrder, withFibers } from '../support/every-order.js'
import { failure, Interrupt, rightOf, summary, tagsOf } from '../support/exits.js'

describe('the interrupted caller of a timeout', () => {
  test('stops the task, and ends only after it (python/asyncio#211)', async () => {
    const log: Array<string> = []
    const timed = pipe(
      Task.never,
      Task.ensuring(
        pipe(
          Task.sleep(5),
          Task.map(() => void log.push('stopped'))
        )
      ),
      Task.timeout(1000)
    )
    const run = await runTest(
      Task.withGroup<unknown, unknown, void>((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(timed)
          yield* Task.sleep(10)
          expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
          log.push('back')
        })
      )
    )
    rightOf(run.exit)
    expect([log, run.elapsed]).toEqual([['stopped', 'back'], 15])
  })

  test('is interrupted also if the task succeeds in that moment (cpython#86296)', () =>
    withFibers(function* (group) {
      const deferred = new Deferred<never, string>()
      const fiber = yield* group.spawn(
        pipe(
          deferred.wait(),
          Task.timeout(1000),
          Task.flatMap(() => Task.never)
        )
      )
      yield* Task.all([Task.sync(() => deferred.succeed('value')), fiber.interrupt()])
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
    }))

  test('is interrupted also if the task absorbs its own interruption (micropython#5797)', async () => {
    const absorbing = callOnCancel(() => 'absorbed')
    let hasGoneOn = false
    const run = await runTest(
      Task.withGroup<unknown, unknown, void>((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(
            pipe(
              absorbing,
              Task.timeout(1000),
              Task.map(() => void (hasGoneOn = true))
            )
          )
          yield* Task.sleep(10)
          expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
        })
      )
    )
    rightOf(run.exit)
    expect([hasGoneOn, run.elapsed]).toEqual([false, 10])
  })
})

test('a task that interrupts itself does not wait for the timeout (cats-effect#3396)', async () => {
  const run = await runTest(Task.exit(pipe(Task.interrupt, Task.timeout(3000))))
  expect([tagsOf(rightOf(run.exit)), run.elapsed]).toEqual([['Interrupt'], 0])
})

describe('a timeout in a finalizer of an interrupted fiber', () => {
  const finalized = async (finalizer: Task.Task<never, unknown>) =>
    runTest(
      Task.withGroup<unknown, unknown, unknown>((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(pipe(Task.never, Task.ensuring(finalizer)))
          yield* Task.sleep(1)
          return yield* fiber.interrupt()
        })
      )
    )

  test('does not interrupt its task early (ZIO#7170, ZIO#9288)', async () => {
    let given: unknown
    const work = pipe(Task.sleep(5), Task.as('worked'), Task.timeout(10), Task.exit)
    await finalized(
      pipe(
        work,
        Task.map((exit) => void (given = exit))
      )
    )
    expect(given).toEqual(right('worked'))
  })

  test('interrupts a task that takes too long (ZIO#8483)', async () => {
    let given: unknown
    const endless = pipe(Task.forever(Task.sleep(50)), Task.timeout(120), Task.either)
    const run = await finalized(
      pipe(
        endless,
        Task.map((either) => void (given = either))
      )
    )
    rightOf(run.exit)
    expect([given, run.elapsed]).toEqual([left(expect.any(TimeoutError)), 121])
  })
})

test('a timed acquisition returns its resource or releases it, also at the moment of the timeout (cats-effect#4489)', () =>
  inEveryOrder(() => {
    let open = 0
    const resource = Task.bracket(
      pipe(
        Task.sleep(10),
        Task.map(() => void open++)
      ),
      () => Task.succeed('used'),
      () => Task.sync(() => void open--)
    )
    return Task.gen(function* () {
      yield* pipe(resource, Task.timeout(10), Task.either)
      expect(open).toBe(0)
    })
  }))

test('an interruption during the pause before the next attempt ends the retry (vercel/ai#7656)', async () => {
  let tries = 0
  const failing = Task.suspend(() => {
    tries++
    return Task.fail('busy')
  })
  const run = await runTest(
    Task.withGroup<unknown, unknown, unknown>((group) =>
      Task.gen(function* () {
        const fiber = yield* group.spawn(pipe(failing, Task.retry(Schedule.spaced(1000))))
        yield* Task.sleep(1500)
        return yield* fiber.interrupt()
      })
    )
  )
  rightOf(run.exit)
  expect([tries, run.elapsed]).toEqual([2, 1500])
})
