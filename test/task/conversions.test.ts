/** From Option, nullable, predicate, IO, IOEither, Task and TaskEither: which case becomes which exit. */
import { Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { none, some } from 'fp-ts/lib/Option.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, reasons, told, value } from '../data/exits.js'

describe('conversions from fp-ts', () => {
  it('fromOption returns the value, or fails with the result of onNone, called only then', async () => {
    let asked = 0
    const lookup = Task.fromOption(() => {
      asked++
      return 'nothing'
    })
    expect(await told(lookup(some(1)))).toEqual(value(1))
    expect(asked).toBe(0)
    expect(await told(lookup(none))).toEqual(reasons(Fail('nothing')))
    expect(asked).toBe(1)
  })

  it('fromNullable fails for null and undefined alone', async () => {
    const present = Task.fromNullable(() => 'missing')
    expect(await told(present(null))).toEqual(reasons(Fail('missing')))
    expect(await told(present(undefined))).toEqual(reasons(Fail('missing')))
    for (const falsy of [0, '', false, Number.NaN]) expect(await told(present(falsy))).toEqual(value(falsy))
  })

  it('fromPredicate passes a value or makes an error of it', async () => {
    const even = Task.fromPredicate(
      (n: number) => n % 2 === 0,
      (n) => `${n} is odd`
    )
    expect(await told(even(4))).toEqual(value(4))
    expect(await told(even(3))).toEqual(reasons(Fail('3 is odd')))
  })

  it('fromIO and fromIOEither run their effect when they are run', async () => {
    expect(await told(Task.fromIO(() => 1))).toEqual(value(1))
    expect(await told(Task.fromIOEither(() => right(1)))).toEqual(value(1))
    expect(await told(Task.fromIOEither(() => left('e')))).toEqual(reasons(Fail('e')))
  })

  it('fromTask: an untyped rejection is a defect (2)', async () => {
    const bug = new Error('bug')
    expect(await told(Task.fromTask(() => Promise.resolve(1)))).toEqual(value(1))
    expect(await told(Task.fromTask(() => Promise.reject(bug)))).toEqual(reasons(Die(bug)))
  })

  it('fromTaskEither: Left is typed, a rejection is a defect (2)', async () => {
    const bug = new Error('bug')
    expect(await told(Task.fromTaskEither(TE.right(1)))).toEqual(value(1))
    expect(await told(Task.fromTaskEither(TE.left('e')))).toEqual(reasons(Fail('e')))
    expect(await told(Task.fromTaskEither(() => Promise.reject(bug)))).toEqual(reasons(Die(bug)))
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
    expect(await told(program)).toEqual(value(42))
  })
})
