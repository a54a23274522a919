/** Bugs of locks and semaphores in other libraries: a permit lost or granted twice, a waiter forgotten or passed. */
import { Deferred, type Fiber, Semaphore, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { inEveryOrder, withFibers } from '../support/every-order.js'
import { rightOf, tagsOf } from '../support/exits.js'

/** A semaphore that counts who is in. */
class Watched {
  readonly semaphore: Semaphore
  readonly entered: Array<string> = []
  private inside = 0

  constructor(private readonly permits: number) {
    this.semaphore = new Semaphore(permits)
  }

  /** Enters, stays for a while, and finds no more in it than there are permits. */
  enter(name: string, stay: Task.Task<never, unknown> = Task.yieldNow, n = 1): Task.Task<never, void> {
    const enter = Task.sync(() => {
      this.entered.push(name)
      this.inside += n
      expect(this.inside).toBeLessThanOrEqual(this.permits)
    })
    const leave = Task.sync(() => void (this.inside -= n))
    return pipe(
      Task.bracket(
        enter,
        () => stay,
        () => leave
      ),
      Task.asUnit,
      this.semaphore.withPermits(n)
    )
  }
}

describe('an interrupted waiter of a semaphore', () => {
  test('passes a permit that becomes free to the next waiter (anyio#1145, tokio#4618, cats-effect#3554, cpython#1031)', () =>
    withFibers(function* (group) {
      const lock = new Watched(1)
      const gate = new Deferred<never, void>()
      yield* group.spawn(lock.enter('holder', gate.wait()))
      yield* Task.yieldNow
      const first = yield* group.spawn(lock.enter('first'))
      yield* Task.yieldNow
      const second = yield* group.spawn(lock.enter('second'))
      yield* Task.all([Task.sync(() => gate.succeed(undefined)), first.interrupt()])
      yield* second.join()
      expect(lock.entered).toContain('second')
      expect(lock.semaphore.available).toBe(1)
    }, 0))

  test('while it acquires leaves no lock held (anyio#398)', () =>
    withFibers(function* (group) {
      const lock = new Watched(1)
      const first = yield* group.spawn(lock.enter('first', Task.never))
      const second = yield* group.spawn(lock.enter('second'))
      yield* first.interrupt()
      yield* second.join()
      expect(lock.semaphore.available).toBe(1)
    }))

  test('takes no permit that becomes free later (tokio#904)', async () => {
    const lock = new Watched(2)
    const run = await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(lock.enter('holder', Task.sleep(10), 2))
          const gone = yield* group.spawn(lock.enter('gone'))
          yield* Task.sleep(1)
          yield* gone.interrupt()
          yield* Task.sleep(20)
        })
      )
    )
    rightOf(run.exit)
    expect([lock.entered, lock.semaphore.available]).toEqual([['holder'], 2])
  })

  test('does not change the order of the others (cats-effect#3564)', async () => {
    const lock = new Watched(1)
    const names = Array.from({ length: 8 }, (_, place) => `${place}`)
    const run = await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(lock.enter('holder', Task.sleep(10)))
          yield* Task.sleep(1)
          const fibers: Array<Fiber<unknown, unknown>> = []
          for (const name of names) fibers.push(yield* group.spawn(lock.enter(name)))
          yield* Task.sleep(1)
          for (const place of [0, 3]) yield* fibers[place]?.interrupt() ?? Task.unit
          yield* Task.sleep(20)
        })
      )
    )
    rightOf(run.exit)
    expect(lock.entered).toEqual(['holder', '1', '2', '4', '5', '6', '7'])
  })

  test('wakes no other while the permit is held (cats-effect#3562)', async () => {
    const lock = new Watched(1)
    const run = await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(lock.enter('holder', Task.sleep(10)))
          yield* Task.sleep(1)
          const [second, third] = [
            yield* group.spawn(lock.enter('second')),
            yield* group.spawn(lock.enter('third'))
          ]
          yield* group.spawn(lock.enter('fourth'))
          yield* Task.sleep(1)
          yield* second.interrupt()
          yield* third.interrupt()
          yield* Task.sleep(1)
          expect(lock.entered).toEqual(['holder'])
          yield* Task.sleep(20)
          expect(lock.entered).toEqual(['holder', 'fourth'])
        })
      )
    )
    rightOf(run.exit)
  })

  test('at the head lets later waiters continue whose permits were free (embassy#6964)', async () => {
    const lock = new Watched(3)
    const run = await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(lock.enter('holder', Task.never, 1))
          yield* Task.sleep(1)
          const large = yield* group.spawn(lock.enter('large', Task.unit, 3))
          const small = yield* group.spawn(lock.enter('small', Task.unit, 2))
          yield* Task.sleep(1)
          yield* large.interrupt()
          yield* small.join()
        })
      )
    )
    rightOf(run.exit)
    expect(lock.entered).toEqual(['holder', 'small'])
  })

  test('can be interrupted by a timeout: waiting for a permit is no acquisition (cats-effect#382)', async () => {
    const lock = new Watched(1)
    const run = await runTest(
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(lock.enter('holder', Task.sleep(1000)))
          yield* Task.sleep(1)
          return yield* Task.exit(pipe(lock.enter('impatient'), Task.timeout(10)))
        })
      )
    )
    expect([tagsOf(rightOf(run.exit)), run.elapsed, lock.entered]).toEqual([['Fail'], 11, ['holder']])
  })
})

test('a lock is never held twice, whichever fiber is interrupted meanwhile (cpython#5466)', () =>
  inEveryOrder(() => {
    const lock = new Watched(1)
    return Task.withGroup((group) =>
      Task.gen(function* () {
        const first = yield* group.spawn(lock.enter('first'))
        const second = yield* group.spawn(lock.enter('second'))
        yield* Task.all([first.interrupt(), lock.enter('third')])
        yield* second.join()
        expect(lock.semaphore.available).toBe(1)
      })
    )
  }, 0))
