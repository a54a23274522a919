/**
 * Late-bound diagnostics. The defaults only format interruptions, which come from outside; `make` installs
 * the full versions (core/diagnostics), so a bundle that contains only `succeed` does not pay for them.
 */
import type { Cause } from './reasons.js'

export const diagnostics: {
  /** Implements `Cause.pretty`. */
  pretty(cause: Cause<unknown>): string
  /** Returns all reasons but the first, if there are more. */
  others(cause: Cause<unknown>): Cause<unknown> | undefined
  /** Whether the reasons after the first are more than requests to stop. */
  hidesTrouble?(cause: Cause<unknown>): boolean
  /**
   * Marks typed failures of `cause` (only those of the tag, if one is given) that pass a handler
   * whose type says that they are gone.
   */
  pastHandler(cause: Cause<unknown>, tag: unknown): void
  /**
   * The error for a `value` that is not a Task: the function of operation `from` returned it or, if `from` is
   * -1, the operation `top` received it as its Task.
   */
  wrongTask?(value: unknown, from: number, top: unknown): TypeError
} = {
  pretty: ({ reasons: [reason], trace }) => {
    const by = reason._tag === 'Interrupt' && reason.by._tag === 'Some' ? ` by fiber #${reason.by.value}` : ''
    return `was interrupted${by}${trace.length === 0 ? '' : `\n  in ${trace.join(', in ')}`}`
  },
  others: () => undefined,
  pastHandler: () => undefined
}
