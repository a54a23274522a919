/**
 * What makes Task a type that fp-ts knows: its name in fp-ts's table of type constructors.
 *
 * The table lives in the module `fp-ts/HKT`. `fp-ts/lib/HKT.js` has no types of its own, so that a
 * declaration for it would not merge with what `fp-ts/lib/Functor.js` and its sisters look up, whatever way
 * the user's compiler resolves modules.
 */
import type { Task } from '../Task.js'

/** The name under which fp-ts finds Task: `Kind2<URI, E, A>` is `Task<E, A>`. */
export const URI = 'aio-ts/Task'

/** The type of that name, as `Kind2` takes it. */
export type URI = typeof URI

declare module 'fp-ts/HKT' {
  interface URItoKind2<E, A> {
    readonly 'aio-ts/Task': Task<E, A>
  }
}
