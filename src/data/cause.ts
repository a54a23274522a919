/**
 * The public namespace `Cause`. Functions that only the library needs are in data/reasons. The functions here
 * check their argument and throw a TypeError if it is not a Cause.
 */

import type { Cause } from './reasons.js'
import * as Reasons from './reasons.js'

export {
  type Cause,
  type Die,
  die,
  type Fail,
  fail,
  type Interrupt,
  interrupt,
  type Reason
} from './reasons.js'

const checked = <E>(name: string, cause: Cause<E>): Cause<E> => {
  const wrong = Reasons.checkCause(`Cause.${name}`, cause)
  if (wrong === undefined) return cause
  throw wrong
}

/** Returns every typed failure in `cause`, in order. */
export const failures = <E>(cause: Cause<E>): ReadonlyArray<E> => Reasons.failures(checked('failures', cause))

/** Returns every defect in `cause`, in order. */
export const defects = (cause: Cause<unknown>): ReadonlyArray<unknown> =>
  Reasons.defects(checked('defects', cause))

/** Whether an interruption is among the reasons of `cause`. */
export const isInterrupted = (cause: Cause<unknown>): boolean =>
  Reasons.isInterrupted(checked('isInterrupted', cause))

/** Whether every reason of `cause` is an interruption. */
export const isInterruptedOnly = (cause: Cause<unknown>): boolean =>
  Reasons.isInterruptedOnly(checked('isInterruptedOnly', cause))

/**
 * Formats `cause` for humans: every reason in order, with its stack. Lines of the library and of Node's
 * internals are removed from a stack, unless no line would remain. If `trace` of `makeRuntime` or
 * `AIO_TRACE=1` asks for it, the line where the failing operation was built follows. The names of the tasks
 * and fibers that the reason passed through come last, innermost first; consecutive reasons with the same
 * path show it once, after the last of them.
 *
 * ```ts
 * import { Cause } from 'aio-ts'
 *
 * console.log(Cause.pretty(Cause.fail('no such user'))) // => failed: no such user
 * ```
 */
export const pretty = (cause: Cause<unknown>): string => Reasons.pretty(checked('pretty', cause))
