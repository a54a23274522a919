/**
 * The public face of causes: the namespace `Cause`. What only the library needs of them stays in reasons;
 * what users hand over is checked here, and throws a TypeError where it is no Cause.
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

/** Every typed failure in it, in order. */
export const failures = <E>(cause: Cause<E>): ReadonlyArray<E> => Reasons.failures(checked('failures', cause))

/** Every defect in it, in order. */
export const defects = (cause: Cause<unknown>): ReadonlyArray<unknown> =>
  Reasons.defects(checked('defects', cause))

/** Whether an interruption is among its reasons. */
export const isInterrupted = (cause: Cause<unknown>): boolean =>
  Reasons.isInterrupted(checked('isInterrupted', cause))

/** Whether there is nothing but interruption in it. */
export const isInterruptedOnly = (cause: Cause<unknown>): boolean =>
  Reasons.isInterruptedOnly(checked('isInterruptedOnly', cause))

/**
 * For a person: every reason, the first first, with its stack, from which the lines of the library and of
 * Node's own machinery are left out (but where nothing would be left); the line where the failing operation
 * was built, where `trace` of `makeRuntime` or `AIO_TRACE=1` asks for that; and the names of the tasks and
 * fibers that it came through, innermost first. Reasons that follow one another and came the same way have
 * their names behind the last of them.
 *
 * ```ts
 * import { Cause } from 'aio-ts'
 *
 * console.log(Cause.pretty(Cause.fail('no such user'))) // => failed: no such user
 * ```
 */
export const pretty = (cause: Cause<unknown>): string => Reasons.pretty(checked('pretty', cause))
