/** onFailure and the reporter: called once for a fiber that failed or died, which stops no other fiber. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Cause, type Fiber, Group, makeRuntime, Queue, runTask, Task } from 'aio-ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failureOf, leftOf, rightOf } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import {
  expectReported,
  expectSuccess,
  expectSuccessAmongReports,
  inEveryMode,
  modes,
  settled
} from '../support/modes.js'

interface Heard {
  readonly cause: Cause.Cause<string>
  readonly fiber: Fiber<unknown, unknown>
}

const listening = (heard: Array<Heard>, name = 'listening') =>
  Group.make<string>({ name, onFailure: (cause, fiber) => void heard.push({ cause, fiber }) })

const failuresIn = (heard: ReadonlyArray<Heard>) => heard.flatMap(({ cause }) => Cause.failures(cause))
const defectsIn = (heard: ReadonlyArray<Heard>) => heard.flatMap(({ cause }) => Cause.defects(cause))

describe('a fiber that fails', () => {
  inEveryMode('calls onFailure once, with its cause and the fiber, and the others continue (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      const other = yield* group.spawn(pipe(Task.sleep(20), Task.as('went on')))
      const failing = yield* group.spawn(Task.fail('no'), { name: 'failing' })
      yield* settled
      expect(failuresIn(heard)).toEqual(['no'])
      expect(heard[0]!.cause.reasons.length).toBe(1)
      expect([heard[0]!.fiber.id, heard[0]!.fiber.name]).toEqual([failing.id, 'failing'])
      expect(group.isOpen).toBe(true)
      expect(yield* other.join()).toBe('went on')
      yield* group.asyncClose()
      expect(heard.length).toBe(1)
    })
  )

  inEveryMode('calls onFailure once also if another fiber joined it, before or after (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      const fiber = yield* group.spawn(
        pipe(
          Task.sleep(5),
          Task.flatMap(() => Task.fail('no'))
        )
      )
      expect(failureOf(yield* Task.exit(fiber.join()))).toBe('no')
      expect(failureOf(yield* fiber.wait())).toBe('no')
      expect(failureOf(yield* Task.exit(fiber.join()))).toBe('no')
      yield* settled
      expect(failuresIn(heard)).toEqual(['no'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('calls onFailure once, and so does each of several in one time slice (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      yield* Task.sync(() => {
        for (const error of ['a', 'b', 'c']) rightOf(group.spawnNowait(Task.fail(error)))
      })
      yield* settled
      expect(failuresIn(heard).sort()).toEqual(['a', 'b', 'c'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('calls onFailure while the group closes (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      yield* group.spawn(
        pipe(
          Task.sleep(10),
          Task.flatMap(() => Task.fail('late')),
          Task.uninterruptible
        )
      )
      yield* settled
      yield* group.asyncClose()
      expect(failuresIn(heard)).toEqual(['late'])
    })
  )

  inEveryMode('can close the group from onFailure, which makes it fail-fast (23)', () =>
    Task.gen(function* () {
      const stopped: Array<string> = []
      const group: Group<string> = yield* Group.make<string>({ onFailure: () => group.close() })
      for (const name of ['a', 'b']) {
        yield* group.spawn(pipe(Task.never, Task.onInterrupt(Task.sync(() => void stopped.push(name)))))
      }
      yield* settled
      yield* group.spawn(Task.fail('no'))
      yield* group.waitClosed()
      expect(stopped.sort()).toEqual(['a', 'b'])
      expect(group.size).toBe(0)
    })
  )

  inEveryMode('leaves a group closed if it was the last and the handler closes it (23)', () =>
    Task.gen(function* () {
      let states = ''
      const group: Group<string> = yield* Group.make<string>({
        onFailure: () => {
          group.close()
          states = `${group.isOpen} ${group.isClosing}`
        }
      })
      yield* group.spawn(Task.fail('no'))
      yield* group.waitClosed()
      expect(states).toBe('false true')
      expect([group.isClosed, group.size]).toEqual([true, 0])
    })
  )

  inEveryMode('can be replaced by onFailure with a new fiber (22)', () =>
    Task.gen(function* () {
      let starts = 0
      const attempt: Task.Task<string, void> = Task.suspend(() =>
        ++starts < 4 ? Task.fail('again') : Task.unit
      )
      const group: Group<string> = yield* Group.make<string>({
        onFailure: () => void rightOf(group.spawnNowait(attempt))
      })
      yield* group.spawn(attempt)
      yield* settled
      expect(starts).toBe(4)
      yield* group.asyncClose()
    })
  )
})

describe('a fiber that dies', () => {
  const boom = new Error('boom')

  inEveryMode('calls onFailure with its defect, and the others continue (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      const other = yield* group.spawn(pipe(Task.sleep(20), Task.as('went on')))
      yield* group.spawn(
        Task.sync(() => {
          throw boom
        })
      )
      yield* settled
      expect(defectsIn(heard)).toEqual([boom])
      expect(yield* other.join()).toBe('went on')
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'in a group without a handler goes to the reporter, once, and the others continue (22)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const other = yield* group.spawn(pipe(Task.sleep(20), Task.as('went on')))
        yield* group.spawn(Task.die(boom))
        expect(yield* other.join()).toBe('went on')
        expect(group.isOpen).toBe(true)
        yield* group.asyncClose()
      }),
    expectReported(boom)
  )

  inEveryMode(
    'in a group without a handler goes to the reporter also if another fiber joined it (22)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(Task.die(boom))
        expect(Cause.defects(leftOf(yield* fiber.wait()))).toEqual([boom])
        yield* group.asyncClose()
      }),
    expectReported(boom)
  )

  inEveryMode('in a finalizer, while it is stopped, calls onFailure, and stops no other fiber (4, 22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const log: Array<string> = []
      const group = yield* listening(heard)
      yield* group.spawn(pipe(Task.never, Task.ensuring(Task.die(boom))))
      yield* group.spawn(pipe(Task.never, Task.ensuring(Task.sync(() => void log.push('other')))))
      yield* settled
      yield* group.asyncClose()
      expect(defectsIn(heard)).toEqual([boom])
      expect(log).toEqual(['other'])
    })
  )

  inEveryMode(
    'in a finalizer in a group without a handler goes to the reporter (4, 22)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.spawn(pipe(Task.never, Task.ensuring(Task.die(boom))))
        yield* settled
        yield* group.asyncClose()
      }),
    expectReported(boom)
  )
})

describe('a fiber that is interrupted', () => {
  inEveryMode(
    'is no failure: onFailure is not called for close, interrupt or a fiber that interrupts itself (22)',
    () =>
      Task.gen(function* () {
        const heard: Array<Heard> = []
        const group = yield* listening(heard)
        yield* group.spawn(Task.never)
        yield* group.spawn(Task.interrupt)
        const fiber = yield* group.spawn(Task.never)
        yield* settled
        yield* fiber.interrupt()
        yield* group.asyncClose()
        yield* settled
        expect(heard).toEqual([])
      })
  )

  inEveryMode('does not call onFailure, nor does a fiber that succeeds (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      yield* (yield* group.spawn(Task.succeed(1))).join()
      yield* (yield* group.spawn(
        pipe(
          Task.fail('no'),
          Task.orElse(() => Task.unit)
        )
      )).join()
      yield* group.asyncClose()
      expect(heard).toEqual([])
    })
  )
})

describe('a failure that a fiber handles', () => {
  /** Cannot fail, says its type: whatever the queue does, it goes on. */
  const quiet = (queue: Queue<number>): Task.Task<never, unknown> =>
    pipe(
      queue.get(),
      Task.ensuring(Task.unit),
      Task.orElse(() => Task.unit)
    )

  inEveryMode('does not call onFailure when an interruption comes in the same time slice (2, 22)', () =>
    Task.gen(function* () {
      const heard: Array<Cause.Cause<never>> = []
      const group = yield* Group.make<never>({ onFailure: (cause) => void heard.push(cause) })
      const queue = yield* Queue.make<number>()
      const fiber = yield* group.spawn(quiet(queue))
      yield* settled
      yield* Task.sync(() => {
        queue.close()
        group.close()
      })
      yield* group.waitClosed()
      const exit = yield* fiber.wait()
      expect(isLeft(exit) ? Cause.failures(exit.left) : []).toEqual([])
      expect(heard.map(Cause.pretty)).toEqual([])
    })
  )

  inEveryMode(
    'is not in the cause of an `all` whose type excludes it, when stopped in the same time slice (2)',
    () =>
      Task.gen(function* () {
        const queue = yield* Queue.make<number>()
        const mine = pipe(
          Task.sleep(1),
          Task.flatMap(() => {
            queue.close()
            return Task.fail('mine' as const)
          })
        )
        const both: Task.Task<'mine', unknown> = Task.all([quiet(queue), mine])
        expect(Cause.failures(leftOf(yield* Task.exit(both)))).toEqual(['mine'])
      })
  )
})

describe('onFailure', () => {
  const boom = new Error('from the handler')

  inEveryMode(
    'that throws goes to the reporter, once, and the group continues (22)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make<string>({
          onFailure: () => {
            throw boom
          }
        })
        const other = yield* group.spawn(pipe(Task.sleep(20), Task.as('went on')))
        const failing = yield* group.spawn(Task.fail('no'))
        expect(failureOf(yield* failing.wait())).toBe('no')
        expect(yield* other.join()).toBe('went on')
        yield* group.asyncClose()
      }),
    (run) => {
      expectSuccessAmongReports(run)
      expect(run.reports.flatMap((cause) => Cause.defects(cause))).toContain(boom)
      expect(run.reports.length).toBeLessThanOrEqual(2)
    }
  )

  inEveryMode('of a parent is called for the fibers of subgroups without one, at any depth (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      const child = yield* group.createSubgroup({ name: 'child' })
      const grandchild = yield* child.createSubgroup()
      yield* child.spawn(Task.fail('child'))
      yield* grandchild.spawn(Task.fail('grandchild'))
      yield* settled
      expect(failuresIn(heard).sort()).toEqual(['child', 'grandchild'])
      expect([group.isOpen, child.isOpen, grandchild.isOpen]).toEqual([true, true, true])
      yield* group.asyncClose()
    })
  )

  inEveryMode('of a subgroup is called for its own fibers, and that of the parent is not (22)', () =>
    Task.gen(function* () {
      const [above, below]: [Array<Heard>, Array<Cause.Cause<number>>] = [[], []]
      const group = yield* listening(above)
      const child = yield* group.createSubgroup<number>({ onFailure: (cause) => void below.push(cause) })
      const grandchild = yield* child.createSubgroup()
      yield* group.spawn(Task.fail('above'))
      yield* child.spawn(Task.fail(1))
      yield* grandchild.spawn(Task.fail(2))
      yield* settled
      expect(failuresIn(above)).toEqual(['above'])
      expect(below.flatMap((cause) => Cause.failures(cause)).sort()).toEqual([1, 2])
      yield* group.asyncClose()
    })
  )

  inEveryMode('of a Group<never> is called for defects (22)', () =>
    Task.gen(function* () {
      const defects: Array<unknown> = []
      const group = yield* Group.make<never>({
        onFailure: (cause) => void defects.push(...Cause.defects(cause))
      })
      yield* group.spawn(Task.die('x'))
      yield* settled
      expect(defects).toEqual(['x'])
      yield* group.asyncClose()
    })
  )

  inEveryMode('has been called for every failure by the time the group is closed (22)', () =>
    Task.gen(function* () {
      const heard: Array<Heard> = []
      const group = yield* listening(heard)
      yield* Task.sync(() => {
        for (let index = 0; index < 5; index++) rightOf(group.spawnNowait(Task.fail('no')))
      })
      yield* group.asyncClose({ interrupt: false })
      expect(heard.length).toBe(5)
    })
  )
})

describe('a reporter', () => {
  test('that throws stops nothing', async () => {
    const runtime = makeRuntime({
      reporter: () => {
        throw new Error('reporter')
      }
    })
    const result = await runtime.runTask(
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(Task.die('boom'))
        yield* fiber.wait()
        const other = yield* group.spawn(Task.succeed('went on'))
        const value = yield* other.join()
        yield* group.asyncClose()
        return value
      })
    )
    expect(rightOf(result)).toBe('went on')
    await macrotask()
  })

  test('belongs to the runtime that made the group, also for fibers spawned from a callback (22)', async () => {
    const told: Array<unknown> = []
    const runtime = makeRuntime({ reporter: (cause) => void told.push(...Cause.defects(cause)) })
    const group = rightOf(await runtime.runTask(Group.make()))
    rightOf(group.spawnNowait(Task.die('boom')))
    await macrotask()
    await runTask(group.asyncClose())
    expect(told).toEqual(['boom'])
  })

  test('receives a defect together with the name and id of its fiber', async () => {
    const told: Array<string | undefined> = []
    const runtime = makeRuntime({ reporter: (_cause, fiber) => void told.push(fiber.name) })
    await runtime.runTask(
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.spawn(Task.die('boom'), { name: 'culprit' })
        yield* Task.sleep(1)
        yield* group.asyncClose()
      })
    )
    expect(told).toEqual(['culprit'])
  })

  test('is not called if every fiber succeeds', async () => {
    for (const mode of modes) {
      expectSuccess(
        await runVirtual(
          pipe(
            Group.make(),
            Task.flatMap((group) => group.asyncClose())
          ),
          mode
        )
      )
    }
  })
})
