/**
 * Why a fiber did not succeed.
 *
 * A cause is a flat list in order of time, not a tree as in ZIO: the first failure comes first,
 * failures during cleanup follow, and nothing is dropped. The three kinds of reason never turn
 * into each other by themselves.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Option } from 'fp-ts/lib/Option.js'
import { expected } from './check-input.js'
import { describeError, failureDetails } from './describe.js'
import { none, some } from './either.js'

/** Identifies a fiber within this process: 1, 2, 3 and so on, in order of creation. */
export type FiberId = number

/** A typed failure: an error that the type announced. */
export interface Fail<out E> {
  readonly _tag: 'Fail'
  readonly error: E
}

/** A defect: a thrown value, or a rejection where no error type was promised. */
export interface Die {
  readonly _tag: 'Die'
  readonly defect: unknown
}

/**
 * A request to stop the fiber. `by` is the fiber that requested it, if it was a fiber. `result` is the late
 * result of the interrupted wait, if there is one.
 */
export interface Interrupt {
  readonly _tag: 'Interrupt'
  readonly by: Option<FiberId>
  readonly result: Option<Either<Cause<unknown>, unknown>>
}

export type Reason<E> = Fail<E> | Die | Interrupt

/**
 * One or more reasons, in order of time. `trace` contains the names of the tasks and fibers that the cause
 * passed through, innermost first, at most 100.
 */
export interface Cause<out E> {
  readonly reasons: NonEmptyArray<Reason<E>>
  readonly trace: ReadonlyArray<string>
}

/** Returns undefined if `cause` is a Cause, otherwise the error that says so. */
export const checkCause = (where: string, cause: Cause<unknown>): TypeError | undefined =>
  typeof cause?.reasons?.[0]?._tag === 'string' && Array.isArray(cause.trace)
    ? undefined
    : expected(where, 'a Cause', cause)

/** Returns undefined if `exit` is an Exit, otherwise the error that says so. */
export const checkExit = (where: string, exit: Either<Cause<unknown>, unknown>): TypeError | undefined => {
  if (exit?._tag === 'Right') return undefined
  return exit?._tag === 'Left' ? checkCause(where, exit.left) : expected(where, 'an Exit', exit)
}

const noTrace: ReadonlyArray<string> = []

export const fromReason = <E>(reason: Reason<E>): Cause<E> => ({ reasons: [reason], trace: noTrace })

/** Creates a cause with one typed failure. */
export const fail = <E>(error: E): Cause<E> => fromReason({ _tag: 'Fail', error })

/** Creates a cause with one defect. */
export const die = (defect: unknown): Cause<never> => fromReason({ _tag: 'Die', defect })

/** Creates a cause with one interruption, requested by the fiber `by` if one is given. */
export const interrupt = (by?: FiberId): Cause<never> =>
  interruptWith(by === undefined ? none : some(by), none)

/** Creates a cause with one interruption. `result` is the late result of the interrupted wait. */
export const interruptWith = (
  by: Option<FiberId>,
  result: Option<Either<Cause<unknown>, unknown>>
): Cause<never> => fromReason({ _tag: 'Interrupt', by, result })

/**
 * The path of each reason at the time when causes were combined. The key is the list of reasons, which a
 * cause keeps when names are added: so users see nothing of the paths, and names cost nothing more.
 */
const paths = /* @__PURE__ */ new WeakMap<ReadonlyArray<unknown>, ReadonlyArray<ReadonlyArray<string>>>()

/**
 * Returns the path of each reason of a cause. Nothing is copied if no name has been added,
 * because causes may be combined often.
 */
function pathsOf({ reasons, trace }: Cause<unknown>): ReadonlyArray<ReadonlyArray<string>> {
  const known = paths.get(reasons)
  if (known === undefined) return reasons.map(() => trace)
  // Names added since the combination follow the path of the first reason.
  const since = trace.slice(known[0]?.length)
  return since.length === 0 ? known : known.map((path) => [...path, ...since])
}

/** Splits a cause into causes with one reason each, with the names that this reason passed through. */
export function apart<E>(cause: Cause<E>): ReadonlyArray<Cause<E>> {
  const ways = pathsOf(cause)
  return cause.reasons.map((reason, index) => ({ reasons: [reason], trace: ways[index] ?? noTrace }))
}

/** Combines many causes in order of time. Undefined entries are skipped. */
export function combineAll<E>(causes: ReadonlyArray<Cause<E> | undefined>): Cause<E> | undefined {
  const all = causes.filter((cause) => cause !== undefined)
  const [first, ...others] = all
  if (first === undefined || others.length === 0) return first
  // Whole lists are copied: if a list grew by one reason at a time, each reason would cost several objects.
  const behind = others.flatMap((cause) => cause.reasons)
  const reasons: NonEmptyArray<Reason<E>> = [first.reasons[0], ...first.reasons.slice(1), ...behind]
  if (all.some((cause) => cause.trace.length > 0 || paths.has(cause.reasons)))
    paths.set(reasons, [...pathsOf(first), ...others.flatMap(pathsOf)])
  return { reasons, trace: first.trace }
}

/** Combines two causes. The reasons of `second` follow those of `first`. */
export const combine = <E, E2>(first: Cause<E>, second: Cause<E2>): Cause<E | E2> =>
  combineAll<E | E2>([first, second]) ?? first

/**
 * The maximum length of a trace. A longer one is of no use to a human, and copying it
 * at each name would be quadratic.
 */
const longestTrace = 100

/** Returns a cause with the same reasons and `name` added to the trace. */
export const through = <E>(cause: Cause<E>, name: string): Cause<E> =>
  cause.trace.length < longestTrace ? { reasons: cause.reasons, trace: [...cause.trace, name] } : cause

/**
 * Typed failures that passed a handler of typed failures together with other
 * reasons: no type names them any more.
 */
const untyped = /* @__PURE__ */ new WeakSet<Fail<unknown>>()

export const markUntyped = (reason: Fail<unknown>): void => void untyped.add(reason)

/** Whether `reason` is a typed failure that no type names any more. */
export const isUntyped = (reason: Reason<unknown>): boolean => reason._tag === 'Fail' && untyped.has(reason)

/** Splits a cause into the failures that no type names any more and the remaining reasons. */
export function withoutUntyped(
  cause: Cause<unknown>
): readonly [gone: Cause<unknown> | undefined, rest: Cause<unknown> | undefined] {
  if (!cause.reasons.some(isUntyped)) return [undefined, cause]
  const parts = apart(cause)
  return [
    combineAll(parts.filter(({ reasons: [reason] }) => isUntyped(reason))),
    combineAll(parts.filter(({ reasons: [reason] }) => !isUntyped(reason)))
  ]
}

/** Returns every typed failure in `cause`, in order. */
export function failures<E>(cause: Cause<E>): ReadonlyArray<E> {
  const found: Array<E> = []
  for (const reason of cause.reasons) if (reason._tag === 'Fail') found.push(reason.error)
  return found
}

/** Returns every defect in `cause`, in order. */
export function defects(cause: Cause<unknown>): ReadonlyArray<unknown> {
  const found: Array<unknown> = []
  for (const reason of cause.reasons) if (reason._tag === 'Die') found.push(reason.defect)
  return found
}

/** Whether an interruption is among the reasons of `cause`. */
export const isInterrupted = (cause: Cause<unknown>): boolean =>
  cause.reasons.some((reason) => reason._tag === 'Interrupt')

/** Whether every reason of `cause` is an interruption. */
export const isInterruptedOnly = (cause: Cause<unknown>): boolean =>
  cause.reasons.every((reason) => reason._tag === 'Interrupt')

/** Whether every reason is a typed failure, so that a handler for `E` can handle the whole cause. */
export const isFailureOnly = (cause: Cause<unknown>): boolean =>
  cause.reasons.every((reason) => reason._tag === 'Fail')

/**
 * Whether a cause contains more than a request to stop: a failure or a defect or, in the late result of an
 * interruption, a defect or a failed cleanup. The typed failure of the work in a late result does not count,
 * because that work was no longer wanted.
 */
export const isWorthTelling = (cause: Cause<unknown>): boolean => areWorthTelling(cause.reasons)

/**
 * Whether `reasons`, which are some reasons of a cause, contain more than requests
 * to stop (see `isWorthTelling`).
 */
export const areWorthTelling = (reasons: ReadonlyArray<Reason<unknown>>): boolean =>
  reasons.some((reason) => reason._tag !== 'Interrupt' || failedCleanupsCarriedBy(reason).length > 0)

/** What is worth telling in that which an interruption carries, at whatever depth. */
const failedCleanupsCarriedBy = (reason: Interrupt): ReadonlyArray<Cause<unknown>> =>
  reason.result._tag === 'Some' ? failedCleanupsIn(reason.result.value) : []

/**
 * Typed failures of cleanups after work that had succeeded: they come first in their cause, but are not
 * failures of that work.
 */
const ofCleanups = /* @__PURE__ */ new WeakSet<Fail<unknown>>()

/** Marks `cause` as the failure of a cleanup after work that succeeded. Returns `cause`. */
export function markCleanup<E>(cause: Cause<E>): Cause<E> {
  for (const reason of cause.reasons) if (reason._tag === 'Fail') ofCleanups.add(reason)
  return cause
}

/** Moves the mark of `markCleanup` when the reason `to` replaces a typed failure. */
export function takeMarks(from: Fail<unknown>, to: Reason<unknown>): void {
  if (to._tag === 'Fail' && ofCleanups.has(from)) ofCleanups.add(to)
}

const failedCleanupsIn = (exit: Either<Cause<unknown>, unknown>): ReadonlyArray<Cause<unknown>> =>
  exit._tag === 'Right'
    ? []
    : apart(exit.left).flatMap((part, index) => {
        const [reason] = part.reasons
        if (reason._tag === 'Interrupt') return failedCleanupsCarriedBy(reason)
        return reason._tag === 'Fail' && index === 0 && !ofCleanups.has(reason) ? [] : [part]
      })

/** What went wrong in an end that nobody wants any more, but for the typed failure of the work itself. */
export const failedCleanupsOf = (exit: Either<Cause<unknown>, unknown>): Cause<unknown> | undefined =>
  combineAll(failedCleanupsIn(exit))

/**
 * The cause without its interruptions, but with what is worth telling in what they carry; undefined where
 * nothing is left.
 */
export function withoutInterruption(cause: Cause<unknown>): Cause<unknown> | undefined {
  if (!isInterrupted(cause)) return cause
  return combineAll(
    apart(cause).flatMap((part, index) => {
      const [reason] = part.reasons
      // What followed another reason, here or in what an interruption carries, may come first from now on.
      if (reason._tag === 'Interrupt') return failedCleanupsCarriedBy(reason).map(markCleanup)
      return index === 0 ? [part] : [markCleanup(part)]
    })
  )
}

const indent = (text: string): string => text.replaceAll('\n', '\n    ')

function describeCauseReason(reason: Reason<unknown>): string {
  switch (reason._tag) {
    case 'Fail':
      return `failed: ${describeError(reason.error)}`
    case 'Die':
      return `died of a defect: ${describeError(reason.defect)}`
    case 'Interrupt': {
      const by = reason.by._tag === 'Some' ? ` by fiber #${reason.by.value}` : ''
      if (reason.result._tag === 'None') return `was interrupted${by}`
      const result = reason.result.value
      return result._tag === 'Right'
        ? `was interrupted${by}, having just given ${describeError(result.right)}`
        : `was interrupted${by}, having just ended: ${pretty(result.left)}`
    }
  }
}

/** Implements `Cause.pretty`. */
export function pretty(cause: Cause<unknown>): string {
  const parts = apart(cause).map(({ reasons: [reason], trace }) => ({ reason, way: trace.join(', in ') }))
  const lines = parts.flatMap(({ reason, way }, index) => {
    const text = indent(describeCauseReason(reason))
    const lines = [index === 0 ? text : `then, while cleaning up, ${text}`]
    const line = failureDetails.bound?.builtAt?.(reason)
    if (line !== undefined) lines.push(`built at ${line}`)
    if (way !== '' && way !== parts[index + 1]?.way) lines.push(`in ${way}`)
    return lines
  })
  return lines.join('\n  ')
}
