/**
 * How a test asserts how something ended.
 *
 * An exit is compared by its summary, which has the value, or the reasons in their order, and leaves out the trace, the ids and the late
 * results of a cause: `expect(summary(exit)).toEqual(success(1))`, `expect(summary(exit)).toEqual(failure(Fail('a'), Interrupt))`.
 * `runSummary` of kit.ts runs a task on virtual time and gives that. Late results are compared beside it: `lateResults(exit)`.
 *
 * Another Either, which `runTask` and operations whose names end in `Nowait` give, is compared as a whole with one of fp-ts:
 * `expect(either).toEqual(right(1))`.
 *
 * A test that goes on with a part of either takes it by `rightOf`, `leftOf`, `failureOf` or `defectOf`, which throw where it is not there.
 */
import { Cause, type Exit } from 'aio-ts'
import { type Either, isLeft, isRight } from 'fp-ts/lib/Either.js'

export type ReasonSummary = { readonly Fail: unknown } | { readonly Die: unknown } | 'Interrupt'
export type Summary = { readonly value: unknown } | { readonly reasons: ReadonlyArray<ReasonSummary> }

export const Fail = (error: unknown): ReasonSummary => ({ Fail: error })
export const Die = (defect: unknown): ReasonSummary => ({ Die: defect })
export const Interrupt: ReasonSummary = 'Interrupt'
export const success = (value: unknown): Summary => ({ value })
export const failure = (...reasons: ReadonlyArray<ReasonSummary>): Summary => ({ reasons })

const reasonSummary = (reason: Cause.Reason<unknown>): ReasonSummary => {
  switch (reason._tag) {
    case 'Fail':
      return Fail(reason.error)
    case 'Die':
      return Die(reason.defect)
    case 'Interrupt':
      return Interrupt
  }
}

export const reasonSummaries = (cause: Cause.Cause<unknown>): ReadonlyArray<ReasonSummary> =>
  cause.reasons.map(reasonSummary)

export const causeSummary = (cause: Cause.Cause<unknown>): Summary => failure(...reasonSummaries(cause))

export const summary = (exit: Exit.Exit<unknown, unknown>): Summary =>
  isRight(exit) ? success(exit.right) : causeSummary(exit.left)

/** The results that the `Interrupt` reasons of an exit have. */
export const lateResults = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<Summary> =>
  reasonsOf(exit).flatMap((reason) =>
    reason._tag === 'Interrupt' && reason.result._tag === 'Some' ? [summary(reason.result.value)] : []
  )

/** The reasons of an exit; a success has none. */
export const reasonsOf = <E, A>(exit: Exit.Exit<E, A>): ReadonlyArray<Cause.Reason<E>> =>
  isRight(exit) ? [] : exit.left.reasons

/** The tags of the reasons of an exit; a success has none. */
export const tagsOf = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> =>
  reasonsOf(exit).map(({ _tag }) => _tag)

export const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  isLeft(exit) && Cause.isInterruptedOnly(exit.left)

/** The value of an exit, or the right of another Either. */
export function rightOf<E, A>(either: Either<E, A>): A {
  if (isLeft(either))
    throw new Error(`expected a value, got ${describeLeft(either.left)}`, { cause: either.left })
  return either.right
}

/** The cause of an exit, or the left of another Either. */
export function leftOf<E, A>(either: Either<E, A>): E {
  if (isRight(either)) throw new Error(`expected a failure, got the value ${String(either.right)}`)
  return either.left
}

/** The one typed failure that the exit is. */
export function failureOf<E, A>(exit: Exit.Exit<E, A>): E {
  const cause = leftOf(exit)
  const [reason] = cause.reasons
  if (cause.reasons.length !== 1 || reason._tag !== 'Fail') {
    throw new Error(`expected a typed failure alone, got ${Cause.pretty(cause)}`)
  }
  return reason.error
}

/** The one defect that the exit is. */
export function defectOf(exit: Exit.Exit<unknown, unknown>): unknown {
  const cause = leftOf(exit)
  const [reason] = cause.reasons
  if (cause.reasons.length !== 1 || reason._tag !== 'Die') {
    throw new Error(`expected a defect alone, got ${Cause.pretty(cause)}`)
  }
  return reason.defect
}

const describeLeft = (left: unknown): string =>
  typeof left === 'object' && left !== null && 'reasons' in left
    ? Cause.pretty(left as Cause.Cause<unknown>)
    : String(left)
