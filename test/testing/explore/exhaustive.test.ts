/** `explore` by 'exhaustive': every interleaving within the bound, each once, and whether that was all. */
import { Latch, Task } from 'aio-ts'
import { explore, type TestRun } from 'aio-ts/testing'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'

/** Fibers of so many operations each, which give the order of what they did. */
const letters = (counts: Readonly<Record<string, number>>) => () =>
  Task.suspend(() => {
    let order = ''
    const fiber = ([name, count]: [string, number]) =>
      Task.gen(function* () {
        for (let index = 0; index < count; index++) {
          yield* Task.sync(() => {
            order += name
          })
        }
      })
    return pipe(
      Task.all(Object.entries(counts).map(fiber)),
      Task.map(() => order)
    )
  })

/** Every order of the letters in which at most so many switches leave a fiber that has more to do. */
const ordersWithin = (counts: Readonly<Record<string, number>>, bound: number): ReadonlySet<string> => {
  const found = new Set<string>()
  const grow = (order: string, left: Readonly<Record<string, number>>, bound: number): void => {
    const able = Object.keys(left).filter((name) => (left[name] ?? 0) > 0)
    if (able.length === 0) found.add(order)
    const last = order.at(-1)
    for (const name of able) {
      const price = last !== undefined && last !== name && able.includes(last) ? 1 : 0
      if (price <= bound) grow(order + name, { ...left, [name]: (left[name] ?? 0) - 1 }, bound - price)
    }
  }
  grow('', counts, bound)
  return found
}

/** What `explore` came to, with every outcome and every schedule. */
const collect = async <A>(make: () => Task.Task<never, A>, preemptions: number) => {
  const seen: Array<TestRun<never, A>> = []
  const result = await explore(make, { preemptions, check: (run) => void seen.push(run) })
  // The first two runs are to find out whether the program does the same each time.
  const runs = seen.slice(2)
  const outcomes = new Set(runs.flatMap(({ exit }) => (isRight(exit) ? [exit.right] : [])))
  return { ...result, outcomes, schedules: runs.map(({ schedule }) => schedule) }
}

describe('explore runs every interleaving within the bound once', () => {
  it.each([
    [{ a: 3, b: 3 }, 0],
    [{ a: 3, b: 3 }, 1],
    [{ a: 3, b: 3 }, 2],
    [{ a: 3, b: 3 }, 3],
    [{ a: 2, b: 2, c: 2 }, 0],
    [{ a: 2, b: 2, c: 2 }, 1],
    [{ a: 2, b: 2, c: 2 }, 2],
    [{ a: 1, b: 2, c: 3 }, 2]
  ] as const)('with steps %o and at most %d preemptions', async (counts, bound) => {
    const { runs, complete, outcomes, schedules } = await collect(letters(counts), bound)
    expect(complete).toBe(true)
    expect([...outcomes].sort()).toEqual([...ordersWithin(counts, bound)].sort())
    expect(new Set(schedules).size).toBe(runs)
    expect(schedules).toHaveLength(runs)
  })

  it('with a bound above the number of switches, which gives all orders', async () => {
    const { outcomes, complete } = await collect(letters({ a: 3, b: 3 }), 20)
    expect(complete).toBe(true)
    expect(outcomes.size).toBe(20)
  })
})

describe('a choice point besides the next fiber is', () => {
  it('the order of timers that are due at the same time', async () => {
    const timers = () =>
      Task.suspend(() => {
        let order = ''
        const sleeper = (name: string) =>
          pipe(
            Task.sleep(10),
            Task.map(() => {
              order += name
            })
          )
        return pipe(
          Task.all(['a', 'b', 'c'].map(sleeper)),
          Task.map(() => order)
        )
      })
    const { outcomes } = await collect(timers, 0)
    expect([...outcomes].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  })

  it('whether a timer fires before a ready fiber continues', async () => {
    const racing = () =>
      Task.gen(function* () {
        const latch = new Latch()
        const worker = pipe(Task.sleep(10), Task.as('worked'))
        const opener = pipe(
          Task.sleep(10),
          Task.map(() => latch.open()),
          Task.as('opened')
        )
        const waiter = pipe(
          latch.wait(),
          Task.as('let in'),
          Task.timeout(10),
          Task.getOrElse(() => 'too late')
        )
        const [, , end] = yield* Task.all([worker, opener, waiter])
        return end
      })
    const { outcomes } = await collect(racing, 0)
    expect([...outcomes].sort()).toEqual(['let in', 'too late'])
  })

  it('whether a sleep of 0 ms ends before a ready fiber continues', async () => {
    const sleepers = () =>
      Task.suspend(() => {
        let order = ''
        const say = (name: string) =>
          Task.sync(() => {
            order += name
          })
        const talker = pipe(
          say('a'),
          Task.flatMap(() => say('a'))
        )
        const sleeper = pipe(
          Task.sleep(0),
          Task.flatMap(() => say('s'))
        )
        return pipe(
          Task.all([sleeper, talker]),
          Task.map(() => order)
        )
      })
    const { outcomes } = await collect(sleepers, 2)
    expect([...outcomes].sort()).toEqual(['aas', 'asa', 'saa'])
  })

  it('not the order of timers of different times', async () => {
    const timers = () =>
      pipe(
        Task.sleep(10),
        Task.as('task'),
        Task.timeout(11),
        Task.getOrElse(() => 'time-out')
      )
    const { outcomes, complete } = await collect(timers, 2)
    expect([...outcomes]).toEqual(['task'])
    expect(complete).toBe(true)
  })
})

describe('complete', () => {
  it('is false if there were more than maxRuns', async () => {
    const all = await explore(letters({ a: 3, b: 3 }))
    expect(all.complete).toBe(true)
    const some = await explore(letters({ a: 3, b: 3 }), { maxRuns: all.runs - 1 })
    expect(some).toEqual({ runs: all.runs - 1, complete: false })
    expect(await explore(letters({ a: 3, b: 3 }), { maxRuns: all.runs })).toEqual(all)
  })

  it('is false if a fiber waited for the host, whose order is not controlled', async () => {
    const waiting = () => Task.all([Task.promise(async () => 1), Task.unit])
    expect((await explore(waiting)).complete).toBe(false)
  })

  it('is true after one run of a program without choice points', async () => {
    expect(await explore(() => Task.sleep(1))).toEqual({ runs: 1, complete: true })
  })
})

it('a fiber that polls does not cause endless interleavings', async () => {
  const polling = () =>
    Task.suspend(() => {
      let isDone = false
      const poller = Task.gen(function* () {
        while (!isDone) yield* Task.yieldNow
      })
      const worker = pipe(
        Task.unit,
        Task.map(() => {
          isDone = true
        })
      )
      return Task.all([poller, worker])
    })
  const { runs, complete } = await explore(polling)
  expect(complete).toBe(true)
  expect(runs).toBeLessThan(1000)
})
