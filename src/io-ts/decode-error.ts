/**
 * What a codec refused, for a person.
 *
 * It is not in `data/errors.ts` with every other error, for it holds types of io-ts, which the core must do
 * without.
 */
import type * as t from 'io-ts'
import { explain } from './explain.js'
import { showValue } from './show.js'

const isValidationError = (error: t.ValidationError | undefined): boolean => Array.isArray(error?.context)

function checkedErrors(errors: t.Errors): t.Errors {
  if (Array.isArray(errors) && errors.every(isValidationError)) return errors
  throw new TypeError(`DecodeError: expected the errors of an io-ts codec, got ${showValue(errors)}`)
}

/**
 * A value that a codec refused. The message says, for each place in the value, what was expected there and
 * what was found.
 *
 * The message names the first ten places or so, and says how many more there are. Values under keys that
 * suggest a secret (`password`, `token`, ...) are not in it; `errors`, as io-ts gave them, hold everything.
 *
 * ```ts
 * import { runSync, Task } from 'aio-ts'
 * import { decode } from 'aio-ts/io-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as t from 'io-ts'
 *
 * const User = t.type({ name: t.string, age: t.number }, 'User')
 * const refused = pipe(decode(User)({ name: 'Ada', age: '36' }), Task.mapError(String))
 * console.log(runSync(refused))
 * // => { _tag: 'Left', left: 'DecodeError: cannot decode User: .age: expected number, got "36"' }
 * ```
 */
export class DecodeError extends Error {
  readonly _tag = 'DecodeError' as const
  override readonly name = 'DecodeError'
  /** As io-ts gave them. */
  readonly errors: t.Errors

  /** Throws a TypeError at what are no errors of a codec. */
  constructor(errors: t.Errors) {
    super(explain(checkedErrors(errors)))
    this.errors = errors
  }
}
