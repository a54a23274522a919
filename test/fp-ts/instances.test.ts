/** Task as an instance of the type classes of fp-ts, written as a user of fp-ts would. */
import { Task } from 'aio-ts'
import {
  Alt,
  ApplicativePar,
  ApplicativeSeq,
  ApplyPar,
  ApplySeq,
  Bifunctor,
  Chain,
  FromEither,
  FromIO,
  FromTask,
  Functor,
  Monad,
  MonadIO,
  MonadTask,
  MonadThrow,
  URI
} from 'aio-ts/fp-ts'
import { getApplicativeMonoid } from 'fp-ts/lib/Applicative.js'
import { apFirst, apS, apSecond, getApplySemigroup, sequenceS, sequenceT } from 'fp-ts/lib/Apply.js'
import * as A from 'fp-ts/lib/Array.js'
import { bind, chainFirst } from 'fp-ts/lib/Chain.js'
import * as E from 'fp-ts/lib/Either.js'
import { chain as chainEitherT, map as mapEitherT } from 'fp-ts/lib/EitherT.js'
import { fromEitherK } from 'fp-ts/lib/FromEither.js'
import { bindTo, flap, let as let_ } from 'fp-ts/lib/Functor.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as N from 'fp-ts/lib/number.js'
import * as O from 'fp-ts/lib/Option.js'
import { getOptionM } from 'fp-ts/lib/OptionT.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import * as R from 'fp-ts/lib/Record.js'
import * as S from 'fp-ts/lib/string.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, rightOf, success } from '../support/exits.js'
import { runVirtual, timedSummary } from '../support/kit.js'

/** Succeeds with its time once that has passed; says when it began and when it was stopped. */
const timed =
  (log: Array<string>) =>
  (ms: number): Task.Task<string, number> =>
    pipe(
      Task.sync(() => log.push(`begin ${ms}`)),
      Task.flatMap(() => Task.sleep(ms)),
      Task.flatMap(() => (ms < 0 ? Task.fail('never') : Task.succeed(ms))),
      Task.onInterrupt(Task.sync(() => log.push(`stop ${ms}`)))
    )

const refuse = (ms: number): Task.Task<string, number> =>
  pipe(
    Task.sleep(ms),
    Task.flatMap(() => Task.fail(`refused after ${ms}`))
  )

describe('traversals of fp-ts', () => {
  it('ApplicativePar runs all at once and keeps the order', async () => {
    const log: Array<string> = []
    const task = pipe([30, 10, 20], RA.traverse(ApplicativePar)(timed(log)))
    expect(await timedSummary(task)).toEqual([success([30, 10, 20]), 30])
    expect([...log].sort()).toEqual(['begin 10', 'begin 20', 'begin 30'])
  })

  it('ApplicativeSeq runs one after another, in order', async () => {
    const log: Array<string> = []
    const task = pipe([30, 10, 20], A.traverse(ApplicativeSeq)(timed(log)))
    expect(await timedSummary(task)).toEqual([success([30, 10, 20]), 60])
    expect(log).toEqual(['begin 30', 'begin 10', 'begin 20'])
  })

  it('with ApplicativePar the first failure in time stops the others', async () => {
    const log: Array<string> = []
    const of = timed(log)
    const task = A.sequence(ApplicativePar)([of(50), refuse(20), of(10), refuse(30)])
    expect(await timedSummary(task)).toEqual([failure(Fail('refused after 20')), 20])
    expect(log).toContain('stop 50')
    expect(log).not.toContain('stop 10')
  })

  it('with ApplicativeSeq no element starts after a failure', async () => {
    const log: Array<string> = []
    const of = timed(log)
    const task = A.sequence(ApplicativeSeq)([of(50), refuse(20), of(10)])
    expect(await timedSummary(task)).toEqual([failure(Fail('refused after 20')), 70])
    expect(log).toEqual(['begin 50'])
  })

  it('a traversal is data: run twice, it does its work twice', async () => {
    const log: Array<string> = []
    const task = pipe([1, 2], A.traverse(ApplicativePar)(timed(log)))
    expect(log).toEqual([])
    await timedSummary(task)
    expect(await timedSummary(task)).toEqual([success([1, 2]), 2])
    expect(log).toHaveLength(4)
  })

  it('an empty input succeeds at once', async () => {
    expect(await timedSummary(pipe([], A.traverse(ApplicativePar)(refuse)))).toEqual([success([]), 0])
    expect(await timedSummary(pipe(O.none, O.traverse(ApplicativePar)(refuse)))).toEqual([success(O.none), 0])
  })

  it('a thousand elements pass through either applicative', async () => {
    const many = RA.makeBy(1000, (n) => n)
    const inParallel = pipe(
      many,
      RA.traverse(ApplicativePar)((n) => Task.succeed(n))
    )
    const inSequence = pipe(
      many,
      RA.traverse(ApplicativeSeq)((n) => Task.succeed(n))
    )
    expect(await timedSummary(inParallel)).toEqual([success(many), 0])
    expect(await timedSummary(inSequence)).toEqual([success(many), 0])
  })

  it('records and options can be traversed', async () => {
    const log: Array<string> = []
    expect(await timedSummary(pipe({ a: 20, b: 10 }, R.traverse(ApplicativePar)(timed(log))))).toEqual([
      success({ a: 20, b: 10 }),
      20
    ])
    expect(await timedSummary(pipe(O.some(5), O.traverse(ApplicativePar)(timed(log))))).toEqual([
      success(O.some(5)),
      5
    ])
  })

  it('interrupting a parallel traversal stops every element', async () => {
    const log: Array<string> = []
    const task = pipe([30, 40], A.traverse(ApplicativePar)(timed(log)), Task.timeout(10), Task.either)
    const { exit, elapsed } = await runVirtual(task)
    expect([E.isLeft(rightOf(exit)), elapsed]).toEqual([true, 10])
    expect([...log].sort()).toEqual(['begin 30', 'begin 40', 'stop 30', 'stop 40'])
  })
})

describe('functions of fp-ts for Apply', () => {
  const log: Array<string> = []
  const of = timed(log)

  it('sequenceT gives a tuple', async () => {
    expect(await timedSummary(sequenceT(ApplicativePar)(of(3), of(2), of(1)))).toEqual([
      success([3, 2, 1]),
      3
    ])
    expect(await timedSummary(sequenceT(ApplicativeSeq)(of(3), of(2), of(1)))).toEqual([
      success([3, 2, 1]),
      6
    ])
  })

  it('sequenceS gives a record', async () => {
    expect(await timedSummary(sequenceS(ApplicativePar)({ a: of(3), b: of(2) }))).toEqual([
      success({ a: 3, b: 2 }),
      3
    ])
    expect(await timedSummary(sequenceS(ApplicativeSeq)({ a: of(3), b: of(2) }))).toEqual([
      success({ a: 3, b: 2 }),
      5
    ])
  })

  it('apFirst and apSecond keep one side and wait for both', async () => {
    expect(await timedSummary(pipe(of(3), apFirst(ApplyPar)(of(7))))).toEqual([success(3), 7])
    expect(await timedSummary(pipe(of(3), apSecond(ApplySeq)(of(7))))).toEqual([success(7), 10])
  })

  it('apS runs the parts of a record at once', async () => {
    const task = pipe(of(3), bindTo(Functor)('a'), apS(ApplyPar)('b', of(7)))
    expect(await timedSummary(task)).toEqual([success({ a: 3, b: 7 }), 7])
  })

  it('semigroups and monoids of values are those of Tasks', async () => {
    const { concat } = getApplySemigroup(ApplyPar)(N.SemigroupSum)
    expect(await timedSummary(concat(of(3), of(4)))).toEqual([success(7), 4])
    const monoid = getApplicativeMonoid(ApplicativeSeq)(S.Monoid)
    expect(await timedSummary(monoid.concat(Task.succeed('a'), monoid.empty))).toEqual([success('a'), 0])
  })
})

describe('functions of fp-ts for Functor and Chain', () => {
  it('do-notation of the instances', async () => {
    const task = pipe(
      Task.succeed(2),
      bindTo(Functor)('a'),
      bind(Chain)('b', ({ a }) => Task.succeed(a + 1)),
      let_(Functor)('c', ({ a, b }) => a * b),
      chainFirst(Chain)(() => Task.succeed('dropped'))
    )
    expect(await timedSummary(task)).toEqual([success({ a: 2, b: 3, c: 6 }), 0])
  })

  it('flow of instances and of Task itself can be mixed', async () => {
    const lengths = flow(
      (text: string) => Task.succeed(text.split(' ')),
      Task.map((words) => words.map((word) => word.length)),
      Task.flatMap(RA.traverse(ApplicativePar)((n) => (n > 0 ? Task.succeed(n) : Task.fail('an empty word'))))
    )
    expect(await timedSummary(lengths('one three'))).toEqual([success([3, 5]), 0])
    expect(await timedSummary(lengths('one  three'))).toEqual([failure(Fail('an empty word')), 0])
  })

  it('flap, and the functions that lift functions returning an Either', async () => {
    expect(
      await timedSummary(
        pipe(
          Task.succeed((n: number) => n + 1),
          flap(Functor)(1)
        )
      )
    ).toEqual([success(2), 0])
    const positive = fromEitherK(FromEither)((n: number) => (n > 0 ? E.right(n) : E.left('not positive')))
    expect(await timedSummary(positive(1))).toEqual([success(1), 0])
    expect(await timedSummary(positive(-1))).toEqual([failure(Fail('not positive')), 0])
  })

  it('transformers work with it', async () => {
    const inner = pipe(
      Task.succeed(E.right<string, number>(20)),
      mapEitherT(Functor)((n: number) => n + 1),
      chainEitherT(Monad)((n: number) => Task.succeed(n > 30 ? E.right(n) : E.left('too small')))
    )
    expect(await timedSummary(inner)).toEqual([success(E.left('too small')), 0])
    const optional = getOptionM(Monad)
    expect(await timedSummary(optional.chain(optional.of(1), () => Task.succeed(O.none)))).toEqual([
      success(O.none),
      0
    ])
  })
})

describe('single instances', () => {
  it('all of them have the name that fp-ts declares', () => {
    const instances = [
      Alt,
      ApplicativePar,
      ApplicativeSeq,
      ApplyPar,
      ApplySeq,
      Bifunctor,
      Chain,
      FromEither,
      FromIO
    ]
    for (const instance of [...instances, FromTask, Functor, Monad, MonadIO, MonadTask, MonadThrow]) {
      expect(instance.URI).toBe(URI)
    }
    expect(URI).toBe('aio-ts/Task')
  })

  it('Alt runs the second only if the first has failed', async () => {
    let asked = 0
    const second = () => {
      asked++
      return Task.succeed(2)
    }
    expect(await timedSummary(Alt.alt(Task.succeed(1), second))).toEqual([success(1), 0])
    expect(asked).toBe(0)
    expect(await timedSummary(Alt.alt(Task.die('broken'), second))).toEqual([failure(Die('broken')), 0])
    expect(asked).toBe(0)
    const recovering = Alt.alt(refuse(3), second)
    expect(asked).toBe(0)
    expect(await timedSummary(recovering)).toEqual([success(2), 3])
    expect(asked).toBe(1)
  })

  it('a throw of the second argument of Alt is a defect', async () => {
    const task = Alt.alt(refuse(0), () => {
      throw new RangeError('no second')
    })
    expect(await timedSummary(task)).toEqual([failure(Die(new RangeError('no second'))), 0])
  })

  it.each([
    ['FromIO', FromIO],
    ['FromTask', FromTask],
    ['MonadIO', MonadIO],
    ['MonadTask', MonadTask]
  ])('an IO runs with the Task, and its throw is a defect: %s', async (_name, F) => {
    let runs = 0
    const task = F.fromIO((): number => {
      runs++
      throw new RangeError('thrown')
    })
    expect(runs).toBe(0)
    expect(await timedSummary(task)).toEqual([failure(Die(new RangeError('thrown'))), 0])
    expect(runs).toBe(1)
  })

  it.each([
    ['FromTask', FromTask],
    ['MonadTask', MonadTask]
  ])('a Task of fp-ts runs with ours, and its rejection is a defect: %s', async (_name, F) => {
    let runs = 0
    const task = F.fromTask(() => {
      runs++
      return Promise.reject(new RangeError('rejected'))
    })
    expect(runs).toBe(0)
    expect(await timedSummary(task)).toEqual([failure(Die(new RangeError('rejected'))), 0])
    expect(runs).toBe(1)
    expect(await timedSummary(F.fromTask(async () => 1))).toEqual([success(1), 0])
  })

  it('a function given to Apply that throws is a defect', async () => {
    const thrower = Task.succeed((_n: number): number => {
      throw new RangeError('thrown')
    })
    const defect = failure(Die(new RangeError('thrown')))
    expect(await timedSummary(ApplyPar.ap(thrower, Task.succeed(1)))).toEqual([defect, 0])
    expect(await timedSummary(ApplySeq.ap(thrower, Task.succeed(1)))).toEqual([defect, 0])
  })
})
