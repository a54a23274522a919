/** What counts as an operation: every loop yields and can be interrupted, whatever it is made of. */
import { Deferred, FiberLocal, Group, Latch, Queue, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { success, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const done = new Deferred<never, number>()
done.succeed(1)
const local = new FiberLocal(1)

/** Operations that need not wait. */
const immediate: Readonly<Record<string, () => Task.Task<unknown, unknown>>> = {
  'Latch.wait': () => new Latch(true).wait(),
  'Deferred.wait': () => done.wait(),
  'Queue.put': () => new Queue<number>().put(1),
  'Semaphore.withPermits': () => new Semaphore(1).withPermits(1)(Task.unit),
  'Task.currentFiber': () => Task.currentFiber,
  'FiberLocal.get': () => local.get,
  'Group.make': () => Group.make(),
  'Task.succeed': () => Task.succeed(1),
  'Task.all of nothing': () => Task.all([])
}

describe('a loop over operations that do not wait yields and can be interrupted (6, 8)', () => {
  for (const [name, operation] of Object.entries(immediate)) {
    it(name, () => {
      const machine = new Machine({ yieldEvery: 10 })
      let rounds = 0
      const fiber = machine.fork(
        Task.gen(function* () {
          for (; rounds < 10_000; rounds++) yield* operation()
        })
      )
      machine.turn()
      expect(rounds).toBeLessThanOrEqual(10)
      fiber.interruptNowait()
      machine.run()
      expect(rounds).toBeLessThanOrEqual(20)
      expect(fiber.poll()).toMatchObject({ _tag: 'Some', value: { _tag: 'Left' } })
    })
  }
})

describe('a loop of masks uses the budget, though entering a region does not (6)', () => {
  it('yields after as many rounds as the budget has', () => {
    const machine = new Machine({ yieldEvery: 10 })
    let rounds = 0
    const round: Task.Task<never, void> = Task.uninterruptibleMask(() =>
      ++rounds < 1000 ? round : Task.unit
    )
    machine.fork(round)
    machine.turn()
    expect(rounds).toBeLessThanOrEqual(11)
    machine.run()
    expect(rounds).toBe(1000)
  })
})

describe('a Task is not iterable', () => {
  it('and spreading it throws an error that says so', () => {
    expect(() => [...(Task.succeed(1) as unknown as Iterable<unknown>)]).toThrow(/yield\*/)
    expect(() => [...(Task.succeed(1) as unknown as Iterable<unknown>)]).toThrow(/yield\*/)
  })

  it('though it can still be yielded after that', async () => {
    expect(() => [...(Task.succeed(1) as unknown as Iterable<unknown>)]).toThrow()
    const run = await runVirtual(
      Task.gen(function* () {
        return (yield* Task.succeed(1)) + (yield* Task.succeed(2))
      })
    )
    expect(summary(run.exit)).toEqual(success(3))
  })
})

describe('the shared stack', () => {
  it('retains no memory after many deeply nested fibers have ended', async () => {
    const deep = (n: number): Task.Task<never, number> =>
      n === 0
        ? pipe(Task.sleep(1), Task.as(0))
        : pipe(
            Task.suspend(() => deep(n - 1)),
            Task.map((m) => m + 1)
          )
    const run = await runVirtual(Task.all(Array.from({ length: 50 }, () => deep(450))))
    expect(summary(run.exit)).toEqual(success(Array.from({ length: 50 }, () => 450)))
  })
})
