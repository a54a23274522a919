/**
 * Registers Task in the table of type constructors of fp-ts, so that its type classes accept it.
 *
 * The table is in the module `fp-ts/HKT`. `fp-ts/lib/HKT.js` has no types of its own,
 * so a declaration for it would not merge with the one that `fp-ts/lib/Functor.js`
 * and its siblings look up, in any way that the user's compiler resolves modules.
 */
import type { Task } from '../Task.js'

/** The name under which fp-ts finds Task: `Kind2<URI, E, A>` is `Task<E, A>`. */
export const URI = 'aio-ts/Task'

/** The type of the constant `URI`, as `Kind2` takes it. */
export type URI = typeof URI

declare module 'fp-ts/HKT' {
  interface URItoKind2<E, A> {
    readonly 'aio-ts/Task': Task<E, A>
  }
}
