/** Nested groups: closed together from the parent, separately from the child, and no garbage in a long-lived parent. */
import { dump, Group, runTask, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failure, Interrupt, rightOf, summary } from '../support/exits.js'
import { collect } from '../support/gc.js'
import { inEveryMode, settled } from '../support/modes.js'

const heap = (): number => {
  collect()
  collect()
  return process.memoryUsage().heapUsed / 1e6
}

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

describe('closing a parent', () => {
  inEveryMode('puts every descendant in closing in the same call, and is closed after them (18)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const root = yield* Group.make({ name: 'root' })
      const child = yield* root.createSubgroup({ name: 'child' })
      const sibling = yield* root.createSubgroup({ name: 'sibling' })
      const grandchild = yield* child.createSubgroup({ name: 'grandchild' })
      const groups = [root, child, sibling, grandchild]
      yield* root.spawn(noting(log, 'in root'))
      yield* grandchild.spawn(noting(log, 'in grandchild', 50))
      yield* settled
      yield* Task.sync(() => {
        root.close()
        expect(groups.map((group) => group.isClosing)).toEqual([true, true, true, true])
        expect(groups.map((group) => group.spawnNowait(Task.die('not run'))._tag)).toEqual(
          Array(4).fill('Left')
        )
      })
      yield* settled
      expect(groups.map((group) => group.isClosed)).toEqual([false, false, true, false])
      yield* root.waitClosed()
      expect(groups.map((group) => group.isClosed)).toEqual([true, true, true, true])
      expect(log).toEqual(['in root', 'in grandchild'])
    })
  )

  inEveryMode(
    'interrupts the fibers of every level, three levels down, with slow finalizers at each (18, 19)',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        let group = yield* Group.make({ name: 'level 0' })
        const root = group
        const fibers = []
        for (const level of [0, 1, 2, 3]) {
          fibers.push(yield* group.spawn(noting(log, `level ${level}`, 10 * (4 - level))))
          if (level < 3) group = yield* group.createSubgroup({ name: `level ${level + 1}` })
        }
        yield* settled
        yield* root.asyncClose()
        expect([...log].sort()).toEqual(['level 0', 'level 1', 'level 2', 'level 3'])
        for (const fiber of fibers) expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
        expect([group.isClosed, group.size]).toEqual([true, 0])
      })
  )

  inEveryMode('without interruption lets the fibers of every level end, and then is closed (20)', () =>
    Task.gen(function* () {
      const root = yield* Group.make()
      const child = yield* root.createSubgroup()
      const fiber = yield* child.spawn(pipe(Task.sleep(30), Task.as('ended')))
      yield* root.asyncClose({ interrupt: false })
      expect(fiber.poll()._tag).toBe('Some')
      expect(yield* fiber.join()).toBe('ended')
    })
  )

  inEveryMode(
    'interrupts the fibers that a child closing without interruption still waits for (18, 20)',
    () =>
      Task.gen(function* () {
        const root = yield* Group.make()
        const child = yield* root.createSubgroup()
        yield* child.spawn(Task.never)
        child.close({ interrupt: false })
        yield* settled
        expect([child.isClosing, child.isClosed]).toEqual([true, false])
        yield* root.asyncClose()
        expect(child.isClosed).toBe(true)
      })
  )

  inEveryMode('waits for a child that is closing already (18)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const root = yield* Group.make()
      const child = yield* root.createSubgroup()
      yield* child.spawn(noting(log, 'child', 50))
      yield* settled
      child.close()
      yield* settled
      expect(root.isOpen).toBe(true)
      yield* root.asyncClose()
      expect([log, child.isClosed]).toEqual([['child'], true])
    })
  )

  inEveryMode('ends the wait of every fiber that waits for one of its descendants', () =>
    Task.gen(function* () {
      const waiters = yield* Group.make()
      const root = yield* Group.make()
      const child = yield* root.createSubgroup()
      const grandchild = yield* child.createSubgroup()
      const fibers = []
      for (const group of [root, child, grandchild]) {
        fibers.push(yield* waiters.spawn(group.waitClosing()), yield* waiters.spawn(group.waitClosed()))
      }
      yield* settled
      root.close()
      for (const fiber of fibers) yield* fiber.join()
      yield* waiters.asyncClose()
    })
  )
})

describe('closing a child', () => {
  inEveryMode('leaves the parent and its other children open (18)', () =>
    Task.gen(function* () {
      const root = yield* Group.make()
      const [child, sibling] = [yield* root.createSubgroup(), yield* root.createSubgroup()]
      const fibers = [yield* root.spawn(Task.never), yield* sibling.spawn(Task.never)]
      yield* child.spawn(Task.never)
      yield* settled
      yield* child.asyncClose()
      expect([root.isOpen, sibling.isOpen, child.isClosed]).toEqual([true, true, true])
      expect(fibers.map((fiber) => fiber.poll()._tag)).toEqual(['None', 'None'])
      yield* root.asyncClose()
    })
  )

  inEveryMode('detaches it: the parent no longer shows it (18)', () =>
    Task.gen(function* () {
      const root = yield* Group.make({ name: 'the root' })
      const child = yield* root.createSubgroup({ name: 'a child that closes' })
      yield* child.spawn(Task.never, { name: 'a fiber that ends' })
      yield* settled
      expect(dump()).toContain('the root')
      expect(dump()).toContain('a child that closes')
      expect(dump()).toContain('a fiber that ends')
      yield* child.asyncClose()
      expect(dump()).not.toContain('a child that closes')
      expect(dump()).not.toContain('a fiber that ends')
      yield* root.asyncClose()
      expect(dump()).not.toContain('the root')
    })
  )

  inEveryMode('and the parent in one time slice, in either order, closes both once', () =>
    Task.gen(function* () {
      for (const first of ['child', 'parent'] as const) {
        const log: Array<string> = []
        const root = yield* Group.make()
        const child = yield* root.createSubgroup()
        yield* child.spawn(noting(log, 'child', 5))
        yield* root.spawn(noting(log, 'root'))
        yield* settled
        yield* Task.sync(() => {
          for (const group of first === 'child' ? [child, root] : [root, child]) group.close()
        })
        yield* root.waitClosed()
        expect(child.isClosed).toBe(true)
        expect([...log].sort()).toEqual(['child', 'root'])
      }
    })
  )
})

describe('a long-lived parent', () => {
  test('does not grow with past subgroups (18)', { timeout: 120_000 }, async () => {
    const root = new Group({ name: 'long-lived' })
    const lives = (count: number) =>
      Task.gen(function* () {
        for (let index = 0; index < count; index++) {
          const child = yield* root.createSubgroup({ name: 'short-lived' })
          if (index % 10 === 0) yield* child.spawn(Task.never)
          if (index % 2 === 0) yield* child.asyncClose()
          else child.close()
        }
      })
    rightOf(await runTask(lives(10_000)))
    const before = heap()
    rightOf(await runTask(lives(100_000)))
    expect(heap() - before).toBeLessThan(5)
    expect(root.size).toBe(0)
    expect(dump()).not.toContain('short-lived')
    await runTask(root.asyncClose())
  })

  test('does not grow with past fibers (18)', { timeout: 120_000 }, async () => {
    const root = new Group({ name: 'long-lived' })
    const lives = (count: number) =>
      Task.gen(function* () {
        for (let index = 0; index < count; index++) {
          const fiber = yield* root.spawn(index % 2 === 0 ? Task.unit : Task.never)
          if (index % 2 === 0) yield* fiber.join()
          else yield* fiber.interrupt()
        }
      })
    rightOf(await runTask(lives(10_000)))
    const before = heap()
    rightOf(await runTask(lives(100_000)))
    expect(heap() - before).toBeLessThan(5)
    expect(root.size).toBe(0)
    await runTask(root.asyncClose())
  })

  test('does not grow with interrupted waiters', {
    timeout: 120_000
  }, async () => {
    const root = new Group()
    const target = rightOf(await runTask(root.spawn(Task.never)))
    const lives = (count: number) =>
      Task.gen(function* () {
        const waiting = yield* Group.make()
        for (let index = 0; index < count; index++) {
          for (const wait of [root.waitClosed(), root.waitClosing(), pipe(target.wait(), Task.asUnit)]) {
            yield* waiting.spawn(wait)
          }
        }
        yield* Task.sleep(1)
        yield* waiting.asyncClose()
      })
    rightOf(await runTask(lives(1_000)))
    const before = heap()
    for (let round = 0; round < 20; round++) rightOf(await runTask(lives(1_000)))
    expect(heap() - before).toBeLessThan(5)
    await runTask(root.asyncClose())
  })
})
