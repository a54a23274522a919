/** The frames of a fiber are its own, whichever fibers have run meanwhile. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Deferred, dump, type Fiber, Group, makeRuntime, runFork, runSync, runTask, Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { rightOf } from '../support/exits.js'
import { recursion } from '../support/recursion.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Twice: what was alive while a collection that is under way began to mark lives through it. */
const collect = (): void => {
  gc()
  gc()
}

/**
 * Whoever is ready has had its turn, and as many more as the deepest here needs: in each turn of the host a fiber has one at least, on
 * however busy a machine. No fiber of ours has one for it, since that would take the work array.
 */
const afterTurns = async (): Promise<void> => {
  for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits, and then goes through `depth` frames. */
const through = (deferred: Deferred<never, number>, depth: number): Task.Task<never, number> => {
  let task = deferred.wait()
  for (let i = 0; i < depth; i++)
    task = pipe(
      task,
      Task.map((n) => n + 1)
    )
  return task
}

/** Runs `work` in a fiber that then waits for ever; once it is about to. */
const thenWaiting = (work: Task.Task<never, unknown>): Promise<Fiber<never, never>> =>
  new Promise((resolve) => {
    const fiber: Fiber<never, never> = runFork(
      pipe(
        work,
        Task.flatMap(() =>
          Task.suspend(() => {
            resolve(fiber)
            return Task.never
          })
        )
      )
    )
  })

/** One frame, a few that are copied, more than are copied, and more than room is kept for. */
const depths = [0, 1, 2, 30, 130, 500, 2000, 10_000]

describe('frames of a waiting fiber', () => {
  it.each(depths)('%i of them are intact if no other fiber has run', async (depth) => {
    const deferred = new Deferred<never, number>()
    const run = runTask(through(deferred, depth))
    await afterTurns()
    deferred.succeed(0)
    expect(await run).toEqual(right(depth))
  })

  it.each(depths)('%i of them are intact after other fibers have run', async (depth) => {
    const deferred = new Deferred<never, number>()
    const other = new Deferred<never, number>()
    // More fibers than there are work arrays.
    const all = [depth, 1, depth, 40, 100, ...Array.from({ length: 30 }, (_, i) => i), depth]
    const runs = all.map((frames) => runTask(through(deferred, frames)))
    const alone = runTask(through(other, depth))
    await afterTurns()
    other.succeed(0)
    expect(await alone).toEqual(right(depth))
    deferred.succeed(0)
    expect(await Promise.all(runs)).toEqual(all.map(right))
  })

  it.each([3, 40])('are intact in runs within runs, %i deep', async (levels) => {
    const deferred = new Deferred<never, number>()
    const waiting: Array<Fiber<never, number>> = []
    const group = new Group()
    const nested = (level: number): Task.Task<never, number> => {
      let task: Task.Task<never, number> = Task.gen(function* () {
        waiting.push(yield* Task.orDie(group.spawn(through(deferred, level))))
        yield* Task.yieldNow
        return level === 0 ? 0 : rightOf(runSync(nested(level - 1)))
      })
      for (let i = 0; i < 10; i++)
        task = pipe(
          task,
          Task.map((n) => n + 1)
        )
      return task
    }
    expect(await runTask(nested(levels))).toEqual(right((levels + 1) * 10))
    deferred.succeed(0)
    const values = await runTask(Task.all(waiting.map((fiber) => fiber.join())))
    expect(values).toEqual(right(Array.from({ length: levels + 1 }, (_, i) => levels - i)))
  })

  it.each(depths)('%i of them survive a nested run', async (depth) => {
    const deferred = new Deferred<never, number>()
    const group = new Group()
    const outer = new Deferred<never, number>()
    const run = runTask(
      pipe(
        Task.sync(() => {
          // It waits within the inner run, and goes on where the group's fibers do.
          const spawning = group.spawn(through(deferred, depth))
          const fiber = runSync(
            pipe(
              spawning,
              Task.tap(() => Task.yieldNow)
            )
          )
          return rightOf(fiber)
        }),
        Task.flatMap((fiber) =>
          pipe(
            through(outer, depth),
            Task.flatMap((own) =>
              pipe(
                fiber.join(),
                Task.map((inner) => [own, inner])
              )
            )
          )
        )
      )
    )
    await afterTurns()
    outer.succeed(0)
    await afterTurns()
    deferred.succeed(0)
    expect(await run).toEqual(right([depth, depth]))
  })

  it.each(depths)('%i of them survive a nested run that ends while they wait', async (depth) => {
    const deferred = new Deferred<never, number>()
    const outer = new Deferred<never, number>()
    let inner: number | undefined
    const waiting = Task.uninterruptible(
      pipe(
        through(deferred, depth),
        Task.map((n) => {
          inner = n
        })
      )
    )
    const run = runTask(
      pipe(
        Task.sync(() => expect(() => runSync(waiting)).toThrow('not done at once')),
        Task.flatMap(() => through(outer, depth))
      )
    )
    await afterTurns()
    deferred.succeed(0)
    await afterTurns()
    expect(inner).toBe(depth)
    outer.succeed(0)
    expect(await run).toEqual(right(depth))
  })

  it('are shown in a dump at any time', async () => {
    const deferred = new Deferred<never, number>()
    const one = runFork(
      pipe(through(deferred, 3), Task.named('inner'), Task.map(String), Task.named('outer'))
    )
    await afterTurns()
    expect(dump()).toMatch(/inner/)
    const two = runFork(pipe(through(deferred, 3), Task.named('second')))
    await afterTurns()
    expect(dump()).toMatch(/inner/)
    expect(dump()).toMatch(/second/)
    deferred.succeed(0)
    expect(await runTask(Task.all([one.join(), two.join()]))).toEqual(right(['3', 3]))
  })

  it('are dropped after an interruption', async () => {
    const deferred = new Deferred<never, number>()
    const seen: Array<string> = []
    const fiber = runFork(
      pipe(
        through(deferred, 2),
        Task.ensuring(Task.sync(() => seen.push('inner'))),
        Task.ensuring(Task.sync(() => seen.push('outer')))
      )
    )
    await afterTurns()
    await runTask(fiber.interrupt())
    expect(seen).toEqual(['inner', 'outer'])
  })

  it.each([1, 1000, 10_000])('after %i frames hold no reference to completed work', async (depth) => {
    let large: WeakRef<object> | undefined
    const work = Task.suspend(() => {
      const held = { large: true }
      large = new WeakRef(held)
      let task: Task.Task<never, unknown> = Task.unit
      for (let i = 0; i < depth; i++)
        task = pipe(
          task,
          Task.map(() => held.large)
        )
      return task
    })
    const fiber = await thenWaiting(work)
    // A WeakRef holds on to what it was made for until the turn of the host is over, and V8's compiler, which works beside us, to what
    // it has seen in the code until it is done.
    for (let turns = 0; turns < 100 && large?.deref() !== undefined; turns++) {
      await afterTurns()
      collect()
    }
    expect(large?.deref()).toBeUndefined()
    fiber.interruptNowait()
  })

  it('after a million frames keep no capacity for as many', async () => {
    collect()
    const before = process.memoryUsage().heapUsed
    const fiber = await thenWaiting(recursion(1e6))
    await afterTurns()
    collect()
    // Two places of eight bytes for each would be 16 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8e6)
    fiber.interruptNowait()
  })

  it('have no more capacity than they need if they are many and were more', async () => {
    const deferred = new Deferred<never, number>()
    let reached = 0
    const wait = pipe(
      recursion(4000),
      Task.flatMap(() => {
        reached++
        return deferred.wait()
      })
    )
    let task: Task.Task<never, number> = wait
    for (let i = 0; i < 200; i++)
      task = pipe(
        task,
        Task.map((n) => n + 1)
      )
    collect()
    const before = process.memoryUsage().heapUsed
    const fibers = Array.from({ length: 500 }, () => runFork(task))
    while (reached < 500) await afterTurns()
    collect()
    // 3 KB for each are needed; the room of 4,000 would be 64 KB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8e6)
    deferred.succeed(0)
    expect(await runTask(Task.all(fibers.map((fiber) => fiber.join())))).toEqual(right(fibers.map(() => 200)))
  })

  it('are kept if a clock throws', async () => {
    const deferred = new Deferred<never, number>()
    let isBroken = false
    const broken = makeRuntime({
      clock: {
        now: () => {
          if (isBroken) throw new Error('no time')
          return 0
        },
        setTimer: () => () => {}
      },
      scheduler: {
        schedule: (_fiber, run) => {
          setImmediate(() => {
            try {
              run()
            } catch (thrown) {
              seen.push(thrown)
            }
          })
        }
      }
    })
    const seen: Array<unknown> = []
    isBroken = true
    const run = broken.runTask(through(deferred, 3))
    await afterTurns()
    await afterTurns()
    isBroken = false
    deferred.succeed(0)
    expect(await run).toEqual(right(3))
    expect(seen).toHaveLength(1)
  })
})
