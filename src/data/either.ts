/**
 * fp-ts's Either and Option as plain data. They are made here instead of imported, because the fp-ts
 * modules are CommonJS, which no bundler can tree-shake: two literals would cost a bundle kilobytes.
 * Only the types come from fp-ts.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Option } from 'fp-ts/lib/Option.js'

export const right = <A>(value: A): Either<never, A> => ({ _tag: 'Right', right: value })

export const left = <E>(error: E): Either<E, never> => ({ _tag: 'Left', left: error })

export const none: Option<never> = { _tag: 'None' }

export const some = <A>(value: A): Option<A> => ({ _tag: 'Some', value })

/** Kept so that V8 forgets neither their shapes nor the code that it compiled for values of several types. */
export const shapes: ReadonlyArray<unknown> = /* @__PURE__ */ [0, ''].flatMap((value) => [
  right(value),
  left(value),
  some(value)
])
