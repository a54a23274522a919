/** From Option, nullable, predicate, IO, IOEither, Task and TaskEither: which case becomes which exit. */
import { Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { none, some } from 'fp-ts/lib/Option.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, success } from '../support/exits.js'
import { runSummary } from '../support/kit.js'

describe('conversions from fp-ts', () => {
  it('fromOption returns the value, or fails with the result of onNone, called only then', async () => {
    let asked = 0
    const lookup = Task.fromOption(() => {
      asked++
      return 'nothing'
    })
    expect(await runSummary(lookup(some(1)))).toEqual(success(1))
    expect(asked).toBe(0)
    expect(await runSummary(lookup(none))).toEqual(failure(Fail('nothing')))
    expect(asked).toBe(1)
  })

  it('fromNullable fails for null and undefined alone', async () => {
    const present = Task.fromNullable(() => 'missing')
    expect(await runSummary(present(null))).toEqual(failure(Fail('missing')))
    expect(await runSummary(present(undefined))).toEqual(failure(Fail('missing')))
    for (const falsy of [0, '', false, Number.NaN])
      expect(await runSummary(present(falsy))).toEqual(success(falsy))
  })

  it('fromPredicate passes a value or makes an error of it', async () => {
    const even = Task.fromPredicate(
      (n: number) => n % 2 === 0,
      (n) => `${n} is odd`
    )
    expect(await runSummary(even(4))).toEqual(success(4))
    expect(await runSummary(even(3))).toEqual(failure(Fail('3 is odd')))
  })

  it('fromIO and fromIOEither run their effect when they are run', async () => {
    expect(await runSummary(Task.fromIO(() => 1))).toEqual(success(1))
    expect(await runSummary(Task.fromIOEither(() => right(1)))).toEqual(success(1))
    expect(await runSummary(Task.fromIOEither(() => left('e')))).toEqual(failure(Fail('e')))
  })

  it('fromTask: an untyped rejection is a defect (2)', async () => {
    const bug = new Error('bug')
    expect(await runSummary(Task.fromTask(() => Promise.resolve(1)))).toEqual(success(1))
    expect(await runSummary(Task.fromTask(() => Promise.reject(bug)))).toEqual(failure(Die(bug)))
  })

  it('fromTaskEither: Left is typed, a rejection is a defect (2)', async () => {
    const bug = new Error('bug')
    expect(await runSummary(Task.fromTaskEither(TE.right(1)))).toEqual(success(1))
    expect(await runSummary(Task.fromTaskEither(TE.left('e')))).toEqual(failure(Fail('e')))
    expect(await runSummary(Task.fromTaskEither(() => Promise.reject(bug)))).toEqual(failure(Die(bug)))
  })

  it('a round trip is the identity', async () => {
    for (const either of [right(1), left('e')]) {
      const task = Task.fromEither<string, number>(either)
      expect(await Task.toTaskEither(Task.fromTaskEither(Task.toTaskEither(task)))()).toEqual(either)
    }
  })

  it('an fp-ts program can continue as a Task in one pipe', async () => {
    const program = pipe(
      TE.right(20),
      TE.map((n) => n + 1),
      Task.fromTaskEither,
      Task.flatMap(
        Task.fromPredicate(
          (n) => n > 20,
          () => 'small'
        )
      ),
      Task.map((n) => n * 2)
    )
    expect(await runSummary(program)).toEqual(success(42))
  })
})
