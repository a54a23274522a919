/** An interruption that is requested by an abort listener takes effect at once (8). */
import { Queue, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { rightOf, success } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'

/** Waits for a promise that never settles, and calls `listener` when its signal aborts. */
const listening = (listener: () => void): Task.Task<never, never> =>
  Task.promise(
    (signal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          listener()
          reject(signal.reason)
        })
      })
  )

describe('an interruption requested within an abort listener', () => {
  it('ends the wait of the fiber before the listener continues (8, 31)', async () => {
    const queue = new Queue<string>()
    const program = Task.withGroup<unknown, unknown, unknown>((group) =>
      Task.gen(function* () {
        const getter = yield* group.spawn(queue.get())
        const aborted = yield* group.spawn(
          listening(() => {
            getter.interruptNowait()
            queue.putNowait('item')
          })
        )
        yield* Task.sleep(1)
        yield* aborted.interrupt()
        yield* getter.wait()
        return queue.size
      })
    )
    expect(await runSummary(program)).toEqual(success(1))
  })

  it('ends the wait also through a chain of listeners, and if many are stopped in one step (8, 31)', async () => {
    const queue = new Queue<number>()
    const program = Task.withGroup<unknown, unknown, unknown>((outer) =>
      Task.gen(function* () {
        const getters = [
          yield* outer.spawn(queue.get()),
          yield* outer.spawn(queue.get()),
          yield* outer.spawn(queue.get())
        ]
        const last = yield* outer.spawn(
          listening(() => {
            for (const getter of getters) getter.interruptNowait()
            queue.putNowait(1)
          })
        )
        const sides = [
          listening(() => last.interruptNowait()),
          listening(() => queue.putNowait(2)),
          Task.never
        ]
        const first = yield* outer.spawn(pipe(Task.all(sides), Task.timeout(1000)))
        yield* Task.sleep(1)
        first.interruptNowait()
        expect(queue.size).toBe(2)
        yield* first.wait()
        yield* last.wait()
      })
    )
    rightOf((await runVirtual(program)).exit)
  })
})
