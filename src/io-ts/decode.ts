/**
 * From a codec to a Task.
 *
 * A codec is a user's function like any other: it is called when the Task is run, each time anew, and what it
 * throws is a defect. Only what it answers is an expected failure.
 */
import type * as t from 'io-ts'
import type { Task } from '../Task.js'
import { die, fromEither, mapError, suspend } from '../Task.js'
import { DecodeError } from './decode-error.js'
import { showValue } from './show.js'

/**
 * Decodes a value when it is run.
 *
 * Fails with `DecodeError` where the codec refuses the value; what the codec throws is a defect. It never
 * suspends, so that interruption does nothing to it.
 *
 * ```ts
 * import { runSync } from 'aio-ts'
 * import { decode } from 'aio-ts/io-ts'
 * import * as t from 'io-ts'
 *
 * const User = t.type({ name: t.string, age: t.number }, 'User')
 * console.log(runSync(decode(User)({ name: 'Ada', age: 36 }))) // => { _tag: 'Right', right: { name: 'Ada', age: 36 } }
 * ```
 */
export const decode =
  <A, O, I>(codec: t.Type<A, O, I>) =>
  (input: I): Task<DecodeError, A> =>
    typeof codec?.decode === 'function'
      ? suspend(() =>
          mapError((errors: t.Errors) => new DecodeError(errors))(fromEither(codec.decode(input)))
        )
      : die(new TypeError(`decode: expected an io-ts codec, got ${showValue(codec)}`))
