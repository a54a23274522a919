/** A value that goes down from fiber to fiber, and is back where it was at the end of its scope. */
import { FiberLocal, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

describe('FiberLocal', () => {
  it('is the initial value until said otherwise', async () => {
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

  it('locally holds within, nested too, and is taken back after', async () => {
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

  it('is taken back after a failure, a defect and an interruption', async () => {
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

  it('goes down to every fiber that is started within', async () => {
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

  it('a child keeps what it got at its start, and what it changes stays with it', async () => {
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

  it('two locals do not touch each other', async () => {
    const [a, b] = [new FiberLocal(1), new FiberLocal(1)]
    expect(await runSummary(pipe(Task.all([a.get, b.get]), a.locally(2)))).toEqual(success([2, 1]))
  })

  it('leaves success and failure as they are', async () => {
    const local = new FiberLocal(1)
    expect(await runSummary(pipe(Task.succeed('a'), local.locally(2)))).toEqual(success('a'))
    expect(await runSummary(pipe(Task.fail('e'), local.locally(2)))).toEqual(failure(Fail('e')))
  })

  it('another run starts from the initial value', async () => {
    const local = new FiberLocal(1)
    const machine = new Machine()
    const parked = machine.fork(pipe(Task.sleep(5), local.locally(2)))
    await machine.settle()
    expect(summary(await machine.finish(machine.fork(local.get)))).toEqual(success(1))
    await machine.finish(parked)
  })
})
