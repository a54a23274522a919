/**
 * The error of a value that a codec refused, with a message for people.
 *
 * It is not in `data/errors.ts` with the other errors, because
 * it contains types of io-ts, on which the core must not depend.
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
 * The error of a value that a codec refused. It says where in
 * the value what was expected, and what was found instead.
 *
 * The message names about the first ten places, and says how many more there
 * are. Values under a key that looks like a secret (`password`, `token`,
 * ...) are not in it; `errors`, as returned by io-ts, contains everything.
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
  /** The errors as returned by io-ts. */
  readonly errors: t.Errors

  /** Throws a TypeError if `errors` is not the errors of a codec. */
  constructor(errors: t.Errors) {
    super(explain(checkedErrors(errors)))
    this.errors = errors
  }
}
