/** Open, closing, closed, never back: what a group reports, accepts and refuses in each state. */
import { Deferred, type Fiber, Group, GroupClosedError, Task } from 'aio-ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { expectTagged } from '../support/errors.js'
import { failure, failureOf, Interrupt, leftOf, rightOf, summary } from '../support/exits.js'
import { expectSuccessAmongReports, inEveryMode, settled } from '../support/modes.js'

const stateOf = (group: Group<never>): string =>
  [group.isOpen && 'open', group.isClosing && 'closing', group.isClosed && 'closed'].filter(Boolean).join(' ')

/** Cannot be interrupted before it lets go. */
const stubborn = (letGo: Deferred<never, void>): Task.Task<never, void> => Task.uninterruptible(letGo.wait())

describe('the states of a group', () => {
  test('begin with open (16)', () => {
    expect(stateOf(new Group())).toBe('open')
  })

  inEveryMode('are closing before close() returns, and closed only when the fibers have ended (16)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const letGo = yield* Deferred.make<never, void>()
      const fiber = yield* group.spawn(stubborn(letGo))
      yield* settled
      expect(stateOf(group)).toBe('open')
      yield* Task.sync(() => {
        group.close()
        expect(stateOf(group)).toBe('closing')
      })
      yield* settled
      expect(stateOf(group)).toBe('closing')
      expect(group.size).toBe(1)
      letGo.succeed(undefined)
      yield* fiber.wait()
      yield* settled
      expect(stateOf(group)).toBe('closing closed')
      expect(group.size).toBe(0)
    })
  )

  inEveryMode('are closed before close() returns if the group is empty (16)', () =>
    Task.gen(function* () {
      const never = yield* Group.make()
      never.close()
      expect(stateOf(never)).toBe('closing closed')
      const once = yield* Group.make()
      const fiber = yield* once.spawn(Task.succeed(1))
      yield* fiber.join()
      yield* settled
      expect(once.size).toBe(0)
      once.close()
      expect(stateOf(once)).toBe('closing closed')
      const withSubgroup = yield* Group.make()
      yield* withSubgroup.createSubgroup()
      withSubgroup.close()
      expect(stateOf(withSubgroup)).toBe('closing closed')
    })
  )

  test('are closed before close() returns also outside of any fiber (16)', () => {
    for (const options of [undefined, { interrupt: false }, { interrupt: true }, { graceMs: 1000 }]) {
      const group = new Group()
      group.close(options)
      expect(stateOf(group)).toBe('closing closed')
    }
  })

  inEveryMode('never go back: closing again, with any options, leaves a closed group closed (16)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      group.close()
      for (const options of [undefined, { interrupt: false }, { interrupt: true }, { graceMs: 10 }]) {
        group.close(options)
        expect(stateOf(group)).toBe('closing closed')
        yield* group.asyncClose(options)
        expect(stateOf(group)).toBe('closing closed')
      }
    })
  )

  inEveryMode('are closing before the first of its fibers is interrupted (16)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const seen: Array<string> = []
      for (let index = 0; index < 3; index++) {
        yield* group.spawn(pipe(Task.never, Task.ensuring(Task.sync(() => void seen.push(stateOf(group))))))
      }
      yield* settled
      yield* group.asyncClose()
      expect(seen).toEqual(['closing', 'closing', 'closing'])
      expect(stateOf(group)).toBe('closing closed')
    })
  )

  inEveryMode('count in size every fiber that has not ended', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      expect(group.size).toBe(0)
      const fibers = [
        yield* group.spawn(Task.sleep(10)),
        yield* group.spawn(Task.sleep(20)),
        yield* group.spawn(Task.never)
      ]
      expect(group.size).toBe(3)
      yield* fibers[0]!.join()
      yield* settled
      expect(group.size).toBe(2)
      yield* fibers[1]!.join()
      yield* settled
      expect(group.size).toBe(1)
      yield* fibers[2]!.interrupt()
      yield* settled
      expect(group.size).toBe(0)
      expect(stateOf(group)).toBe('open')
      group.close()
    })
  )

  inEveryMode('belong to the asyncGroup of the group itself', () =>
    Task.gen(function* () {
      const group = yield* Group.make({ name: 'a' })
      expect(group.asyncGroup === group).toBe(true)
      group.close()
    })
  )
})

describe('waiting for a state', () => {
  inEveryMode('ends when the state is reached, for every waiter', () =>
    Task.gen(function* () {
      const waiters = yield* Group.make()
      const group = yield* Group.make()
      const letGo = yield* Deferred.make<never, void>()
      yield* group.spawn(stubborn(letGo))
      const closing: Array<Fiber<never, void>> = []
      const closed: Array<Fiber<never, void>> = []
      for (let index = 0; index < 3; index++) {
        closing.push(yield* waiters.spawn(group.waitClosing()))
        closed.push(yield* waiters.spawn(group.waitClosed()))
      }
      const polls = () => [closing, closed].map((fibers) => fibers.map((fiber) => fiber.poll()._tag))
      yield* settled
      expect(polls()).toEqual([Array(3).fill('None'), Array(3).fill('None')])
      group.close()
      yield* settled
      expect(polls()).toEqual([Array(3).fill('Some'), Array(3).fill('None')])
      letGo.succeed(undefined)
      yield* settled
      expect(polls()).toEqual([Array(3).fill('Some'), Array(3).fill('Some')])
      for (const fiber of [...closing, ...closed]) yield* fiber.join()
      yield* waiters.asyncClose()
    })
  )

  inEveryMode('ends at once if the state is already reached', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      group.close()
      yield* group.waitClosing()
      yield* group.waitClosed()
      yield* group.asyncClose()
    })
  )

  inEveryMode('interrupted leaves the others waiting and the group as it was (25)', () =>
    Task.gen(function* () {
      const waiters = yield* Group.make()
      const group = yield* Group.make()
      const [gone, stays] = [
        yield* waiters.spawn(group.waitClosed()),
        yield* waiters.spawn(group.waitClosed())
      ]
      yield* settled
      expect(summary(yield* gone.interrupt())).toEqual(failure(Interrupt))
      expect(stateOf(group)).toBe('open')
      group.close()
      yield* stays.join()
      yield* waiters.asyncClose()
    })
  )

  inEveryMode('for closing lets a fiber of the group continue, though it is being interrupted', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const seen: Array<string> = []
      yield* group.spawn(
        Task.uninterruptible(
          pipe(
            group.waitClosing(),
            Task.map(() => void seen.push(stateOf(group)))
          )
        )
      )
      yield* settled
      yield* group.asyncClose()
      expect(seen).toEqual(['closing'])
    })
  )
})

describe('a closing or closed group', () => {
  for (const state of ['closing', 'closed'] as const) {
    inEveryMode(`refuses every operation with GroupClosedError and runs nothing of it: ${state} (17)`, () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const letGo = yield* Deferred.make<never, void>()
        if (state === 'closing') {
          yield* group.spawn(stubborn(letGo))
          yield* settled
        }
        group.close()
        expect(group.isClosed).toBe(state === 'closed')
        let ran = 0
        const task = Task.sync(() => void ran++)
        expectTagged(failureOf(yield* Task.exit(group.spawn(task))), 'GroupClosedError')
        expectTagged(leftOf(group.spawnNowait(task)), 'GroupClosedError')
        expect(leftOf(group.spawnNowait(task))).toBeInstanceOf(GroupClosedError)
        expectTagged(failureOf(yield* Task.exit(group.wrap(Promise.resolve(1)))), 'GroupClosedError')
        expectTagged(failureOf(yield* Task.exit(group.createSubgroup())), 'GroupClosedError')
        expectTagged(
          failureOf(yield* Task.exit(group.createSubgroup({ onFailure: () => {} }))),
          'GroupClosedError'
        )
        yield* settled
        expect(ran).toBe(0)
        letGo.succeed(undefined)
        yield* group.waitClosed()
        expect(ran).toBe(0)
      })
    )
  }

  inEveryMode('refuses from the time slice of the close on, with any kind of close (17)', () =>
    Task.gen(function* () {
      for (const options of [undefined, { interrupt: false }, { graceMs: 10 }]) {
        const group = yield* Group.make()
        yield* group.spawn(Task.sleep(5))
        yield* Task.sync(() => {
          rightOf(group.spawnNowait(Task.sleep(1)))
          group.close(options)
          leftOf(group.spawnNowait(Task.die('not run')))
        })
        yield* group.waitClosed()
        leftOf(group.spawnNowait(Task.die('not run')))
      }
    })
  )

  inEveryMode('refuses a spawn that was built while it was open: the state when it runs counts (1)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const spawn = group.spawn(Task.die('not run'))
      const subgroup = group.createSubgroup()
      group.close()
      expectTagged(failureOf(yield* Task.exit(spawn)), 'GroupClosedError')
      expectTagged(failureOf(yield* Task.exit(subgroup)), 'GroupClosedError')
    })
  )

  inEveryMode('refuses a spawn from a finalizer of its own fibers, which can handle the error (17)', () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      const seen: Array<unknown> = []
      const respawn = pipe(
        group.spawn(Task.die('not run')),
        Task.exit,
        Task.map((exit) => void seen.push(failureOf(exit)))
      )
      yield* group.spawn(pipe(Task.never, Task.ensuring(respawn)))
      yield* settled
      yield* group.asyncClose()
      expect(seen.length).toBe(1)
      expectTagged(seen[0], 'GroupClosedError')
    })
  )

  inEveryMode(
    'does not spin while it waits for a slow fiber beside a fiber that has ended (anyio#1138)',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const letGo = yield* Deferred.make<never, void>()
        yield* group.spawn(Task.unit)
        yield* group.spawn(stubborn(letGo))
        yield* settled
        const closer = yield* Group.make()
        const closing = yield* closer.spawn(group.asyncClose())
        // Virtual time stands still as long as anybody runs: a spinning wait would never let these pass.
        yield* Task.sleep(1000)
        expect(closing.status()._tag).toBe('Waiting')
        letGo.succeed(undefined)
        yield* closing.join()
        yield* closer.asyncClose()
      })
  )
})

describe('a bad argument to a group', () => {
  for (const graceMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5']) {
    inEveryMode(
      `is refused with a message, and the group stays open: graceMs ${String(graceMs)} (${typeof graceMs})`,
      () =>
        Task.gen(function* () {
          const group = yield* Group.make()
          const fiber = yield* group.spawn(Task.never)
          expect(() => group.close({ graceMs: graceMs as number })).toThrow(String(graceMs))
          const closing = group.asyncClose({ graceMs: graceMs as number })
          const exit = yield* Task.exit(closing)
          expect(leftOf(exit).reasons[0]).toMatchObject({ _tag: 'Die' })
          expect(stateOf(group)).toBe('open')
          expect(fiber.poll()._tag).toBe('None')
          yield* group.asyncClose()
        })
    )
  }

  inEveryMode(
    'is refused with a message: a value that is not a Task',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const notATask = 42 as unknown as Task.Task<never, number>
        const exit = yield* Task.exit(group.spawn(notATask))
        if (isLeft(exit)) expect(leftOf(exit).reasons[0]).toMatchObject({ _tag: 'Die' })
        else {
          const inner = yield* exit.right.wait()
          expect(leftOf(inner).reasons[0]).toMatchObject({ _tag: 'Die' })
        }
        yield* group.asyncClose()
      }),
    expectSuccessAmongReports
  )
})
