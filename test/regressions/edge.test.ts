/** Bugs of other libraries where tasks meet the host: leaked listeners, unhandled rejections. */
import { getEventListeners } from 'node:events'
import { setImmediate as macrotask } from 'node:timers/promises'
import { runTaskExit, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { expect, test } from 'vitest'
import { Die, failure, summary } from '../support/exits.js'

test('a run leaves no listener on its signal, however it ends (p-retry#71, p-queue#235, abort-controller-x#11)', async () => {
  const { signal } = new AbortController()
  const aborting = Task.tryCatch(
    (own) => new Promise<never>((_, reject) => own.addEventListener('abort', reject)),
    String
  )
  const ends: ReadonlyArray<Task.Task<unknown, unknown>> = [
    Task.succeed(1),
    Task.fail('no'),
    Task.die('boom'),
    Task.interrupt,
    pipe(aborting, Task.race(Task.sleep(0))),
    pipe(aborting, Task.timeout(0))
  ]
  for (const task of ends) {
    for (let round = 0; round < 3; round++) await runTaskExit(task, { signal })
  }
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('an iterator that throws leaves no unhandled rejection of running work (p-limit#110)', async () => {
  const unseen: Array<unknown> = []
  const listen = (reason: unknown) => void unseen.push(reason)
  process.on('unhandledRejection', listen)
  try {
    function* inputs(): Generator<string> {
      yield 'example'
      throw 'iterator'
    }
    const work = () =>
      pipe(
        Task.promise(() => Promise.reject('mapper')),
        Task.uninterruptible
      )
    const exit = await runTaskExit(pipe(inputs(), Task.forEach(work, { concurrency: 'unbounded' })))
    expect(summary(exit)).toEqual(failure(Die('iterator'), Die('mapper')))
    await macrotask()
    expect(unseen).toEqual([])
  } finally {
    process.off('unhandledRejection', listen)
  }
})
