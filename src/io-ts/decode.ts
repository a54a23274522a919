/**
 * Turns a codec into a function that returns a Task.
 *
 * A codec is a user's function like any other: it is called each time the Task is run, and
 * an exception in it is a defect. Only the errors that it returns are an expected failure.
 */
import type * as t from 'io-ts'
import type { Task } from '../Task.js'
import { die, fromEither, mapError, suspend } from '../Task.js'
import { DecodeError } from './decode-error.js'
import { showValue } from './show.js'

/**
 * Decodes a value each time the Task is run.
 *
 * Fails with `DecodeError` if the codec refuses the value; an exception in the
 * codec is a defect. The Task never suspends, so interruption has no effect on it.
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
