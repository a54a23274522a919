/** Texts of causes and errors. A program that only succeeds with values needs no more than `prettyInterruption`. */
import type { LateBound } from './late-bound.js'
import type { Cause } from './reasons.js'

/** The full diagnostics (core/diagnostics). */
export interface Diagnostics {
  /** Implements `Cause.pretty`. */
  pretty(cause: Cause<unknown>): string
  /** Returns all reasons but the first, if there are more. */
  others(cause: Cause<unknown>): Cause<unknown> | undefined
  /** Whether the reasons after the first are more than requests to stop. */
  hidesTrouble(cause: Cause<unknown>): boolean
  /**
   * Marks typed failures of `cause` (only those of the tag, if one is given) that pass a handler
   * whose type says that they are gone.
   */
  pastHandler(cause: Cause<unknown>, tag: unknown): void
  /**
   * The error for a `value` that is not a Task: the function of operation `from` returned it or, if `from` is
   * -1, the operation `top` received it as its Task.
   */
  wrongTask(value: unknown, from: number, top: unknown): TypeError
}

export const diagnostics: LateBound<Diagnostics> = { bound: undefined }

/** Formats the only cause that a program of plain values can have: its interruption from outside. */
const prettyInterruption = ({ reasons: [reason], trace }: Cause<unknown>): string => {
  const by = reason._tag === 'Interrupt' && reason.by._tag === 'Some' ? ` by fiber #${reason.by.value}` : ''
  return `was interrupted${by}${trace.length === 0 ? '' : `\n  in ${trace.join(', in ')}`}`
}

/** Formats `cause` with what is installed. */
export const prettyCause = (cause: Cause<unknown>): string =>
  (diagnostics.bound?.pretty ?? prettyInterruption)(cause)
