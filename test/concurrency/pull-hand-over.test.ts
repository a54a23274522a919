/**
 * Between taking an item and the first operation of the work on it there is no checkpoint (semantics 8, 31): whatever the budget, an item
 * that is gone from its source has been given to the user's function, whose task has begun.
 */
import { Queue, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'

type Work = Task.Task<unknown, unknown>
type Shape = (begun: () => void) => Work

/** Tasks whose first operation calls `begun`. */
const shapes: Record<string, Shape> = {
  sync: (begun) => Task.sync(begun),
  'sync and map': (begun) =>
    pipe(
      Task.sync(begun),
      Task.map(() => 1)
    ),
  'sync and many more': (begun) =>
    pipe(
      Task.sync(begun),
      Task.map(() => 1),
      Task.flatMap(() => Task.yieldNow),
      Task.ensuring(Task.unit),
      Task.mapError((error) => error),
      Task.orElse(() => Task.unit),
      Task.named('work')
    ),
  suspend: (begun) =>
    Task.suspend(() => {
      begun()
      return Task.yieldNow
    }),
  'a generator': (begun) =>
    Task.gen(function* () {
      begun()
      yield* Task.yieldNow
    }),
  'a region': (begun) =>
    Task.uninterruptible(
      pipe(
        Task.yieldNow,
        Task.map(() => begun())
      )
    ),
  'a bracket': (begun) =>
    Task.bracket(
      Task.sync(begun),
      () => Task.yieldNow,
      () => Task.unit
    )
}

const count = 12

interface Source {
  readonly run: (work: (item: number) => Work) => Work
  /** How many items it has not given yet. */
  readonly left: () => number
}

const ofQueue = (run: (queue: Queue<number>, work: (item: number) => Work) => Work) => (): Source => {
  const queue = new Queue<number>()
  for (let item = 0; item < count; item++) queue.putNowait(item)
  return { run: (work) => run(queue, work), left: () => queue.size }
}

const ofIterable = (concurrency: number | 'unbounded') => (): Source => {
  let given = 0
  function* items() {
    while (given < count) yield given++
  }
  return { run: (work) => Task.forEach(work, { concurrency })(items()), left: () => count - given }
}

const sources: Record<string, () => Source> = {
  'Queue.forEach': ofQueue((queue, work) => queue.forEach(work)),
  'forEach over a queue': ofQueue((queue, work) => Task.forEach(work)(queue)),
  'forEach over a queue, 3 at once': ofQueue((queue, work) => Task.forEach(work, { concurrency: 3 })(queue)),
  'forEach over a queue, all at once': ofQueue((queue, work) =>
    Task.forEach(work, { concurrency: 'unbounded' })(queue)
  ),
  'forEach over an iterable': ofIterable(1),
  'forEach over an iterable, 3 at once': ofIterable(3),
  'forEach over an iterable, all at once': ofIterable('unbounded'),
  'get and a region': ofQueue((queue, work) =>
    Task.gen(function* () {
      for (;;) {
        const item = yield* queue.get()
        yield* Task.uninterruptible(work(item))
      }
    })
  ),
  'get and a bracket': ofQueue((queue, work) =>
    Task.forever(
      pipe(
        queue.get(),
        Task.flatMap((item) =>
          Task.bracket(
            work(item),
            () => Task.unit,
            () => Task.unit
          )
        )
      )
    )
  ),
  'get and a region with more around it': ofQueue((queue, work) =>
    Task.forever(
      pipe(
        queue.get(),
        Task.flatMap((item) =>
          pipe(
            Task.uninterruptible(work(item)),
            Task.map(() => 1),
            Task.named('work')
          )
        )
      )
    )
  )
}

describe.each(Object.entries(sources))('%s', (_, source) => {
  it.each(Object.entries(shapes))(
    'has started the work on every item that it took: %s (8, 31)',
    async (_, shape) => {
      for (const yieldEvery of [1, 2, 3, 4, 5, 7, 11]) {
        for (let turns = 0; turns < 14; turns++) {
          const { run, left } = source()
          const begun: Array<number> = []
          await runTest(
            Task.withGroup<unknown, unknown, unknown>((group) =>
              Task.gen(function* () {
                const fiber = yield* group.spawn(
                  run((item) => shape(() => begun.push(item))),
                  { name: 'consumer' }
                )
                for (let turn = 0; turn < turns; turn++) yield* Task.yieldNow
                yield* fiber.interrupt()
              })
            ),
            { yieldEvery, seed: turns }
          )
          expect(begun.length + left(), `yieldEvery ${yieldEvery}, ${turns} turns`).toBe(count)
        }
      }
    }
  )
})

describe('an item that an async iterator returns as the fiber is interrupted', () => {
  it.each([1, 3, 'unbounded'] as const)('is processed, %s at a time (8)', async (concurrency) => {
    const begun: Array<number> = []
    let given = 0
    const waiting: Array<() => void> = []
    const items: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve) => {
            waiting.push(() => resolve({ done: false, value: given++ }))
          }),
        return: () => Promise.resolve({ done: true, value: undefined })
      })
    }
    await runTest(
      Task.withGroup<unknown, unknown, unknown>((group) =>
        Task.gen(function* () {
          const work = (item: number) =>
            pipe(
              Task.sync(() => begun.push(item)),
              Task.flatMap(() => Task.never)
            )
          const fiber = yield* group.spawn(Task.forEach(work, { concurrency })(items))
          yield* Task.yieldNow
          yield* Task.yieldNow
          waiting[0]?.()
          // The promises in between settle; the fiber has its item and not yet its turn.
          yield* Task.promise(
            () =>
              new Promise<void>((resolve) =>
                queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve)))
              )
          )
          yield* fiber.interrupt()
        })
      ),
      { yieldEvery: 1 }
    )
    expect(begun).toEqual([0])
  })
})

describe('a loop of masked regions', () => {
  it.each([
    ['uninterruptible', Task.uninterruptible(Task.unit)],
    ['a mask', Task.uninterruptibleMask(() => Task.unit)],
    ['uncancellable', pipe(Task.unit, Task.uncancellable())],
    [
      'a bracket',
      Task.bracket(
        Task.unit,
        () => Task.unit,
        () => Task.unit
      )
    ],
    ['interruptible', Task.interruptible(Task.unit)]
  ] as ReadonlyArray<readonly [string, Work]>)(
    'lets other fibers run, and can be interrupted: %s (6, 8)',
    async (_, region) => {
      for (const yieldEvery of [1, 2, 2048]) {
        await runTest(
          Task.withGroup<unknown, unknown, unknown>((group) =>
            Task.gen(function* () {
              const loops = [
                yield* group.spawn(Task.forever(region)),
                yield* group.spawn(
                  Task.gen(function* () {
                    for (;;) yield* region
                  })
                )
              ]
              // It gives way five times, by its budget.
              for (let step = 0; step < yieldEvery * 5; step++) yield* Task.sync(() => step)
              for (const loop of loops) yield* loop.interrupt()
            })
          ),
          { yieldEvery }
        )
      }
    }
  )
})
