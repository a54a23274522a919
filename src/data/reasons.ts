/**
 * Why a fiber did not succeed.
 *
 * A flat list in order of time, and not a tree as in ZIO: the first failure comes first, failures of cleanups
 * follow, and nothing is dropped. The three kinds of reason never turn into each other by themselves.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Option } from 'fp-ts/lib/Option.js'
import { expected } from './check-input.js'
import { describeError, insight } from './describe.js'
import { none, some } from './either.js'

/** Names a fiber within this process: 1, 2, 3 in order of their making. */
export type FiberId = number

/** A typed failure: an error that the type announced. */
export interface Fail<out E> {
  readonly _tag: 'Fail'
  readonly error: E
}

/** A defect: what was thrown, or a rejection where no error type was promised. */
export interface Die {
  readonly _tag: 'Die'
  readonly defect: unknown
}

/**
 * Somebody asked the fiber to stop. `by` is the fiber that asked, where it was one; `result` is what the
 * interrupted wait had still given, where it had.
 */
export interface Interrupt {
  readonly _tag: 'Interrupt'
  readonly by: Option<FiberId>
  readonly result: Option<Either<Cause<unknown>, unknown>>
}

export type Reason<E> = Fail<E> | Die | Interrupt

/**
 * One reason or more, the first first. `trace` has the names of the tasks and fibers it came through,
 * innermost first, at most 100.
 */
export interface Cause<out E> {
  readonly reasons: NonEmptyArray<Reason<E>>
  readonly trace: ReadonlyArray<string>
}

/** Undefined where it holds, else the error that says so. */
export const checkCause = (where: string, cause: Cause<unknown>): TypeError | undefined =>
  typeof cause?.reasons?.[0]?._tag === 'string' && Array.isArray(cause.trace)
    ? undefined
    : expected(where, 'a Cause', cause)

/** Undefined where it holds, else the error that says so. */
export const checkExit = (where: string, exit: Either<Cause<unknown>, unknown>): TypeError | undefined => {
  if (exit?._tag === 'Right') return undefined
  return exit?._tag === 'Left' ? checkCause(where, exit.left) : expected(where, 'an Exit', exit)
}

const noTrace: ReadonlyArray<string> = []

export const fromReason = <E>(reason: Reason<E>): Cause<E> => ({ reasons: [reason], trace: noTrace })

/** A typed failure alone. */
export const fail = <E>(error: E): Cause<E> => fromReason({ _tag: 'Fail', error })

/** A defect alone. */
export const die = (defect: unknown): Cause<never> => fromReason({ _tag: 'Die', defect })

/** An interruption alone, asked for by fiber `by`. */
export const interrupt = (by?: FiberId): Cause<never> =>
  interruptWith(by === undefined ? none : some(by), none)

/** An interruption that carries what the interrupted wait had still given. */
export const interruptWith = (
  by: Option<FiberId>,
  result: Option<Either<Cause<unknown>, unknown>>
): Cause<never> => fromReason({ _tag: 'Interrupt', by, result })

/**
 * What each reason had come through when causes were put together. By the list of reasons, which a cause
 * keeps on its way: so users see nothing of it, and names cost nothing more.
 */
const paths = /* @__PURE__ */ new WeakMap<ReadonlyArray<unknown>, ReadonlyArray<ReadonlyArray<string>>>()

/**
 * What each reason of a cause has come through. Nothing is copied where nothing has been added: causes may be
 * put together often.
 */
function pathsOf({ reasons, trace }: Cause<unknown>): ReadonlyArray<ReadonlyArray<string>> {
  const known = paths.get(reasons)
  if (known === undefined) return reasons.map(() => trace)
  // What they have come through since is behind what the first had come through.
  const since = trace.slice(known[0]?.length)
  return since.length === 0 ? known : known.map((path) => [...path, ...since])
}

/** Each reason by itself, with the names that it came through. */
export function apart<E>(cause: Cause<E>): ReadonlyArray<Cause<E>> {
  const ways = pathsOf(cause)
  return cause.reasons.map((reason, index) => ({ reasons: [reason], trace: ways[index] ?? noTrace }))
}

/** Many in order of time. */
export function combineAll<E>(causes: ReadonlyArray<Cause<E> | undefined>): Cause<E> | undefined {
  const all = causes.filter((cause) => cause !== undefined)
  const [first, ...others] = all
  if (first === undefined || others.length === 0) return first
  // Lists are copied whole: one that grows by a reason each time would else cost several objects for each
  // that is in it.
  const behind = others.flatMap((cause) => cause.reasons)
  const reasons: NonEmptyArray<Reason<E>> = [first.reasons[0], ...first.reasons.slice(1), ...behind]
  if (all.some((cause) => cause.trace.length > 0 || paths.has(cause.reasons)))
    paths.set(reasons, [...pathsOf(first), ...others.flatMap(pathsOf)])
  return { reasons, trace: first.trace }
}

/** What came second follows what came first. */
export const combine = <E, E2>(first: Cause<E>, second: Cause<E2>): Cause<E | E2> =>
  combineAll<E | E2>([first, second]) ?? first

/** A trace longer than this tells a person nothing more, and copying it at each name would be quadratic. */
const longestTrace = 100

/** Adds `name` to the trace of `cause`. */
export const through = <E>(cause: Cause<E>, name: string): Cause<E> =>
  cause.trace.length < longestTrace ? { reasons: cause.reasons, trace: [...cause.trace, name] } : cause

/**
 * Failures that passed a handler of typed failures, together with other reasons: no type names them any more.
 */
const untyped = /* @__PURE__ */ new WeakSet<Fail<unknown>>()

export const markUntyped = (reason: Fail<unknown>): void => void untyped.add(reason)

/** Whether no type names this typed failure any more. */
export const isUntyped = (reason: Reason<unknown>): boolean => reason._tag === 'Fail' && untyped.has(reason)

/** The failures that no type names, and what is left of the cause without them. */
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

/** Every typed failure in it, in order. */
export function failures<E>(cause: Cause<E>): ReadonlyArray<E> {
  const found: Array<E> = []
  for (const reason of cause.reasons) if (reason._tag === 'Fail') found.push(reason.error)
  return found
}

/** Every defect in it, in order. */
export function defects(cause: Cause<unknown>): ReadonlyArray<unknown> {
  const found: Array<unknown> = []
  for (const reason of cause.reasons) if (reason._tag === 'Die') found.push(reason.defect)
  return found
}

/** Whether an interruption is among its reasons. */
export const isInterrupted = (cause: Cause<unknown>): boolean =>
  cause.reasons.some((reason) => reason._tag === 'Interrupt')

/** Whether there is nothing but interruption in it. */
export const isInterruptedOnly = (cause: Cause<unknown>): boolean =>
  cause.reasons.every((reason) => reason._tag === 'Interrupt')

/** Whether every reason is a typed failure, so that a handler for `E` can answer for the whole of it. */
export const isFailureOnly = (cause: Cause<unknown>): boolean =>
  cause.reasons.every((reason) => reason._tag === 'Fail')

/**
 * Whether there is more in it than a request to stop: a failure or a defect, or in what an interruption
 * carries a defect or a cleanup that failed. The typed failure of work that is only carried came from work
 * that nobody wanted any more.
 */
export const isWorthTelling = (cause: Cause<unknown>): boolean => areWorthTelling(cause.reasons)

/** Whether some of these reasons must be reported. */
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

/** `cause` is what a cleanup failed with after its work had succeeded. Gives it. */
export function markCleanup<E>(cause: Cause<E>): Cause<E> {
  for (const reason of cause.reasons) if (reason._tag === 'Fail') ofCleanups.add(reason)
  return cause
}

/** Another reason takes the place of a typed failure. */
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
      if (reason._tag === 'Interrupt') return failedCleanupsCarriedBy(reason)
      // It followed another reason, and may come first from now on.
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

/** `Cause.pretty`. */
export function pretty(cause: Cause<unknown>): string {
  const parts = apart(cause).map(({ reasons: [reason], trace }) => ({ reason, way: trace.join(', in ') }))
  const lines = parts.flatMap(({ reason, way }, index) => {
    const text = indent(describeCauseReason(reason))
    const told = [index === 0 ? text : `then, while cleaning up, ${text}`]
    const line = insight.builtAt?.(reason)
    if (line !== undefined) told.push(`built at ${line}`)
    if (way !== '' && way !== parts[index + 1]?.way) told.push(`in ${way}`)
    return told
  })
  return lines.join('\n  ')
}
