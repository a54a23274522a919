/** The ways to start a fiber in a group: spawn, spawnNowait from a callback, and wrap for a promise that runs already. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Cause, Group, makeRuntime, runTask, runTaskExit, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'
import { defectOf, failure, Interrupt, leftOf, rightOf, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { HandClock, Machine } from '../support/machine.js'
import {
  expectReported,
  expectSuccess,
  expectSuccessAmongReports,
  inEveryMode,
  settled,
  settledWithHost
} from '../support/modes.js'

describe('spawn', () => {
  inEveryMode('returns the fiber, with its name, before it has run', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      let ran = false
      const fiber = yield* group.spawn(
        Task.sync(() => {
          ran = true
          return 5
        }),
        { name: 'five' }
      )
      expect(fiber.name).toBe('five')
      expect(yield* fiber.join()).toBe(5)
      expect(ran).toBe(true)
      yield* group.asyncClose()
    })
  )

  inEveryMode('spawns a fiber each time its Task is run (1)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      let runs = 0
      const spawn = group.spawn(Task.sync(() => ++runs))
      expect(runs).toBe(0)
      const [one, other] = [yield* spawn, yield* spawn]
      expect([yield* one.join(), yield* other.join()].sort()).toEqual([1, 2])
      expect(one.id).not.toBe(other.id)
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'inherits no mask: a fiber spawned within an uninterruptible region can be interrupted (11)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* Task.uninterruptible(group.spawn(Task.never))
        yield* settled
        expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
        yield* group.asyncClose()
      })
  )

  inEveryMode('leaves the fiber running when its spawning fiber has ended', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const outer = yield* Group.make()
      const spawner = yield* outer.spawn(
        pipe(group.spawn(pipe(Task.sleep(50), Task.as('alone'))), Task.orDie)
      )
      const fiber = yield* spawner.join()
      yield* outer.asyncClose()
      expect(yield* fiber.join()).toBe('alone')
      yield* group.asyncClose()
    })
  )

  inEveryMode('runs a fiber that was interrupted at once up to its first checkpoint (8)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      const fiber = yield* group.spawn(
        pipe(
          Task.sync(() => void log.push('ran')),
          Task.ensuring(Task.sync(() => void log.push('finalizer')))
        )
      )
      fiber.interruptNowait()
      yield* fiber.wait()
      expect(log).toContain('finalizer')
      yield* group.asyncClose()
    })
  )
})

describe('a Group<never>', () => {
  inEveryMode(
    'accepts no task that can fail, and a failure that bypasses the compiler is reported (24)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        // @ts-expect-error a Group<never> takes no task that can fail
        const fiber = yield* group.spawn(Task.fail('smuggled'))
        // @ts-expect-error nor from a callback
        rightOf(group.spawnNowait(Task.fail('smuggled')))
        yield* fiber.wait()
        yield* settled
        yield* group.asyncClose()
      }),
    (run) => {
      expectSuccessAmongReports(run)
      expect(run.reports.flatMap((cause) => Cause.failures(cause))).toEqual(['smuggled', 'smuggled'])
    }
  )
})

describe('spawnNowait', () => {
  test('outside of any fiber runs on the default runtime', async () => {
    const group = new Group()
    let ran = false
    const fiber = rightOf(
      group.spawnNowait(
        pipe(
          Task.sleep(1),
          Task.map(() => {
            ran = true
            return 'done'
          })
        ),
        { name: 'from a callback' }
      )
    )
    expect([ran, fiber.name, group.size]).toEqual([false, 'from a callback', 1])
    expect(rightOf(await runTask(fiber.join()))).toBe('done')
    expect(ran).toBe(true)
    await runTask(group.asyncClose())
    expect(leftOf(group.spawnNowait(Task.unit))).toMatchObject({ _tag: 'GroupClosedError' })
  })

  test('never runs the task within the call', async () => {
    const group = new Group()
    const log: Array<string> = []
    const fiber = rightOf(group.spawnNowait(Task.sync(() => void log.push('ran'))))
    log.push('after the call')
    await runTask(fiber.join())
    expect(log).toEqual(['after the call', 'ran'])
    await runTask(group.asyncClose())
  })

  test('from a plain callback runs on the runtime that made the group, with its clock', async () => {
    const clock = new HandClock()
    const runtime = makeRuntime({ clock })
    const group = rightOf(await runtime.runTask(Group.make()))
    const fiber = rightOf(group.spawnNowait(pipe(Task.sleep(1_000_000), Task.as('virtually later'))))
    await macrotask()
    expect(fiber.poll()._tag).toBe('None')
    expect(clock.size).toBe(1)
    clock.advance(1_000_000)
    await macrotask()
    expect(rightOf(await runTask(fiber.join()))).toBe('virtually later')
    await runtime.runTask(group.asyncClose())
    expect(clock.size).toBe(0)
  })

  test('from a plain callback into a subgroup runs on the runtime of its parent', async () => {
    const clock = new HandClock()
    const runtime = makeRuntime({ clock })
    const group = rightOf(
      await runtime.runTask(
        pipe(
          Group.make(),
          Task.flatMap((parent) => parent.createSubgroup())
        )
      )
    )
    rightOf(group.spawnNowait(Task.sleep(1_000_000)))
    await macrotask()
    expect(clock.size).toBe(1)
    await runtime.runTask(group.asyncClose())
    expect(clock.size).toBe(0)
  })

  inEveryMode('from a timer or a promise of the host works within a controlled run', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      const note = (line: string) =>
        pipe(
          Task.sleep(5),
          Task.map(() => void log.push(line))
        )
      void Promise.resolve().then(() => rightOf(group.spawnNowait(note('promise'))))
      yield* Task.async<never, void>((resume) => {
        queueMicrotask(() => {
          rightOf(group.spawnNowait(note('callback')))
          resume(Task.unit)
        })
      })
      yield* Task.sleep(20)
      expect([...log].sort()).toEqual(['callback', 'promise'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('followed by close() in the same time slice runs the finalizers of the fiber and no more', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const log: Array<string> = []
      yield* Task.sync(() => {
        rightOf(
          group.spawnNowait(
            pipe(
              Task.sleep(1),
              Task.map(() => void log.push('slept')),
              Task.ensuring(Task.sync(() => void log.push('finalizer')))
            )
          )
        )
        group.close()
      })
      yield* group.waitClosed()
      expect(log).toEqual(['finalizer'])
    })
  )
})

describe('wrap', () => {
  const boom = new Error('boom')

  inEveryMode('returns the value of a promise that resolves later', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const { promise, resolve } = deferredPromise<number>()
      const fiber = yield* group.wrap(promise)
      expect(group.size).toBe(1)
      yield* settledWithHost
      resolve(7)
      expect(yield* fiber.join()).toBe(7)
      yield* group.asyncClose()
    })
  )

  inEveryMode('returns the value of a promise that has resolved already, and of a thenable', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const fiber = yield* group.wrap(Promise.resolve('early'))
      expect(yield* fiber.join()).toBe('early')
      const thenable: PromiseLike<string> = {
        then: (onResolved) => Promise.resolve('thenable').then(onResolved)
      }
      expect(yield* (yield* group.wrap(thenable)).join()).toBe('thenable')
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'makes a rejection a defect, reported once, and the group continues',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const { promise, reject } = deferredPromise<number>()
        const fiber = yield* group.wrap(promise)
        yield* settledWithHost
        reject(boom)
        expect(defectOf(yield* fiber.wait())).toBe(boom)
        expect(group.isOpen).toBe(true)
        yield* group.asyncClose()
      }),
    expectReported(boom)
  )

  inEveryMode('makes an earlier rejection a defect, for which onFailure is called', () =>
    Task.gen(function* () {
      const defects: Array<unknown> = []
      const group = yield* Group.make<never>({
        onFailure: (cause) => void defects.push(...Cause.defects(cause))
      })
      const fiber = yield* group.wrap(Promise.reject(boom))
      expect(defectOf(yield* fiber.wait())).toBe(boom)
      yield* settledWithHost
      expect(defects).toEqual([boom])
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'does not block a close that interrupts, and the later settlement of the promise is ignored',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const { promise, reject } = deferredPromise<number>()
        const [never, late] = [yield* group.wrap(new Promise(() => {})), yield* group.wrap(promise)]
        yield* settledWithHost
        yield* group.asyncClose()
        expect(summary(yield* never.wait())).toEqual(failure(Interrupt))
        expect(summary(yield* late.wait())).toEqual(failure(Interrupt))
        reject(boom)
        yield* settledWithHost
      })
  )

  inEveryMode('is waited for by a close that does not interrupt', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const { promise, resolve } = deferredPromise<string>()
      const fiber = yield* group.wrap(promise)
      group.close({ interrupt: false })
      yield* settledWithHost
      expect(group.isClosed).toBe(false)
      resolve('in time')
      yield* group.waitClosed()
      expect(yield* fiber.join()).toBe('in time')
    })
  )

  test('leaves no unhandled rejection, whenever the promise rejects', async () => {
    const unhandled: Array<unknown> = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      const run = await runVirtual(
        Task.gen(function* () {
          const group = yield* Group.make<never>({ onFailure: () => {} })
          const later = deferredPromise<number>()
          yield* group.wrap(Promise.reject(boom))
          yield* group.wrap(later.promise)
          group.close()
          later.reject(boom)
          yield* group.waitClosed()
          const interrupted = deferredPromise<number>()
          const second = yield* Group.make()
          const fiber = yield* second.wrap(interrupted.promise)
          fiber.interruptNowait()
          interrupted.reject(boom)
          yield* second.asyncClose()
        })
      )
      await macrotask()
      await macrotask()
      expectSuccess({ ...run, reports: [] })
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })

  test('leaves no unhandled rejection if the first time slice of its fiber is late', async () => {
    const unhandled: Array<unknown> = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      const machine = new Machine()
      const made = machine.fork(Group.make())
      machine.run()
      const exit = Option.toUndefined(made.poll())
      if (exit === undefined) throw new Error('the group is not made')
      const group = rightOf(exit)
      machine.fork(group.wrap(Promise.reject(boom)))
      machine.turn()
      expect(group.size).toBe(1)
      await macrotask()
      await macrotask()
      expect(unhandled).toEqual([])
      machine.run()
      await macrotask()
      machine.run()
      expect([group.size, machine.reports.flatMap(Cause.defects)]).toEqual([0, [boom]])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })

  test('refuses a value that is no promise with a defect that says so', async () => {
    const exit = await runTaskExit(
      pipe(
        Group.make<never>({ onFailure: () => {} }),
        Task.flatMap((group) => group.wrap(5 as unknown as PromiseLike<number>)),
        Task.flatMap((fiber) => fiber.join())
      )
    )
    if (isRight(exit)) expect(exit.right).toBe(5)
    else expect(defectOf(exit)).toBeInstanceOf(TypeError)
  })
})

function deferredPromise<A>() {
  let resolve: (value: A) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<A>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
