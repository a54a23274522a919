/**
 * What went wrong, in words, as far as anything can in this program: an interruption comes from outside, all else from Tasks that are
 * more than a value. Words for that come along with the function that makes those (task/words), so a bundle pays for them with what
 * they are about.
 */
import type { Cause } from './reasons.js'

export const words: {
  /** `Cause.pretty`. */
  pretty(cause: Cause<unknown>): string
  /** `value` is no Task: the operation `from` gave it or, where that is -1, the operation `top` stands behind it. */
  wrongTask?(value: unknown, from: number, top: unknown): TypeError
} = {
  pretty: ({ reasons: [reason], trace }) => {
    const by = reason._tag === 'Interrupt' && reason.by._tag === 'Some' ? ` by fiber #${reason.by.value}` : ''
    return `was interrupted${by}${trace.length === 0 ? '' : `\n  in ${trace.join(', in ')}`}`
  }
}
