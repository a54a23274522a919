/** Budgets and the event loop: no fiber starves the others. */
import { readFile } from 'node:fs/promises'
import { Deferred, Queue, runTask, Schedule, Semaphore, Task } from 'aio-ts'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { failure, Interrupt, success, summary } from '../support/exits.js'
import { Machine } from '../support/machine.js'

const loop = (n: number): Task.Task<never, number> =>
  n === 0 ? Task.succeed(0) : pipe(Task.succeed(n - 1), Task.flatMap(loop))

const turnsOf = async (task: Task.Task<never, unknown>, yieldEvery?: number): Promise<number> => {
  const machine = new Machine(yieldEvery === undefined ? {} : { yieldEvery })
  const fiber = machine.fork(task)
  let turns = 0
  while (fiber.poll()._tag === 'None') {
    expect(machine.turn()).toBe(true)
    turns++
  }
  return turns
}

describe('a fiber yields when its budget is used up (6)', () => {
  it('after 2048 operations by default', async () => {
    expect(await turnsOf(loop(500))).toBe(1)
    const turns = await turnsOf(loop(20_480))
    expect(turns).toBeGreaterThanOrEqual(10)
    expect(turns).toBeLessThanOrEqual(31)
  })

  it('after as many as yieldEvery says', async () => {
    expect(await turnsOf(loop(20_480), 1_000_000)).toBe(1)
    expect(await turnsOf(loop(100), 1)).toBeGreaterThanOrEqual(100)
    const [one, two] = [await turnsOf(loop(100), 1), await turnsOf(loop(100), 2)]
    expect(two).toBeLessThanOrEqual(one / 2 + 1)
    expect(two).toBeGreaterThanOrEqual(one / 2 - 1)
  })

  it('after every operation with a budget of 1', async () => {
    const log: Array<string> = []
    const machine = new Machine({ yieldEvery: 1 })
    const talker = (name: string) =>
      Task.gen(function* () {
        for (let i = 0; i < 4; i++) yield* Task.sync(() => log.push(name))
      })
    const fibers = ['a', 'b', 'c'].map((name) => machine.fork(talker(name)))
    for (const fiber of fibers) await machine.finish(fiber)
    expect(log.join('')).toBe('abcabcabcabc')
  })

  it('so that a loop that never waits lets the others run', async () => {
    const machine = new Machine()
    const hog = machine.fork(Task.forever(Task.unit))
    const guest = machine.fork(pipe(Task.unit, Task.as('had my turn')))
    machine.turn()
    machine.turn()
    expect(guest.poll()).toMatchObject({ _tag: 'Some' })
    hog.interruptNowait()
    machine.turn()
    expect(hog.poll()._tag).toBe('Some')
  })

  /** Bursts where a loop has gone round far more often than a budget allows, so that a loop that starves others ends too. */
  const fuse = () => {
    let rounds = 0
    return () => {
      if (++rounds > 200_000) throw new Error('never gave way')
    }
  }
  const burn = (round: () => void) => Task.sync(round)
  const loops: ReadonlyArray<readonly [string, (round: () => void) => Task.Task<unknown, unknown>]> = [
    ['forever', (round) => Task.forever(burn(round))],
    [
      'recursion through flatMap',
      (round) => {
        const again: Task.Task<never, never> = pipe(
          burn(round),
          Task.flatMap(() => again)
        )
        return again
      }
    ],
    [
      'recursion through suspend',
      (round) => {
        const again: Task.Task<never, never> = Task.suspend(() => {
          round()
          return again
        })
        return again
      }
    ],
    [
      'recursion through orElse',
      (round) => {
        const again: Task.Task<never, never> = pipe(
          Task.fail('e'),
          Task.orElse(() => {
            round()
            return again
          })
        )
        return again
      }
    ],
    [
      'recursion through catchCause',
      (round) => {
        const again: Task.Task<never, never> = pipe(
          Task.die('d'),
          Task.catchCause(() => {
            round()
            return again
          })
        )
        return again
      }
    ],
    [
      'callbacks that resume at once with a callback that resumes at once',
      (round) => {
        const again: Task.Task<never, never> = Task.async((resume) => {
          round()
          resume(again)
        })
        return again
      }
    ],
    [
      'forever over callbacks that resume at once',
      (round) => Task.forever(Task.async((resume) => resume(burn(round))))
    ],
    [
      'a generator',
      (round) =>
        Task.gen(function* () {
          for (;;) {
            round()
            yield* Task.unit
          }
        })
    ],
    [
      'a generator of generators',
      (round) => {
        const again = (): Task.Task<never, never> =>
          Task.gen(function* () {
            round()
            return yield* again()
          })
        return again()
      }
    ],
    ['currentFiber', (round) => Task.forever(pipe(Task.currentFiber, Task.map(round)))],
    ['plain values from tryCatch', (round) => Task.forever(Task.tryCatch(round, String))],
    [
      'a deferred that is there',
      (round) => {
        const deferred = new Deferred<never, void>()
        deferred.succeed(undefined)
        return Task.forever(pipe(deferred.wait(), Task.map(round)))
      }
    ],
    ['permits that are free', (round) => Task.forever(new Semaphore(1).withPermits(1)(burn(round)))],
    [
      'a queue that is never empty',
      (round) => {
        const queue = new Queue<number>()
        queue.putNowait(1)
        return Task.forever(
          pipe(
            queue.get(),
            Task.flatMap((n) => queue.put(n)),
            Task.map(round)
          )
        )
      }
    ],
    [
      'brackets',
      (round) =>
        Task.forever(
          Task.bracket(
            Task.unit,
            () => burn(round),
            () => Task.unit
          )
        )
    ],
    ['regions', (round) => Task.forever(Task.uninterruptible(burn(round)))],
    [
      'retry',
      (round) =>
        pipe(
          Task.sync(round),
          Task.flatMap(() => Task.fail('e')),
          Task.retry(Schedule.recurs(1_000_000))
        )
    ],
    ['repeat', (round) => pipe(Task.sync(round), Task.repeat(Schedule.recurs(1_000_000)))],
    [
      'endless items',
      (round) => {
        const endless: Iterable<number> = {
          [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) })
        }
        return pipe(
          endless,
          Task.forEach(() => burn(round))
        )
      }
    ]
  ]
  it.each(loops)('in every kind of loop that never waits: %s', async (_name, make) => {
    const machine = new Machine()
    const hog = machine.fork(make(fuse()))
    const guest = machine.fork(pipe(Task.unit, Task.as('had my turn')))
    machine.turn()
    machine.turn()
    expect(guest.poll()).toMatchObject({ _tag: 'Some' })
    expect(hog.poll()._tag).toBe('None')
    hog.interruptNowait()
    expect(summary(await machine.finish(hog))).toEqual(failure(Interrupt))
  })

  it('and ready fibers run in the order in which they became ready', async () => {
    const log: Array<number> = []
    const machine = new Machine()
    const fibers = [1, 2, 3, 4].map((n) =>
      machine.fork(
        Task.gen(function* () {
          for (let i = 0; i < 3; i++) {
            log.push(n)
            yield* Task.yieldNow
          }
        })
      )
    )
    for (const fiber of fibers) await machine.finish(fiber)
    expect(log).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
  })
})

// The only tests of real time: the lag is what they are about. The target is 20 ms; the bound leaves room for a busy machine.
describe('the event loop is served while fibers ping-pong (6)', () => {
  const bound = 100

  /** The worst lag of twenty timers of 5 ms while `background` runs. */
  const worstLag = (background: Task.Task<never, unknown>): Task.Task<never, number> =>
    pipe(
      Task.gen(function* () {
        let worst = 0
        for (let i = 0; i < 20; i++) {
          const start = performance.now()
          yield* Task.sleep(5)
          worst = Math.max(worst, performance.now() - start - 5)
        }
        return worst
      }),
      Task.race(
        pipe(
          background,
          Task.flatMap(() => Task.never)
        )
      )
    )

  /** A lag that fibers cause is there each time; one that another program causes is not. */
  const expectSmallLag = async (background: Task.Task<never, unknown>) => {
    let least = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 5 && least >= bound; attempt++) {
      const either = await runTask(worstLag(background))
      if (isRight(either)) least = Math.min(least, either.right)
    }
    expect(least).toBeLessThan(bound)
  }

  it('two fibers that exchange an item', async () => {
    const [there, back] = [new Queue<number>(), new Queue<number>()]
    const hit = (from: Queue<number>, to: Queue<number>) =>
      pipe(
        from.get(),
        Task.flatMap((ball) => to.put(ball + 1)),
        Task.orDie,
        Task.forever
      )
    there.putNowait(0)
    await expectSmallLag(Task.all([hit(there, back), hit(back, there)]))
  })

  it('fibers that yield all the time', async () => {
    await expectSmallLag(Task.all([Task.forever(Task.yieldNow), Task.forever(Task.yieldNow)]))
  })

  it('fibers that never wait', async () => {
    await expectSmallLag(Task.all([Task.forever(Task.unit), Task.forever(Task.unit)]))
  })

  it('fibers that wait for promises', async () => {
    await expectSmallLag(Task.forever(Task.promise(() => Promise.resolve())))
  })

  it('fibers that wait for callbacks from microtasks', async () => {
    await expectSmallLag(
      Task.forever(Task.async<never, void>((resume) => queueMicrotask(() => resume(Task.unit))))
    )
  })

  it('fibers beside I/O', async () => {
    const hog = Task.all([Task.forever(Task.yieldNow), Task.forever(Task.unit)])
    const reading = Task.promise(() => readFile(new URL(import.meta.url), 'utf8'))
    const either = await runTask(
      pipe(
        reading,
        Task.map((text) => text.length > 0),
        Task.race(pipe(hog, Task.as(false)))
      )
    )
    expect(either).toEqual(right(true))
  })

  it('a virtual run with all of them ends', async () => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(loop(100_000), Task.zip(pipe(Task.yieldNow, Task.as('b')))))
    expect(summary(await machine.finish(fiber))).toEqual(success([0, 'b']))
  })
})
