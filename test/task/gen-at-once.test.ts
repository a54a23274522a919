/**
 * Generators whose `yield*` runs an operation without suspending them. That is a second interpreter of a few operations, so it is
 * compared with the run loop, which runs each operation of a bare `yield`.
 */
import { addHooks, Deferred, type Exit, type Fiber, Queue, runSync, Semaphore, Task } from 'aio-ts'
import fc from 'fast-check'
import type { Option } from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { Die, failure, Interrupt, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

type Raw<A = unknown> = Generator<Task.Task<any, any>, A, any>

const kinds = [
  'succeed',
  'sync',
  'throw',
  'fail',
  'put',
  'get',
  'getAll',
  'signal',
  'wait',
  'permit',
  'yieldNow',
  'interruptOther',
  'interruptItself',
  'delegate',
  'nest',
  'nest deeper',
  'call',
  'call and fail',
  'call and throw',
  'nested masked',
  'masked'
] as const
type Kind = (typeof kinds)[number]

/** The exit, and the names on the way of a failure. */
const shown = (exit: Option<Exit.Exit<any, any>>): unknown =>
  exit._tag === 'None' ? 'none' : [summary(exit.value), exit.value._tag === 'Left' && exit.value.left.trace]

/** Runs the steps of each fiber, and returns what they did in which turn, and how they ended. */
async function play(
  fibers: ReadonlyArray<ReadonlyArray<Kind>>,
  yieldEvery: number,
  step: (task: Task.Task<any, any>) => Raw
): Promise<unknown> {
  const machine = new Machine({ yieldEvery })
  const log: Array<unknown> = []
  const queue = new Queue<number>(1)
  const semaphore = new Semaphore(1)
  const deferred = new Deferred<never, number>()
  const forked: Array<Fiber<any, any>> = []
  const note = (...what: ReadonlyArray<unknown>) => log.push([machine.turns, ...what])
  function* one(me: number, kind: Kind): Raw {
    switch (kind) {
      case 'succeed':
        return yield* step(Task.succeed(me))
      case 'sync':
        return yield* step(Task.sync(() => note(me, 'in sync')))
      case 'throw':
        return yield* step(
          Task.sync(() => {
            throw new Error('thrown')
          })
        )
      case 'fail':
        return yield* step(Task.fail('failed'))
      case 'put':
        return yield* step(queue.put(me))
      case 'get':
        return yield* step(queue.get())
      case 'getAll':
        return yield* step(queue.getAll())
      case 'signal':
        return yield* step(Task.sync(() => deferred.succeed(me)))
      case 'wait':
        return yield* step(deferred.wait())
      case 'permit':
        return yield* step(semaphore.withPermits(1)(queue.get()))
      case 'yieldNow':
        return yield* step(Task.yieldNow)
      case 'interruptOther':
        return forked[(me + 1) % fibers.length]?.interruptNowait()
      case 'interruptItself':
        return forked[me]?.interruptNowait()
      case 'delegate':
        return yield* one(me, 'get')
      case 'nest':
        return yield* step(Task.gen(() => one(me, 'put')))
      case 'nest deeper':
        return yield* step(
          Task.gen(function* (): Raw {
            const got = yield* step(
              Task.gen(function* (): Raw {
                try {
                  return [yield* one(me, 'sync'), yield* one(me, 'get')]
                } finally {
                  note(me, 'left', yield* step(Task.succeed('inner cleanup')))
                }
              })
            )
            return [got, yield* one(me, 'put')]
          })
        )
      case 'call':
        return yield* step(call(me, 'get'))
      case 'call and fail':
        return yield* step(call(me, 'fail'))
      case 'call and throw':
        return yield* step(broken())
      case 'nested masked':
        return yield* step(Task.uninterruptible(Task.gen(() => one(me, 'nest deeper'))))
      case 'masked':
        return yield* step(Task.uninterruptible(queue.put(me)))
    }
  }
  const call = Task.fn('called', function* (me: number, kind: Kind): Raw {
    return [yield* one(me, kind), yield* step(Task.succeed('called'))]
  })
  const broken = Task.fn('broken', function* (): Raw {
    throw new Error('broken')
  })
  for (const [me, steps] of fibers.entries()) {
    const body = function* (): Raw<void> {
      try {
        for (const kind of steps) {
          try {
            note(me, kind, yield* one(me, kind))
          } catch (error) {
            note(me, 'caught', String(error))
          }
        }
      } finally {
        note(me, 'finally', yield* step(Task.succeed('cleanup')))
      }
    }
    forked.push(machine.fork(Task.gen(body)))
  }
  await machine.settle()
  log.push(
    forked.map((fiber) => fiber.status()),
    queue.size
  )
  for (const fiber of forked) fiber.interruptNowait()
  await machine.settle()
  const exits = forked.map((fiber) => fiber.poll())
  return [log, machine.turns, exits.map(shown)]
}

describe('an operation that yield* runs at once (1)', () => {
  it('has the same steps as the run loop, with any budget', async () => {
    const steps = fc.array(fc.constantFrom(...kinds), { maxLength: 12 })
    const property = fc.asyncProperty(
      fc.array(steps, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 2, 3, 5, 8, 2048),
      async (fibers, yieldEvery) => {
        const fast = await play(fibers, yieldEvery, function* (task) {
          return yield* task
        })
        const slow = await play(fibers, yieldEvery, function* (task): Raw {
          return yield task
        })
        expect(fast).toEqual(slow)
      }
    )
    await fc.assert(property, { numRuns: 2000 })
  })

  it('an exception of its function is a defect, which no catch block sees', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        yield* Task.sync(() => {
          throw 'bug'
        })
      } catch {
        log.push('caught')
      } finally {
        log.push('finally')
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('bug')))
    expect(log).toEqual(['finally'])
  })

  it('its function may run other generators within the call', async () => {
    const inner = Task.gen(function* () {
      return [yield* Task.sync(() => 'inner'), yield* Task.succeed(1)]
    })
    const program = Task.gen(function* () {
      const first = yield* Task.sync(() => runSync(inner))
      return [first, yield* Task.succeed(2)]
    })
    expect(await runSummary(program)).toEqual(success([{ _tag: 'Right', right: ['inner', 1] }, 2]))
  })

  it('a wait whose fiber is interrupted already takes nothing', async () => {
    const queue = new Queue<number>()
    const machine = new Machine()
    const fiber: Fiber<unknown, unknown> = machine.fork(
      Task.gen(function* () {
        yield* Task.sync(() => fiber.interruptNowait())
        return yield* queue.get()
      })
    )
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(queue.waitingGets).toBe(0)
  })

  it('a hook of an operation runs outside of the generator', async () => {
    const seen: Array<unknown> = []
    const undo = addHooks({
      queuePut: () => {
        const other = (function* (): Raw<void> {
          yield* Task.succeed('a Task')
        })()
        seen.push(other.next().done === true)
      }
    })
    const queue = new Queue<number>()
    expect(
      await runSummary(
        Task.gen(function* () {
          yield* queue.put(1)
          return queue.size
        })
      )
    ).toEqual(success(1))
    undo()
    expect(seen).toEqual([false])
  })

  it('a generator that is driven by hand within another one is a defect, and leaves no wait behind', async () => {
    const queue = new Queue<number>()
    const log: Array<string> = []
    function* inner(): Raw<void> {
      yield* queue.get()
    }
    const program = Task.gen(function* () {
      try {
        inner().next()
        yield* Task.sleep(1)
      } catch {
        log.push('caught')
      } finally {
        log.push('finally')
      }
    })
    expect(await runSummary(program)).toEqual(
      failure(Die(expect.objectContaining({ message: expect.stringContaining('driven by `next`') })))
    )
    expect(queue.waitingGets).toBe(0)
    expect(log).toEqual(['finally'])
  })
})
