// `aio-ts/fp-ts`: Task where fp-ts asks for a type class, imported the way a user of fp-ts under Node's ESM does.
import { Task } from 'aio-ts'
import * as Instances from 'aio-ts/fp-ts'
import type { Kind2 } from 'fp-ts/HKT'
import type { Alt2 } from 'fp-ts/lib/Alt.js'
import { type Applicative2, getApplicativeMonoid } from 'fp-ts/lib/Applicative.js'
import { type Apply2, getApplySemigroup, sequenceS, sequenceT } from 'fp-ts/lib/Apply.js'
import * as A from 'fp-ts/lib/Array.js'
import type { Bifunctor2 } from 'fp-ts/lib/Bifunctor.js'
import { bind, type Chain2, chainFirst } from 'fp-ts/lib/Chain.js'
import type { Either } from 'fp-ts/lib/Either.js'
import type { FromEither2 } from 'fp-ts/lib/FromEither.js'
import type { FromIO2 } from 'fp-ts/lib/FromIO.js'
import type { FromTask2 } from 'fp-ts/lib/FromTask.js'
import { type Functor2, flap } from 'fp-ts/lib/Functor.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import type { Monad2 } from 'fp-ts/lib/Monad.js'
import type { MonadIO2 } from 'fp-ts/lib/MonadIO.js'
import type { MonadTask2 } from 'fp-ts/lib/MonadTask.js'
import type { MonadThrow2 } from 'fp-ts/lib/MonadThrow.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import * as N from 'fp-ts/lib/number.js'
import * as O from 'fp-ts/lib/Option.js'
import { getOptionM } from 'fp-ts/lib/OptionT.js'
import type { Pointed2 } from 'fp-ts/lib/Pointed.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import * as R from 'fp-ts/lib/Record.js'
import type { Semigroup } from 'fp-ts/lib/Semigroup.js'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import { type HttpError, load, loaded, type Parsed, type ParseError, parse } from './fixtures.js'

// ---- the name, and what it stands for
expectType<'aio-ts/Task'>(Instances.URI)
expectType<Task.Task<HttpError, string>>({} as Kind2<Instances.URI, HttpError, string>)
expectType<Task.Task<HttpError, string>>({} as Kind2<'aio-ts/Task', HttpError, string>)

// ---- the instances
expectAssignable<Functor2<'aio-ts/Task'>>(Instances.Functor)
expectAssignable<Pointed2<'aio-ts/Task'>>(Instances.Pointed)
expectAssignable<Apply2<'aio-ts/Task'>>(Instances.ApplyPar)
expectAssignable<Apply2<'aio-ts/Task'>>(Instances.ApplySeq)
expectAssignable<Applicative2<'aio-ts/Task'>>(Instances.ApplicativePar)
expectAssignable<Applicative2<'aio-ts/Task'>>(Instances.ApplicativeSeq)
expectAssignable<Chain2<'aio-ts/Task'>>(Instances.Chain)
expectAssignable<Monad2<'aio-ts/Task'>>(Instances.Monad)
expectAssignable<MonadThrow2<'aio-ts/Task'>>(Instances.MonadThrow)
expectAssignable<MonadIO2<'aio-ts/Task'>>(Instances.MonadIO)
expectAssignable<MonadTask2<'aio-ts/Task'>>(Instances.MonadTask)
expectAssignable<FromEither2<'aio-ts/Task'>>(Instances.FromEither)
expectAssignable<FromIO2<'aio-ts/Task'>>(Instances.FromIO)
expectAssignable<FromTask2<'aio-ts/Task'>>(Instances.FromTask)
expectAssignable<Bifunctor2<'aio-ts/Task'>>(Instances.Bifunctor)
expectAssignable<Alt2<'aio-ts/Task'>>(Instances.Alt)
// what can neither chain nor throw does not say that it can
expectNotAssignable<Monad2<'aio-ts/Task'>>(Instances.ApplicativePar)
expectNotAssignable<Applicative2<'aio-ts/Task'>>(Instances.ApplyPar)
expectNotAssignable<MonadThrow2<'aio-ts/Task'>>(Instances.Monad)

expectType<Task.Task<HttpError, number>>(Instances.Functor.map(loaded, (text) => text.length))
expectType<Task.Task<HttpError, number>>(Instances.Monad.chain(loaded, (text) => Task.succeed(text.length)))
expectType<Task.Task<number, boolean>>(
  Instances.Bifunctor.bimap(
    loaded,
    (error) => error.status,
    (text) => text === ''
  )
)
expectType<Task.Task<number, string>>(Instances.Bifunctor.mapLeft(loaded, (error) => error.status))
expectType<Task.Task<HttpError, string>>(Instances.Alt.alt(loaded, () => load('b')))
expectType<Task.Task<string, number>>(Instances.MonadThrow.throwError<string, number>('no'))
expectType<Task.Task<HttpError, string>>(Instances.FromEither.fromEither({} as Either<HttpError, string>))
expectError(Instances.Functor.map(Promise.resolve(1), (n: number) => n))
expectError(Instances.Alt.alt(loaded, load('b')))
expectError(Instances.Monad.chain(loaded, (text) => text.length))
expectError(Instances.Monad.chain(loaded, parse))

// ---- as a user of fp-ts writes it
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(
  pipe(['a', 'b'], RA.traverse(Instances.ApplicativePar)(load))
)
expectType<Task.Task<HttpError, Array<string>>>(pipe(['a', 'b'], A.traverse(Instances.ApplicativeSeq)(load)))
expectType<Task.Task<HttpError, Array<string>>>(A.sequence(Instances.ApplicativePar)([loaded, loaded]))
expectType<Task.Task<HttpError, Record<string, string>>>(
  pipe({ a: 'x' } as Record<string, string>, R.traverse(Instances.ApplicativePar)(load))
)
expectType<Task.Task<HttpError, O.Option<string>>>(
  pipe(O.some('a'), O.traverse(Instances.ApplicativePar)(load))
)
expectAssignable<Task.Task<HttpError, [string, Parsed]>>(
  sequenceT(Instances.ApplicativePar)(loaded, {} as Task.Task<HttpError, Parsed>)
)
expectAssignable<Task.Task<HttpError, { readonly text: string; readonly parsed: Parsed }>>(
  sequenceS(Instances.ApplicativePar)({ text: loaded, parsed: {} as Task.Task<HttpError, Parsed> })
)
expectType<Semigroup<Task.Task<HttpError, number>>>(
  getApplySemigroup(Instances.ApplyPar)(N.SemigroupSum) as Semigroup<Task.Task<HttpError, number>>
)
expectAssignable<Monoid<Task.Task<never, number>>>(
  getApplicativeMonoid(Instances.ApplicativeSeq)(N.MonoidSum)
)
expectType<Task.Task<HttpError, string>>(
  pipe(
    loaded,
    chainFirst(Instances.Chain)((text) => load(text))
  )
)
expectAssignable<Task.Task<HttpError, { readonly text: string; readonly other: string }>>(
  pipe(
    loaded,
    Task.bindTo('text'),
    bind(Instances.Chain)('other', ({ text }) => load(text))
  )
)
expectAssignable<Task.Task<never, number>>(
  pipe(
    Task.succeed((n: number) => n + 1),
    flap(Instances.Functor)(1)
  )
)
expectType<(url: string) => Task.Task<HttpError, ReadonlyArray<string>>>(
  flow(
    load,
    Task.map((text) => text.split(' ')),
    Task.flatMap(RA.traverse(Instances.ApplicativePar)(load))
  )
)
const optional = getOptionM(Instances.Monad)
expectAssignable<Task.Task<HttpError, O.Option<number>>>(
  optional.map({} as Task.Task<HttpError, O.Option<string>>, (text) => text.length)
)
expectError(pipe([1, 2], RA.traverse(Instances.ApplicativePar)(load)))
expectError(pipe(['a'], RA.traverse(Instances.Functor)(load)))
expectError(sequenceT(Instances.ApplicativePar)(loaded, 1))

// ---- arrays under the names of fp-ts
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(pipe(['a', 'b'], Instances.traverseArray(load)))
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(pipe(['a', 'b'], Instances.traverseSeqArray(load)))
expectType<Task.Task<ParseError, ReadonlyArray<Parsed>>>(
  pipe(
    ['a', 'b'],
    Instances.traverseArrayWithIndex((index, text) => {
      expectType<number>(index)
      expectType<string>(text)
      return parse(text)
    })
  )
)
expectType<Task.Task<ParseError, ReadonlyArray<Parsed>>>(
  pipe(
    ['a', 'b'],
    Instances.traverseSeqArrayWithIndex((_index, text) => parse(text))
  )
)
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(Instances.sequenceArray([loaded, loaded]))
expectType<Task.Task<HttpError, ReadonlyArray<string>>>(Instances.sequenceSeqArray([loaded, loaded]))
expectError(pipe([1, 2], Instances.traverseArray(load)))
expectError(
  pipe(
    ['a'],
    Instances.traverseArray((text: string) => text)
  )
)
expectError(Instances.sequenceArray([1]))
