/** Trees of fibers and of groups may be as deep as memory allows: stopping, closing and printing them costs no stack. */
import { dump, Group, Latch, runFork, runTask, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { rightOf, success, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const depth = 20_000

describe('a tree of fibers', () => {
  const nested: Readonly<Record<string, (n: number) => Task.Task<unknown, unknown>>> = {
    all: (n) => (n === 0 ? Task.never : Task.all([Task.suspend(() => nested.all?.(n - 1) ?? Task.unit)])),
    timeout: (n) =>
      n === 0
        ? Task.never
        : pipe(
            Task.suspend(() => nested.timeout?.(n - 1) ?? Task.unit),
            Task.timeout(1000)
          )
  }

  for (const [name, make] of Object.entries(nested)) {
    it(`of ${name} within ${name} is interrupted to the last fiber, and printed (5, 9)`, () => {
      const machine = new Machine()
      const fiber = machine.fork(make(name === 'timeout' ? 2000 : depth))
      machine.run()
      expect(dump()).toContain('waits for never')
      fiber.interruptNowait()
      machine.run()
      expect(fiber.poll()).toMatchObject({ _tag: 'Some', value: { _tag: 'Left' } })
      expect(dump()).not.toContain('waits for never')
      expect(machine.clock.size).toBe(0)
    })
  }
})

describe('a tree of groups', () => {
  it('closes all its groups in one call, and is closed when its fibers have ended (18)', async () => {
    const run = await runVirtual(
      Task.gen(function* () {
        const top = yield* Group.make()
        let last = top
        for (let level = 0; level < depth; level++) last = yield* last.createSubgroup()
        const fiber = yield* last.spawn(Task.never)
        yield* Task.yieldNow
        top.close()
        const isClosing = last.isClosing
        yield* top.waitClosed()
        return [isClosing, last.isClosed, (yield* fiber.wait())._tag]
      })
    )
    expect(summary(run.exit)).toEqual(success([true, true, 'Left']))
  })

  it('that is empty is closed by the time `close` returns (16)', () => {
    const top = new Group()
    top.close()
    expect(top.isClosed).toBe(true)
  })
})

describe('dump', () => {
  it('lists many fibers', async () => {
    const count = 150_000
    const latch = new Latch()
    const fiber = runFork(Task.all(Array.from({ length: count }, () => latch.wait())))
    await runTask(Task.yieldNow)
    expect(dump().split('\n').length).toBeGreaterThan(count)
    latch.open()
    rightOf(await runTask(fiber.wait()))
  })

  it('shows a release that hangs, and no group without fibers', async () => {
    const empty = new Group({ name: 'empty' })
    await runVirtual(empty.createSubgroup({ name: 'emptier' }))
    expect(dump()).not.toContain('empt')
    const machine = new Machine()
    machine.fork(
      Task.gen(function* () {
        const group = yield* Group.make({ name: 'store' })
        yield* group.acquire(Task.unit, () => Task.named('flush the index')(Task.never))
        group.close()
      })
    )
    machine.run()
    expect(dump()).toMatch(/group store \(closing[\s\S]*release of store[\s\S]*flush the index/)
  })
})
