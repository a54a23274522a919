/** A FiberLocal is inherited by child fibers, and restored at the end of its scope. */
import { FiberLocal, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

describe('FiberLocal', () => {
  it('is the initial value by default', async () => {
    expect(await runSummary(new FiberLocal('initial').get)).toEqual(success('initial'))
    expect(
      await runSummary(
        pipe(
          FiberLocal.make(undefined),
          Task.flatMap((local) => local.get)
        )
      )
    ).toEqual(success(undefined))
  })

  it('has the new value within locally, also nested, and the old one after it', async () => {
    const local = new FiberLocal(0)
    const program = Task.gen(function* () {
      const before = yield* local.get
      const within = yield* pipe(
        Task.gen(function* () {
          const one = yield* local.get
          const two = yield* pipe(local.get, local.locally(2))
          return [one, two, yield* local.get]
        }),
        local.locally(1)
      )
      return [before, ...within, yield* local.get]
    })
    expect(await runSummary(program)).toEqual(success([0, 1, 2, 1, 0]))
    expect(await runSummary(program, { yieldEvery: 1 })).toEqual(success([0, 1, 2, 1, 0]))
  })

  it('has the old value after a failure, a defect and an interruption', async () => {
    const local = new FiberLocal('outside')
    for (const ending of [Task.fail('e'), Task.die('d')] as ReadonlyArray<Task.Task<string, never>>) {
      const program = pipe(
        ending,
        local.locally('inside'),
        Task.catchCause(() => local.get)
      )
      expect(await runSummary(program)).toEqual(success('outside'))
    }
    const machine = new Machine()
    const seen: Array<string> = []
    const note = pipe(
      local.get,
      Task.map((now) => seen.push(now))
    )
    const fiber = machine.fork(
      pipe(Task.never, Task.ensuring(note), local.locally('inside'), Task.ensuring(note))
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.finish(fiber)
    expect(seen).toEqual(['inside', 'outside'])
  })

  it('is inherited by every fiber that is started within', async () => {
    const local = new FiberLocal('outside')
    const program = pipe(
      Task.gen(function* () {
        const all = yield* Task.all([
          local.get,
          pipe(
            Task.yieldNow,
            Task.flatMap(() => local.get)
          )
        ])
        const raced = yield* pipe(local.get, Task.race(Task.never))
        const timed = yield* pipe(local.get, Task.timeout(10))
        const each = yield* pipe(
          [1],
          Task.forEach(() => local.get, { concurrency: 2 })
        )
        const spawned = yield* Task.withGroup((group) =>
          pipe(
            group.spawn(local.get),
            Task.flatMap((child) => child.join())
          )
        )
        return [...all, raced, timed, ...each, spawned]
      }),
      local.locally('inside')
    )
    expect(await runSummary(program)).toEqual(success(Array.from({ length: 6 }, () => 'inside')))
  })

  it('is inherited at the start of a child, and what the child sets stays in it', async () => {
    const local = new FiberLocal('outside')
    const program = Task.withGroup((group) =>
      Task.gen(function* () {
        const child = yield* pipe(
          group.spawn(
            pipe(
              Task.sleep(10),
              Task.flatMap(() => local.get)
            )
          ),
          local.locally('at the start')
        )
        const changer = yield* group.spawn(pipe(Task.sleep(5), local.locally('of the child')))
        const meanwhile = yield* pipe(
          changer.join(),
          Task.flatMap(() => local.get)
        )
        return [yield* child.join(), meanwhile]
      })
    )
    expect(await runSummary(program)).toEqual(success(['at the start', 'outside']))
  })

  it('is independent of another one', async () => {
    const [a, b] = [new FiberLocal(1), new FiberLocal(1)]
    expect(await runSummary(pipe(Task.all([a.get, b.get]), a.locally(2)))).toEqual(success([2, 1]))
  })

  it('does not change success and failure', async () => {
    const local = new FiberLocal(1)
    expect(await runSummary(pipe(Task.succeed('a'), local.locally(2)))).toEqual(success('a'))
    expect(await runSummary(pipe(Task.fail('e'), local.locally(2)))).toEqual(failure(Fail('e')))
  })

  it('starts from the initial value in another run', async () => {
    const local = new FiberLocal(1)
    const machine = new Machine()
    const parked = machine.fork(pipe(Task.sleep(5), local.locally(2)))
    await machine.settle()
    expect(summary(await machine.finish(machine.fork(local.get)))).toEqual(success(1))
    await machine.finish(parked)
  })
})
