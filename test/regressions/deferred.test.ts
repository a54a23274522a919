/** Bugs of promises in other libraries: a waiter skipped, a waiter that died when it left, waiters retained forever. */
import { Cause, Deferred, Exit, type Fiber, Latch, Queue, runFork, runTask, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { withFibers } from '../support/every-order.js'
import { failure, Interrupt, summary, tagsOf } from '../support/exits.js'
import { collect } from '../support/gc.js'

describe('a deferred', () => {
  test('that is completed while a waiter is interrupted lets the waiter end without a defect (Effect#7194)', () =>
    withFibers(function* (group) {
      const deferred = new Deferred<never, number>()
      const waiter = yield* group.spawn(deferred.wait())
      const other = yield* group.spawn(deferred.wait())
      yield* Task.sync(() => {
        deferred.succeed(42)
        waiter.interruptNowait()
      })
      const exit = yield* waiter.wait()
      expect(tagsOf(exit)).not.toContain('Die')
      expect(yield* other.join()).toBe(42)
    }))

  test('that ends with an interruption wakes every waiter (Effect#7365)', () =>
    withFibers(function* (group) {
      const deferred = new Deferred<never, number>()
      const waiters: Array<Fiber<never, number>> = []
      for (let count = 0; count < 3; count++) waiters.push(yield* group.spawn(deferred.wait()))
      yield* Task.sleep(1)
      deferred.done(Exit.failCause(Cause.interrupt()))
      for (const waiter of waiters) expect(summary(yield* waiter.wait())).toEqual(failure(Interrupt))
    }, 0))
})

describe('an interrupted fiber is not retained by what it waited for:', () => {
  const shared = runFork(Task.sleep(60_000), { name: 'shared' })
  const lock = new Semaphore(1)
  void runFork(pipe(Task.sleep(60_000), lock.withPermits(1)), { name: 'holder' })
  const full = new Queue<number>(1)
  full.putNowait(0)

  test.each<readonly [string, string, Task.Task<unknown, unknown>]>([
    [
      'a deferred',
      'cats-effect#1136, cats-effect#3333, cats-effect#3359',
      new Deferred<never, number>().wait()
    ],
    ['a latch', 'as cats-effect#1136', new Latch().wait()],
    ['another fiber', 'ZIO#4171', shared.wait()],
    ['a get', 'cpython#75801', new Queue<number>().get()],
    ['a put', 'cpython#76755', full.put(1)],
    ['a permit', 'as cats-effect#1136', pipe(Task.unit, lock.withPermits(1))]
  ])('%s (%s)', async (_name, _source, wait) => {
    const fibers: Array<WeakRef<object>> = []
    const noted = pipe(
      Task.currentFiber,
      Task.map((fiber) => fibers.push(new WeakRef(fiber))),
      Task.flatMap(() => wait)
    )
    for (let round = 0; round < 20; round++) {
      await runTask(pipe(noted, Task.race(Task.sleep(0)), Task.either))
    }
    for (let round = 0; round < 2; round++) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    // One or two may still stand on a stack or in a register.
    expect(fibers.filter((fiber) => fiber.deref() !== undefined).length).toBeLessThan(5)
    expect(fibers).toHaveLength(20)
  })
})
