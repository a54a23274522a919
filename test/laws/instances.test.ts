/** The laws that fp-ts states for its type classes, as equations that hold of random Tasks. */
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
  Pointed
} from 'aio-ts/fp-ts'
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { identity, pipe } from 'fp-ts/lib/function.js'
import * as IO from 'fp-ts/lib/IO.js'
import * as T from 'fp-ts/lib/Task.js'
import { describe, expect, it } from 'vitest'
import {
  affine,
  arrowOf,
  conditions,
  expectSame,
  functionOf,
  law,
  observe,
  plans,
  type SomeTask,
  taskOf
} from './tasks.js'

const f = affine(1)
const g = affine(2)
const shout = (error: string) => `${error}!`
const ask = (error: string) => `${error}?`
const compose =
  <A, B, C>(second: (b: B) => C) =>
  (first: (a: A) => B) =>
  (a: A): C =>
    second(first(a))

describe('functor', () => {
  it(
    'mapping the identity changes nothing',
    law(1, (p) => [Functor.map(taskOf(p), identity), taskOf(p)])
  )

  it(
    'mapping twice is mapping once with the composition',
    law(1, (p) => [Functor.map(Functor.map(taskOf(p), f), g), Functor.map(taskOf(p), (n) => g(f(n)))])
  )
})

describe.each([
  ['ApplyPar', ApplyPar],
  ['ApplySeq', ApplySeq],
  ['Chain', Chain]
])('apply: %s', (_name, F) => {
  it(
    'applying in sequence is applying the composition',
    law(3, (p, q, r) => [
      F.ap(F.ap(F.map(functionOf(p), compose<number, number, number>), functionOf(q)), taskOf(r)),
      F.ap(functionOf(p), F.ap(functionOf(q), taskOf(r)))
    ])
  )
})

describe.each([
  ['ApplicativePar', ApplicativePar],
  ['ApplicativeSeq', ApplicativeSeq],
  ['Monad', Monad],
  ['MonadThrow', MonadThrow],
  ['MonadIO', MonadIO],
  ['MonadTask', MonadTask]
])('applicative: %s', (_name, F) => {
  it(
    'applying a pure identity changes nothing',
    law(1, (p) => [F.ap<string, number, number>(F.of(identity<number>), taskOf(p)), taskOf(p)])
  )

  it(
    'applying a pure function to a pure value is pure',
    law(1, (p) => [F.ap<string, number, number>(F.of(f), F.of(p.n)), F.of<string, number>(f(p.n))])
  )

  it(
    'a pure argument can change sides',
    law(1, (p) => [
      F.ap(functionOf(p), F.of<string, number>(p.n)),
      F.ap<string, (n: number) => number, number>(
        F.of((h) => h(p.n)),
        functionOf(p)
      )
    ])
  )

  it(
    'mapping is applying a pure function',
    law(1, (p) => [F.map(taskOf(p), f), F.ap<string, number, number>(F.of(f), taskOf(p))])
  )
})

describe.each([
  ['Monad', Monad],
  ['MonadThrow', MonadThrow],
  ['MonadIO', MonadIO],
  ['MonadTask', MonadTask]
])('monad: %s', (_name, M) => {
  it(
    'a pure value continues directly',
    law(1, (p) => [M.chain(M.of<string, number>(5), arrowOf(p)), arrowOf(p)(5)])
  )

  it(
    'continuing with pure changes nothing',
    law(1, (p) => [M.chain(taskOf(p), (n) => M.of<string, number>(n)), taskOf(p)])
  )

  it(
    'the grouping of steps does not matter',
    law(3, (p, q, r) => [
      M.chain(M.chain(taskOf(p), arrowOf(q)), arrowOf(r)),
      M.chain(taskOf(p), (n) => M.chain(arrowOf(q)(n), arrowOf(r)))
    ])
  )

  it(
    'mapping is continuing with a pure function',
    law(1, (p) => [M.map(taskOf(p), f), M.chain(taskOf(p), (n) => M.of<string, number>(f(n)))])
  )

  it(
    'applying is continuing with the function, then with its argument',
    law(2, (p, q) => [M.ap(functionOf(p), taskOf(q)), M.chain(functionOf(p), (h) => M.map(taskOf(q), h))])
  )
})

describe('chain', () => {
  it(
    'applying is continuing with the function, then with its argument',
    law(2, (p, q) => [
      Chain.ap(functionOf(p), taskOf(q)),
      Chain.chain(functionOf(p), (h) => Chain.map(taskOf(q), h))
    ])
  )
})

describe('monad that throws', () => {
  it(
    'no step follows a throw',
    law(1, (p) => [
      MonadThrow.chain(MonadThrow.throwError<string, number>('no'), arrowOf(p)),
      MonadThrow.throwError<string, number>('no')
    ])
  )
})

describe('bifunctor', () => {
  it(
    'mapping both sides with the identity changes nothing',
    law(1, (p) => [Bifunctor.bimap(taskOf(p), identity, identity), taskOf(p)])
  )

  it(
    'mapping both sides twice is mapping them once with the compositions',
    law(1, (p) => [
      Bifunctor.bimap(Bifunctor.bimap(taskOf(p), shout, f), ask, g),
      Bifunctor.bimap(
        taskOf(p),
        (error) => ask(shout(error)),
        (n) => g(f(n))
      )
    ])
  )

  it(
    'mapping the error is mapping both sides, the value with the identity',
    law(1, (p) => [Bifunctor.mapLeft(taskOf(p), shout), Bifunctor.bimap(taskOf(p), shout, identity)])
  )

  it(
    'mapping the value is mapping both sides, the error with the identity',
    law(1, (p) => [Functor.map(taskOf(p), f), Bifunctor.bimap(taskOf(p), identity, f)])
  )
})

describe('alt', () => {
  it(
    'the grouping of alternatives does not matter',
    law(3, (p, q, r) => [
      Alt.alt(
        Alt.alt(taskOf(p), () => taskOf(q)),
        () => taskOf(r)
      ),
      Alt.alt(taskOf(p), () => Alt.alt(taskOf(q), () => taskOf(r)))
    ])
  )

  it(
    'mapping alternatives is mapping each of them',
    law(2, (p, q) => [
      Alt.map(
        Alt.alt(taskOf(p), () => taskOf(q)),
        f
      ),
      Alt.alt(Alt.map(taskOf(p), f), () => Alt.map(taskOf(q), f))
    ])
  )

  it(
    'a success needs no alternative, a failure is replaced by its alternative',
    law(2, (p, q) => [
      Alt.alt(taskOf(p), () => taskOf(q)),
      p.ending === 'failure' ? Monad.chain(Task.sleep(p.after), () => taskOf(q)) : taskOf(p)
    ])
  )
})

describe('parallel and sequential', () => {
  it('give the same unless both sides fail, except for the time', async () => {
    const atMostOneFails = plans(2).filter(([p, q]) => p.ending === 'value' || q.ending === 'value')
    await fc.assert(
      fc.asyncProperty(atMostOneFails, conditions, async ([p, q], under) => {
        const par = await observe(ApplyPar.ap(functionOf(p), taskOf(q)), under)
        const seq = await observe(ApplySeq.ap(functionOf(p), taskOf(q)), under)
        expect(par.ending).toEqual(seq.ending)
        if (p.ending === 'value' && q.ending === 'value') {
          expect(par.elapsed).toBe(Math.max(p.after, q.after))
          expect(seq.elapsed).toBe(p.after + q.after)
        }
      })
    )
  })

  it('in parallel the first failure in time wins, in sequence the first in order', async () => {
    const bothFail = plans(2).map(
      ([p, q]) =>
        [
          { ...p, ending: 'failure' as const },
          { ...q, ending: 'failure' as const }
        ] as const
    )
    await fc.assert(
      fc.asyncProperty(bothFail, conditions, async ([p, q], under) => {
        const first = p.after < q.after ? p : q
        expect(await observe(ApplyPar.ap(functionOf(p), taskOf(q)), under)).toEqual(
          await observe(taskOf(first), under)
        )
        expect(await observe(ApplySeq.ap(functionOf(p), taskOf(q)), under)).toEqual(
          await observe(taskOf(p), under)
        )
      })
    )
  })
})

describe('natural transformations', () => {
  const eithers = fc.oneof(
    fc.integer().map((n): E.Either<string, number> => E.right(n)),
    fc.string().map((error): E.Either<string, number> => E.left(error))
  )

  const holds = <A>(given: fc.Arbitrary<A>, equation: (a: A) => readonly [SomeTask, SomeTask]) =>
    fc.assert(
      fc.asyncProperty(given, conditions, (a, under) => expectSame(equation(a), under)),
      { numRuns: 50 }
    )

  it('from Either keep pure values, failures, mapping and continuing', async () => {
    const half = (n: number): E.Either<string, number> =>
      n % 2 === 0 ? E.right(n / 2) : E.left(`${n} is odd`)
    await holds(fc.integer(), (n) => [FromEither.fromEither(E.of<string, number>(n)), Pointed.of(n)])
    await holds(fc.string(), (error) => [FromEither.fromEither(E.left(error)), MonadThrow.throwError(error)])
    await holds(eithers, (e) => [
      FromEither.fromEither(pipe(e, E.map(f))),
      Functor.map(FromEither.fromEither(e), f)
    ])
    await holds(eithers, (e) => [
      FromEither.fromEither(pipe(e, E.chain(half))),
      Monad.chain(FromEither.fromEither(e), (n) => FromEither.fromEither(half(n)))
    ])
  })

  it.each([
    ['FromIO', FromIO],
    ['FromTask', FromTask],
    ['MonadIO', MonadIO],
    ['MonadTask', MonadTask]
  ])('from IO keep pure values, mapping and continuing: %s', async (_name, F) => {
    const further = (n: number) => IO.of(n + 1)
    await holds(fc.integer(), (n) => [F.fromIO(IO.of(n)), Pointed.of(n)])
    await holds(fc.integer(), (n) => [
      F.fromIO(pipe(IO.of(n), IO.map(f))),
      Functor.map(F.fromIO(IO.of(n)), f)
    ])
    await holds(fc.integer(), (n) => [
      F.fromIO(pipe(IO.of(n), IO.chain(further))),
      Monad.chain(F.fromIO<number, string>(IO.of(n)), (m) => F.fromIO(further(m)))
    ])
  })

  it.each([
    ['FromTask', FromTask],
    ['MonadTask', MonadTask]
  ])('from Task keep pure values, mapping, continuing, and IO: %s', async (_name, F) => {
    const further = (n: number) => T.of(n + 1)
    await holds(fc.integer(), (n) => [F.fromTask(T.of(n)), Pointed.of(n)])
    await holds(fc.integer(), (n) => [
      F.fromTask(pipe(T.of(n), T.map(f))),
      Functor.map(F.fromTask(T.of(n)), f)
    ])
    await holds(fc.integer(), (n) => [
      F.fromTask(pipe(T.of(n), T.chain(further))),
      Monad.chain(F.fromTask<number, string>(T.of(n)), (m) => F.fromTask(further(m)))
    ])
    await holds(fc.integer(), (n) => [F.fromTask(T.fromIO(IO.of(n))), F.fromIO(IO.of(n))])
  })
})
