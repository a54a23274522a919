/** An iterator that has reported `done` or has thrown is not called again, nor is its `return()` (42). */
import { setImmediate as macrotask } from 'node:timers/promises'
import { first, Queue, Task } from 'aio-ts'
import { traverseArray } from 'aio-ts/fp-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, failure, success, summary } from '../support/exits.js'
import { runDefect, runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'

/** Gives `length` items; what it does when it is asked once more is up to `again`. */
class Counted {
  asked = 0
  askedAfterEnd = 0
  returned = 0

  constructor(
    private readonly length: number,
    private readonly again: () => IteratorResult<number> | Promise<IteratorResult<number>>,
    /** What it ends with. */
    private readonly last: () => IteratorResult<number> = () => ({ done: true, value: undefined })
  ) {}

  private step(): IteratorResult<number> | Promise<IteratorResult<number>> {
    this.asked++
    if (this.asked <= this.length) return { done: false, value: this.asked }
    if (this.asked === this.length + 1) return this.last()
    this.askedAfterEnd++
    return this.again()
  }

  readonly sync: Iterable<number> = {
    [Symbol.iterator]: () => ({
      next: () => this.step() as IteratorResult<number>,
      return: () => {
        this.returned++
        return { done: true, value: undefined }
      }
    })
  }

  readonly async: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        // Longer than the work on an item takes, so that several wait for the next one.
        await macrotask()
        return this.step()
      },
      return: async () => {
        this.returned++
        return { done: true, value: undefined }
      }
    })
  }
}

const blocks = () => new Promise<never>(() => {})
const oneMore = () => ({ done: false, value: -1 })
const breaks = () => {
  throw new Error('asked again')
}
const concurrencies = [1, 2, 8, 'unbounded'] as const

describe.each(['sync', 'async'] as const)('an iterator that has reported done: %s', (kind) => {
  const again = kind === 'async' ? [oneMore, breaks, blocks] : [oneMore, breaks]

  it.each(concurrencies)('is not called again by forEach with concurrency %s', async (concurrency) => {
    for (const length of [0, 1, 3, 20]) {
      for (const after of again) {
        for (const work of [Task.succeed<number>, (n: number) => pipe(Task.sleep(n), Task.as(n))]) {
          const source = new Counted(length, after)
          const exit = await runSummary(pipe(source[kind], Task.forEach(work, { concurrency })))
          expect(exit).toEqual(success(Array.from({ length }, (_, index) => index + 1)))
          expect([source.asked, source.askedAfterEnd, source.returned]).toEqual([length + 1, 0, 0])
        }
      }
    }
  })

  it.each(concurrencies)('is not called again if it has thrown, with concurrency %s', async (concurrency) => {
    for (const after of again) {
      const source = new Counted(3, after, () => {
        throw 'broken'
      })
      const exit = await runSummary(
        pipe(
          source[kind],
          Task.forEach(() => Task.sleep(1), { concurrency })
        )
      )
      expect(exit).toEqual(failure(Die('broken')))
      expect([source.askedAfterEnd, source.returned]).toEqual([0, 0])
    }
  })

  it('may report done with any truthy value', async () => {
    const end = () => ({ done: 1, value: undefined }) as unknown as IteratorResult<number>
    const source = new Counted(2, oneMore, end)
    expect(await runSummary(pipe(source[kind], Task.forEach(Task.succeed, { concurrency: 2 })))).toEqual(
      success([1, 2])
    )
    expect([source.asked, source.returned]).toEqual([3, 0])
  })

  it('that returns no object is a defect that says so', async () => {
    const end = () => 5 as unknown as IteratorResult<number>
    const source = new Counted(2, oneMore, end)
    const defect = await runDefect(pipe(source[kind], Task.forEach(Task.succeed, { concurrency: 2 })))
    expect(String(defect)).toMatch(/Task\.forEach: expected .*next\(\).*object, got 5/)
    expect([source.askedAfterEnd, source.returned]).toEqual([0, 0])
  })
})

describe('an iterator that has reported done (42)', () => {
  it('is not called again by first', async () => {
    for (const after of [oneMore, breaks, blocks]) {
      const source = new Counted(3, after)
      expect(await runSummary(first(source.async, (n) => n > 3))).toMatchObject(success({ _tag: 'None' }))
      expect([source.asked, source.askedAfterEnd, source.returned]).toEqual([4, 0, 0])
    }
  })

  it('is not called again by the functions of fp-ts', async () => {
    const source = new Counted(3, breaks)
    const items = source.sync as unknown as ReadonlyArray<number>
    expect(await runSummary(pipe(items, traverseArray(Task.succeed)))).toEqual(success([1, 2, 3]))
    expect(source.askedAfterEnd).toBe(0)
  })

  it('ends all workers that wait for the next item when the last one is taken', async () => {
    const machine = new Machine()
    const source = new Counted(1, blocks)
    const slow = pipe(
      source.async,
      Task.forEach(() => Task.sleep(50), { concurrency: 5 })
    )
    const fiber = machine.fork(slow)
    expect(summary(await machine.finish(fiber))).toEqual(success([undefined]))
    expect(source.askedAfterEnd).toBe(0)
    expect(machine.leftovers()).toBe('')
  })

  it('as the iterator of a closed queue ends all waiting workers, at any concurrency', async () => {
    for (const concurrency of concurrencies) {
      const queue = new Queue<number>()
      for (const item of [1, 2, 3]) queue.putNowait(item)
      const closing = pipe(
        Task.sleep(10),
        Task.flatMap(() => Task.sync(() => queue.close()))
      )
      const { exit } = await runVirtual(
        Task.all([pipe(queue, Task.forEach(Task.succeed<number>, { concurrency })), closing])
      )
      expect(summary(exit)).toEqual(success([[1, 2, 3], undefined]))
    }
  })
})

describe('an iterator whose return() is called', () => {
  it('during a next() reports a rejection of return()', async () => {
    const machine = new Machine()
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: () => Promise.reject('return broke')
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
    await machine.finish(fiber)
    await macrotask()
    expect(machine.reports.map(({ reasons: [reason] }) => reason)).toEqual([
      { _tag: 'Die', defect: 'return broke' }
    ])
  })
})

describe('an iterable without an iterator', () => {
  it.each([undefined, null, 5, {}, { next: 5 }])('%s is a defect that says so', async (iterator) => {
    const sync = { [Symbol.iterator]: () => iterator } as unknown as Iterable<number>
    const async = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<number>
    for (const items of [sync, async]) {
      const defect = await runDefect(pipe(items, Task.forEach(Task.succeed)))
      expect(String(defect)).toMatch(/Task\.forEach: expected an iterator of the iterable, got/)
    }
    expect(String(await runDefect(first(async)))).toMatch(/first: expected an iterator of the iterable, got/)
  })
})
