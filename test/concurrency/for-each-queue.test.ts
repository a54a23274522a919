/** `forEach` over a queue, which is more than another async iterable: what was taken out of it can be put to work or left in it. */
import { Queue, Task } from 'aio-ts'
import { explore, runTest } from 'aio-ts/testing'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, success, summary } from '../support/exits.js'

const limits = [1, 2, 'unbounded'] as const

describe.each(limits)('forEach over a queue, %s at a time', (concurrency) => {
  it('loses no item when it is interrupted as an item arrives (31)', async () => {
    const { complete } = await explore(
      () => {
        const queue = new Queue<string>()
        const seen: Array<string> = []
        const each = Task.forEach(
          (item: string) => {
            seen.push(item)
            return Task.unit
          },
          { concurrency }
        )
        return Task.withGroup((group) =>
          Task.gen(function* () {
            const fiber = yield* group.spawn(each(queue))
            yield* Task.yieldNow
            yield* Task.all([queue.put('item'), fiber.interrupt()])
            const rest = queue.getNowait()
            expect([...seen, ...(isRight(rest) ? [rest.right] : [])]).toEqual(['item'])
          })
        )
      },
      { preemptions: 1 }
    )
    expect(complete).toBe(true)
  })

  it('returns the results in the order of the items, whichever worker runs first', async () => {
    await explore(
      () => {
        const queue = new Queue<number>()
        const places: Array<number> = []
        const each = Task.forEach(
          (item: number, place) =>
            Task.sync(() => {
              places.push(place)
              return item * 10
            }),
          { concurrency }
        )
        const feed = Task.sync(() => {
          for (const item of [1, 2, 3]) queue.putNowait(item)
          queue.close()
        })
        return pipe(
          Task.all([
            each(queue),
            pipe(
              Task.yieldNow,
              Task.flatMap(() => feed)
            )
          ]),
          Task.map(([results]) => {
            expect(results).toEqual([10, 20, 30])
            expect(places.sort()).toEqual([0, 1, 2])
          })
        )
      },
      { preemptions: 1 }
    )
  })

  it('leaves unstarted items in the queue when it fails, and the queue open (33)', async () => {
    const queue = new Queue<number>()
    for (const item of [1, 2, 3, 4, 5]) queue.putNowait(item)
    const failing = Task.forEach((item: number) => (item === 2 ? Task.fail('two') : Task.sleep(5)), {
      concurrency: 1
    })
    const run = await runTest(failing(queue))
    expect(summary(run.exit)).toEqual(failure(Fail('two')))
    expect([queue.size, queue.isClosed]).toEqual([3, false])
  })

  it('uses the clock and the scheduler of its runtime', async () => {
    const queue = new Queue<number>()
    const each = Task.forEach((item: number) => Task.succeed(item * 2), { concurrency })
    const feed = pipe(
      [1, 2],
      Task.forEach((item) => pipe(queue.put(item), Task.delay(10))),
      Task.map(() => queue.close())
    )
    const run = await runTest(
      pipe(
        Task.all([each(queue), feed]),
        Task.map(([results]) => results)
      )
    )
    expect([summary(run.exit), run.elapsed]).toEqual([success([2, 4]), 20])
  })
})
