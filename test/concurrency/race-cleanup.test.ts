/** Cleanups that fail in the losers of a race. */
import { Cause, type Group, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'

describe('a cleanup that fails in a task that is stopped by two limits at once', () => {
  it('is seen once, in every order of time slices (4)', async () => {
    for (let seed = 0; seed < 300; seed++) {
      let cleanups = 0
      let seen = 0
      const dirty = Task.suspend(() => {
        cleanups++
        return Task.fail('cleanup')
      })
      const limited = pipe(Task.sleep(10), Task.timeout(1), Task.ensuring(dirty), Task.timeout(1))
      const loser = Task.withGroup((group: Group<unknown>) =>
        pipe(
          group.spawn(limited),
          Task.flatMap(() => Task.sleep(1))
        )
      )
      const winner = pipe(Task.sleep(5), Task.ensuring(Task.unit), Task.timeout(100))
      const onUnseen = (cause: Cause.Cause<unknown>) => {
        if (Cause.failures(cause).includes('cleanup')) seen++
      }
      const { exit } = await runTest(pipe(winner, Task.race(loser)), { seed, yieldEvery: 1, onUnseen })
      const isInExit = exit._tag === 'Left' && Cause.failures(exit.left).includes('cleanup')
      expect([seed, seen + Number(isInExit)]).toEqual([seed, cleanups])
    }
  })
})
