/** Misbehaving hosts, test runners and values: a defect at most, and never a lost fiber. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Group, makeRuntime, runFork, runSync, runTask, runTaskExit, Task } from 'aio-ts'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rightOf } from '../support/exits.js'

const asTask = (value: unknown): Task.Task<never, number> => value as Task.Task<never, number>

/** What it died of. */
async function defectOf(task: Task.Task<unknown, unknown>): Promise<string> {
  const exit = await runTaskExit(task)
  const [reason] = isLeft(exit) ? exit.left.reasons : []
  return reason?._tag === 'Die' ? String(reason.defect) : `no defect: ${JSON.stringify(exit)}`
}

describe('timers that a test runner replaces for a while', () => {
  afterEach(() => void vi.useRealTimers())

  it('block no program that runs after them', async () => {
    vi.useFakeTimers()
    await runTask(Task.succeed(1))
    vi.useRealTimers()
    // Each takes its turn of the event loop.
    await runTask(Task.all([Task.yieldNow, Task.yieldNow]))
  })

  it('leave no timer behind that never fires', async () => {
    await runTask(Task.yieldNow)
    vi.useFakeTimers()
    await runTask(pipe(Task.succeed(1), Task.timeout(50)))
    vi.useRealTimers()
    expect(await runTask(Task.sleep(1))).toEqual(right(undefined))
  })
})

describe('a value that is no Task', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 8, 11, 13, 14, 17])('with opcode %d dies', async (op) => {
    const message = { op, a: 1, b: 2, d: 'data' }
    expect(await defectOf(Task.suspend(() => asTask(message)))).toContain('expected a Task')
    expect(
      await defectOf(
        pipe(
          Task.unit,
          Task.flatMap(() => asTask(message))
        )
      )
    ).toContain('expected a Task')
  })

  it('that is a revoked proxy dies, and the fiber ends', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(await defectOf(Task.suspend(() => asTask(proxy)))).toContain('expected a Task')
    const mapped = pipe(
      Task.unit,
      Task.flatMap(() => asTask(proxy))
    )
    expect(await defectOf(mapped)).toContain('expected a Task')
    expect(runSync(Task.succeed(1))).toEqual(right(1))
  })

  it('that is an async generator is refused, also if it would have to be unwound', async () => {
    const body = async function* () {
      yield 1
    }
    expect(await defectOf(Task.gen(body as unknown as () => Generator<never, number>))).toContain('Task.gen')
  })
})

describe('code on the stack of the host', () => {
  /** Keeps its reactions, and calls them where its owner says so. */
  class Kept extends Promise<number> {
    static override get [Symbol.species](): PromiseConstructor {
      return Promise
    }
    private readonly reactions: Array<(value: number) => void> = []
    override then(react: unknown): Promise<never> {
      this.reactions.push(react as (value: number) => void)
      return new Promise(() => undefined)
    }
    fire(value: number): void {
      for (const react of this.reactions) react(value)
    }
  }

  it("such as the reaction of a user's thenable does not run a fiber", async () => {
    const order: Array<string> = []
    const kept = new Kept(() => undefined)
    const fiber = runFork(
      pipe(
        Task.promise(() => kept),
        Task.map(() => order.push('fiber'))
      )
    )
    await macrotask()
    order.push('before')
    kept.fire(1)
    order.push('after')
    await runTask(fiber.join())
    expect(order).toEqual(['before', 'after', 'fiber'])
  })

  it('such as runSync lets a fiber that yields still wait for I/O', async () => {
    const order: Array<string> = []
    const group = new Group()
    const yielder = Task.gen(function* () {
      yield* Task.yieldNow
      order.push('first')
      yield* Task.yieldNow
      order.push('second')
    })
    const fiber = runSync(group.spawn(yielder))
    setImmediate(() => order.push('io'))
    await runTask(rightOf(fiber).join())
    expect(order.indexOf('io')).toBeLessThan(order.indexOf('second'))
  })

  it('such as a nested run that inspects a Task loses no value', async () => {
    const traced = (task: Task.Task<never, number>) => ({
      [Symbol.iterator]() {
        const iterator = task[Symbol.iterator]() as Iterator<Task.Task<never, number>, number, number>
        return {
          next(value: number) {
            const result = iterator.next(value)
            if (result.done === true) runSync(Task.sync(() => 'log'))
            return result
          },
          throw: (thrown: unknown) => iterator.throw?.(thrown) ?? { done: true as const, value: 0 }
        }
      }
    })
    const program = Task.gen(function* () {
      return yield* traced(Task.succeed(3))
    })
    expect(await runTask(program)).toEqual(right(3))
  })
})

describe('a scheduler that throws', () => {
  it('while fibers are being stopped does not affect the fibers of other runtimes', async () => {
    let isThrowing = false
    const runtime = makeRuntime({
      scheduler: {
        schedule: (_fiber, run) => {
          if (isThrowing) throw new Error('no room')
          queueMicrotask(run)
        }
      }
    })
    const refused = runtime.runFork(Task.never)
    await macrotask()
    isThrowing = true
    expect(() => refused.interruptNowait()).toThrow('no room')
    isThrowing = false
    const other = runFork(Task.never)
    await macrotask()
    other.interruptNowait()
    await macrotask()
    expect(other.status()._tag).toBe('Done')
  })
})
