/** `forEach` over iterables and async iterables: laziness, order, limits, and when `return()` of the iterator is called. */
import { Task } from 'aio-ts'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after } from '../support/tasks.js'

/** Counts what is asked of it, sync or async. */
class Source {
  taken = 0
  returned = 0
  overlapping = false
  private asking = false
  constructor(
    private readonly length: number,
    private readonly log: Array<string> = []
  ) {}

  readonly sync: Iterable<number> = {
    [Symbol.iterator]: () => ({
      next: () => this.step(),
      return: () => {
        this.returned++
        return { done: true, value: undefined }
      }
    })
  }

  readonly async: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        this.overlapping ||= this.asking
        this.asking = true
        await Promise.resolve()
        this.asking = false
        return this.step()
      },
      return: async () => {
        await Promise.resolve()
        this.returned++
        return { done: true, value: undefined }
      }
    })
  }

  private step(): IteratorResult<number> {
    if (this.taken >= this.length) return { done: true, value: undefined }
    this.log.push(`take ${this.taken}`)
    return { done: false, value: this.taken++ }
  }
}

const kinds = ['sync', 'async'] as const
const eachOf = <E, A>(
  source: Source,
  kind: (typeof kinds)[number],
  f: (n: number, index: number) => Task.Task<E, A>,
  concurrency?: number | 'unbounded'
) => pipe(source[kind], Task.forEach(f, concurrency === undefined ? {} : { concurrency }))

describe.each(kinds)('forEach over %s items', (kind) => {
  it('returns the results in the order of the items, whichever ends first', async () => {
    const task = (n: number) => after(10 - n, Task.succeed(n * n))
    for (const concurrency of [1, 2, 3, 10, 'unbounded'] as const) {
      expect(await runSummary(eachOf(new Source(5), kind, task, concurrency))).toEqual(
        success([0, 1, 4, 9, 16])
      )
    }
  })

  it('returns an empty array for an empty source', async () => {
    expect(await runSummary(eachOf(new Source(0), kind, () => Task.unit))).toEqual(success([]))
    expect(await runSummary(eachOf(new Source(0), kind, () => Task.unit, 4))).toEqual(success([]))
  })

  it('passes the index to the function', async () => {
    const program = eachOf(new Source(3), kind, (n, index) => Task.succeed([n, index]), 2)
    expect(await runSummary(program)).toEqual(
      success([
        [0, 0],
        [1, 1],
        [2, 2]
      ])
    )
  })

  it('is sequential by default, and requests an item only when its predecessor is done', async () => {
    const log: Array<string> = []
    const work = (n: number) =>
      pipe(
        Task.sync(() => log.push(`begin ${n}`)),
        Task.flatMap(() =>
          after(
            5,
            Task.sync(() => log.push(`end ${n}`))
          )
        )
      )
    const run = await runVirtual(eachOf(new Source(3, log), kind, work))
    expect(log).toEqual([
      'take 0',
      'begin 0',
      'end 0',
      'take 1',
      'begin 1',
      'end 1',
      'take 2',
      'begin 2',
      'end 2'
    ])
    expect(run.elapsed).toBe(15)
  })

  it.each([2, 3, 7])('takes no item before a worker is free, %i at a time', async (concurrency) => {
    const source = new Source(20)
    let running = 0
    let most = 0
    let ended = 0
    let ahead = 0
    const work = (n: number) =>
      pipe(
        Task.sync(() => {
          running++
          most = Math.max(most, running)
          ahead = Math.max(ahead, source.taken - ended)
        }),
        Task.flatMap(() => Task.sleep((n % 3) + 1)),
        Task.map(() => {
          running--
          ended++
        })
      )
    await runSummary(eachOf(source, kind, work, concurrency))
    expect(most).toBe(concurrency)
    expect(ahead).toBeLessThanOrEqual(concurrency)
    expect(source.taken).toBe(20)
    expect(source.overlapping).toBe(false)
  })

  it('does not call return() of an iterator that was read to its end', async () => {
    const source = new Source(3)
    await runSummary(eachOf(source, kind, () => Task.unit, 2))
    expect([source.taken, source.returned]).toEqual([3, 0])
  })

  it('requests one item at a time, however many workers are free', async () => {
    const source = new Source(50)
    await runSummary(eachOf(source, kind, Task.succeed, 8))
    expect([source.taken, source.overlapping]).toEqual([50, false])
  })

  it('does not call return() if the last item fails after the end of the iterator', async () => {
    const source = new Source(2)
    const work = (n: number) => (n === 0 ? after(10, Task.fail('e')) : Task.unit)
    expect(await runSummary(eachOf(source, kind, work, 3))).toEqual(failure(Fail('e')))
    expect([source.taken, source.returned]).toEqual([2, 0])
  })

  it('stops the others at the first failure and calls return() once', async () => {
    for (const concurrency of [1, 3]) {
      const source = new Source(100)
      let cleaned = 0
      const work = (n: number) =>
        n === 2
          ? after(5, Task.fail('e'))
          : pipe(
              after(n < 2 ? 1 : 1000, Task.unit),
              Task.ensuring(
                after(
                  10,
                  Task.sync(() => cleaned++)
                )
              )
            )
      const exit = await runSummary(eachOf(source, kind, work, concurrency))
      expect(exit).toEqual(failure(Fail('e')))
      expect(source.returned).toBe(1)
      expect(source.taken).toBeLessThanOrEqual(5)
      expect(cleaned).toBe(source.taken - 1)
    }
  })

  it('interrupted from outside stops all workers and calls return() once', async () => {
    for (const concurrency of [1, 3]) {
      const machine = new Machine()
      const source = new Source(100)
      let cleaned = 0
      const fiber = machine.fork(
        eachOf(
          source,
          kind,
          () =>
            pipe(
              Task.never,
              Task.ensuring(
                after(
                  10,
                  Task.sync(() => cleaned++)
                )
              )
            ),
          concurrency
        )
      )
      await machine.settle()
      fiber.interruptNowait()
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
      expect([source.taken, cleaned, source.returned]).toEqual([concurrency, concurrency, 1])
      expect(machine.leftovers()).toBe('')
    }
  })

  it('dies of a function that throws, and calls return()', async () => {
    const source = new Source(10)
    const exit = await runSummary(
      eachOf(source, kind, () => {
        throw 'bug'
      })
    )
    expect(exit).toEqual(failure(Die('bug')))
    expect(source.returned).toBe(1)
  })

  it('ends at a failure over an infinite source', async () => {
    const source = new Source(Number.POSITIVE_INFINITY)
    expect(await runSummary(eachOf(source, kind, (n) => (n === 1000 ? Task.fail(n) : Task.unit)))).toEqual(
      failure(Fail(1000))
    )
    expect(source.returned).toBe(1)
  })

  it('runs a hundred thousand items at once, in constant stack', { timeout: 120_000 }, async () => {
    const { exit } = await runVirtual(
      pipe(
        eachOf(new Source(100_000), kind, Task.succeed, 16),
        Task.map((all) => all.length)
      )
    )
    expect(summary(exit)).toEqual(success(100_000))
  })
})

describe('iterators that misbehave', () => {
  it('an async generator runs its finally when iteration ends early', async () => {
    const log: Array<string> = []
    async function* items(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i
      } finally {
        await Promise.resolve()
        log.push('closed')
      }
    }
    const program = pipe(
      items(),
      Task.forEach((n) => (n === 3 ? Task.fail('e') : Task.unit)),
      Task.catchCause((cause) => Task.sync(() => log.push(`failed with ${cause.reasons.length}`)))
    )
    await runSummary(program)
    expect(log).toEqual(['closed', 'failed with 1'])
  })

  it('a next() that rejects is a defect with its reason, and running workers are stopped', async () => {
    let cleaned = false
    let asked = 0
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          asked++ === 0 ? Promise.resolve({ done: false, value: 1 }) : Promise.reject('source broke')
      })
    }
    const work = () => pipe(Task.never, Task.ensuring(Task.sync(() => void (cleaned = true))))
    expect(await runSummary(pipe(source, Task.forEach(work, { concurrency: 2 })))).toEqual(
      failure(Die('source broke'))
    )
    expect(cleaned).toBe(true)
  })

  it('the rejection or throw of a return() follows the failure in the cause (4)', async () => {
    const rejecting: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 1 }),
        return: () => Promise.reject('return broke')
      })
    }
    expect(
      await runSummary(
        pipe(
          rejecting,
          Task.forEach(() => Task.fail('e'))
        )
      )
    ).toEqual(failure(Fail('e'), Die('return broke')))
    const throwing: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw 'return broke'
        }
      })
    }
    expect(
      await runSummary(
        pipe(
          throwing,
          Task.forEach(() => Task.fail('e'))
        )
      )
    ).toEqual(failure(Fail('e'), Die('return broke')))
  })

  it('an iterator without return() is accepted', async () => {
    const source: Iterable<number> = {
      [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) })
    }
    expect(
      await runSummary(
        pipe(
          source,
          Task.forEach(() => Task.fail('e'))
        )
      )
    ).toEqual(failure(Fail('e')))
  })

  it('a forEach interrupted in a next() that never settles ends', async () => {
    const machine = new Machine()
    let returned = 0
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned++
          return { done: true, value: undefined }
        }
      })
    }
    const fiber = machine.fork(
      pipe(
        source,
        Task.forEach(() => Task.unit)
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(returned).toBe(1)
  })

  it('a forEach that runs again iterates anew', async () => {
    const program = pipe(
      [1, 2, 3],
      Task.forEach((n) => Task.succeed(n + 1))
    )
    expect(await runSummary(program)).toEqual(success([2, 3, 4]))
    expect(await runSummary(program)).toEqual(success([2, 3, 4]))
    expect(await runSummary(pipe(new Set(['a', 'b']), Task.forEach(Task.succeed)))).toEqual(
      success(['a', 'b'])
    )
  })
})

describe('forEach', () => {
  it('can be interrupted over an async generator that hangs (9)', async () => {
    let isReturned = false
    async function* hanging(): AsyncGenerator<number> {
      try {
        yield 1
        await new Promise(() => undefined)
      } finally {
        isReturned = true
      }
    }
    const run = await runVirtual(pipe(hanging(), Task.forEach(Task.succeed), Task.timeout(10), Task.either))
    expect(summary(run.exit)).toEqual(success(left(expect.anything())))
    expect(isReturned).toBe(false)
  })

  it('iterates the characters of a string', async () => {
    const run = await runVirtual(pipe('abc', Task.forEach(Task.succeed)))
    expect(summary(run.exit)).toEqual(success(['a', 'b', 'c']))
  })
})
