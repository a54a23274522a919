/** A FiberLocal: a value that a fiber passes down to the fibers that it starts. */
import { FiberLocal, type Group, Task } from 'aio-ts'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect } from 'vitest'
import { failureOf, rightOf } from '../support/exits.js'
import { bench, inEveryMode, settled } from '../support/modes.js'

describe('a fiber-local value', () => {
  inEveryMode('is the initial one until it is set, and one value may be read by many', () =>
    Task.gen(function* () {
      const local = yield* FiberLocal.make('initial')
      expect([yield* local.get, yield* local.get]).toEqual(['initial', 'initial'])
      expect(yield* new FiberLocal<undefined>(undefined).get).toBe(undefined)
    })
  )

  inEveryMode('has the new value within locally, and the old value after success, failure and defect', () =>
    Task.gen(function* () {
      const local = new FiberLocal(0)
      expect(yield* pipe(local.get, local.locally(1))).toBe(1)
      expect(yield* local.get).toBe(0)
      expect(
        failureOf(
          yield* Task.exit(
            pipe(
              local.get,
              Task.flatMap((value) => Task.fail(value)),
              local.locally(2)
            )
          )
        )
      ).toBe(2)
      expect(yield* local.get).toBe(0)
      yield* Task.exit(pipe(Task.die('boom'), local.locally(3)))
      expect(yield* local.get).toBe(0)
    })
  )

  inEveryMode('nests, and each inner scope ends before its outer scope', () =>
    Task.gen(function* () {
      const local = new FiberLocal('a')
      const seen: Array<string> = []
      const note = pipe(
        local.get,
        Task.map((value) => void seen.push(value))
      )
      yield* pipe(
        note,
        Task.flatMap(() => pipe(note, local.locally('c'))),
        Task.flatMap(() => note),
        local.locally('b')
      )
      yield* note
      expect(seen).toEqual(['b', 'c', 'b', 'a'])
    })
  )

  inEveryMode('may be set to undefined, which hides the initial one', () =>
    Task.gen(function* () {
      const local = new FiberLocal<string | undefined>('initial')
      expect(yield* pipe(local.get, local.locally(undefined))).toBe(undefined)
      expect(yield* local.get).toBe('initial')
    })
  )

  inEveryMode('does not mix with another of the same initial value', () =>
    Task.gen(function* () {
      const [one, other] = [new FiberLocal(0), new FiberLocal(0)]
      const both = Task.all([one.get, other.get])
      expect(yield* pipe(both, one.locally(1))).toEqual([1, 0])
      expect(yield* pipe(both, other.locally(2), one.locally(1))).toEqual([1, 2])
      expect(yield* both).toEqual([0, 0])
    })
  )

  inEveryMode('survives each suspension of its fiber, and other fibers do not see it', () =>
    Task.gen(function* () {
      const local = new FiberLocal(0)
      const own = (id: number) =>
        pipe(
          Task.gen(function* () {
            for (let turn = 0; turn < 5; turn++) {
              expect(yield* local.get).toBe(id)
              yield* turn % 2 === 0 ? Task.yieldNow : Task.sleep(id)
            }
          }),
          local.locally(id)
        )
      yield* Task.all([own(1), own(2), own(3)])
      expect(yield* local.get).toBe(0)
    })
  )

  inEveryMode('has in finalizers the value that it had at their registration', () =>
    Task.gen(function* () {
      const group = yield* bench
      const local = new FiberLocal('outside')
      const seen: Array<string> = []
      const note = (place: string) =>
        pipe(
          local.get,
          Task.map((value) => void seen.push(`${place} sees ${value}`))
        )
      const fiber = yield* group.spawn(
        pipe(Task.never, Task.ensuring(note('inner')), local.locally('within'), Task.ensuring(note('outer')))
      )
      yield* settled
      yield* fiber.interrupt()
      expect(seen).toEqual(['inner sees within', 'outer sees outside'])
      yield* group.asyncClose()
    })
  )
})

describe('a fiber-local value is inherited', () => {
  inEveryMode('by fibers spawned into a group, which keep it after locally has ended', () =>
    Task.gen(function* () {
      const group = yield* bench
      const local = new FiberLocal('initial')
      const late = pipe(
        Task.sleep(10),
        Task.flatMap(() => local.get)
      )
      const within = yield* pipe(group.spawn(late), local.locally('within'))
      const without = yield* group.spawn(late)
      expect(yield* within.join()).toBe('within')
      expect(yield* without.join()).toBe('initial')
      yield* group.asyncClose()
    })
  )

  inEveryMode('by their children at any depth, and in subgroups', () =>
    Task.gen(function* () {
      const group = yield* bench
      const local = new FiberLocal(0)
      const nested = pipe(
        Task.withGroup((inner: Group<never>) =>
          Task.gen(function* () {
            const subgroup = yield* inner.createSubgroup()
            const fiber = yield* subgroup.spawn(
              Task.withGroup((innermost) =>
                pipe(
                  innermost.spawn(local.get),
                  Task.flatMap((leaf) => leaf.join()),
                  Task.either
                )
              )
            )
            return rightOf(yield* fiber.join())
          })
        ),
        local.locally(7)
      )
      const fiber = yield* group.spawn(nested)
      expect(yield* fiber.join()).toBe(7)
      yield* group.asyncClose()
    })
  )

  inEveryMode('by the body of withGroup, both sides of a race, and every fiber of all and forEach', () =>
    Task.gen(function* () {
      const local = new FiberLocal('initial')
      const slow = pipe(
        Task.sleep(5),
        Task.flatMap(() => local.get)
      )
      const everywhere = Task.gen(function* () {
        return [
          yield* Task.withGroup(() => local.get),
          yield* pipe(slow, Task.race(Task.never)),
          yield* pipe(Task.never, Task.race(slow)),
          yield* pipe(slow, Task.timeout(100)),
          ...(yield* Task.all([slow, local.get])),
          ...(yield* pipe(
            [1, 2, 3],
            Task.forEach(() => slow, { concurrency: 2 })
          ))
        ]
      })
      const seen = yield* pipe(everywhere, local.locally('given'))
      expect(seen).toEqual(Array.from({ length: 9 }, () => 'given'))
    })
  )

  inEveryMode('by a body of withGroup that spawns, and by the fibers that it spawns', () =>
    Task.gen(function* () {
      const local = new FiberLocal('initial')
      const seen = yield* pipe(
        Task.withGroup((group: Group<never>) =>
          Task.gen(function* () {
            const outer = yield* group.spawn(local.get)
            const inner = yield* pipe(group.spawn(local.get), local.locally('inner'))
            return [yield* outer.join(), yield* inner.join()]
          })
        ),
        local.locally('outer')
      )
      expect(seen).toEqual(['outer', 'inner'])
    })
  )

  inEveryMode('downwards only: a value set by a child is not seen by its parent or its siblings', () =>
    Task.gen(function* () {
      const group = yield* bench
      const local = new FiberLocal('initial')
      const child = yield* group.spawn(pipe(Task.sleep(10), local.locally('of the child')))
      yield* settled
      const sibling = yield* group.spawn(local.get)
      expect(yield* local.get).toBe('initial')
      expect(yield* sibling.join()).toBe('initial')
      yield* child.join()
      expect(yield* local.get).toBe('initial')
      yield* group.asyncClose()
    })
  )

  inEveryMode('at the spawn: a value set by the parent later is not seen by the child', () =>
    Task.gen(function* () {
      const group = yield* bench
      const local = new FiberLocal(0)
      const child = yield* group.spawn(
        pipe(
          Task.sleep(10),
          Task.flatMap(() => local.get)
        )
      )
      yield* pipe(Task.sleep(20), local.locally(9))
      expect(yield* child.join()).toBe(0)
      yield* group.asyncClose()
    })
  )

  inEveryMode(
    'when its Task runs, not when it is built: locally around a Task that runs elsewhere applies there',
    () =>
      Task.gen(function* () {
        const local = new FiberLocal(0)
        const inside = pipe(local.get, local.locally(1))
        expect(yield* pipe(inside, local.locally(2))).toBe(1)
        expect([yield* inside, yield* inside]).toEqual([1, 1])
        expect(Either.isRight(yield* Task.either(inside))).toBe(true)
      })
  )
})
