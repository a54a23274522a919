/** Converts an Either of fp-ts into a Task. */
import type { Either } from 'fp-ts/lib/Either.js'
import { die, fail, succeed } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { expected } from '../data/check-input.js'

/** Converts an Either of fp-ts: a Left fails, a Right succeeds. */
export const fromEither = <E, A>(either: Either<E, A>): Task<E, A> => eitherAs('fromEither', either)

export const eitherAs = <E, A>(name: string, either: Either<E, A>): Task<E, A> => {
  if (either?._tag === 'Right') return succeed(either.right)
  return either?._tag === 'Left' ? fail(either.left) : die(expected(`Task.${name}`, 'an Either', either))
}
