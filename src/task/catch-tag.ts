/** Handles one member of a tagged union of errors. */
import { fail } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { fits, refuseArguments } from './checked.js'
import { ofErrors } from './handlers.js'

/**
 * Continues with another task if `self` fails with the error that has the tag `tag`;
 * the other errors stay in the error channel. `tag` must be a single literal: if its
 * type is a union, the types remove all members, although only one is caught.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { Queue, runTask, Task } from 'aio-ts'
 *
 * const queue = new Queue<number>()
 * queue.close()
 * const item = pipe(queue.get(), Task.catchTag('QueueClosedError', () => Task.succeed(-1)))
 * console.log(await runTask(item)) // => { _tag: 'Right', right: -1 }
 * ```
 */
export const catchTag =
  <E extends { readonly _tag: string }, K extends E['_tag'], E2, B>(
    tag: K,
    f: (e: Extract<E, { readonly _tag: K }>) => Task<E2, B>
  ) =>
  <A>(self: Task<E, A>): Task<Exclude<E, { readonly _tag: K }> | E2, A | B> =>
    fits(self, f)
      ? make(
          Op.Handle,
          self,
          (e: E) => (hasTag(tag)(e) ? f(e) : fail(e)),
          ofErrors('catchTag', undefined, tag)
        )
      : refuseArguments('catchTag', self, f)

/** Whether an error has the tag. At run time an error may be any value, even null, whatever its type says. */
const hasTag =
  <K extends string>(tag: K) =>
  <E extends { readonly _tag: string }>(e: E): e is Extract<E, { readonly _tag: K }> =>
    (e as E | null | undefined)?._tag === tag
