/**
 * Items out of an iterator, asked for one at a time by tasks: what `forEach` and `first` have in common.
 *
 * The iterator is told that no more is wanted (`return()`) where it has not ended by itself, as `for` loops do. One that is still
 * being asked is told as well, but not waited for: an async generator answers only once its `next` has, which may be never.
 */
import { promise } from '../operations/promise.js'
import { suspend, sync, unit } from '../task/construct.js'
import type { Task } from '../task/task.js'

/** One run over a source. */
export interface Pull<X> {
  /** The next item, for one asker at a time. What the iterator throws is a defect. */
  readonly next: Task<never, IteratorResult<X, unknown>>
  /** Tells the iterator that no more is wanted. */
  readonly close: Task<never, unknown>
}

type State = 'idle' | 'asked' | 'over'

const after = (result: IteratorResult<unknown, unknown>): State => (result.done === true ? 'over' : 'idle')

/** The same over what has its items at once. What the iterator throws is thrown. */
export function pullFrom<X>(iterator: Iterator<X, unknown>): {
  readonly take: () => IteratorResult<X, unknown>
  readonly close: Task<never, unknown>
} {
  let state: State = 'idle'
  return {
    take: () => {
      // Where it throws it has ended.
      state = 'over'
      const result = iterator.next()
      state = after(result)
      return result
    },
    close: sync(() => {
      if (state !== 'over') iterator.return?.()
    })
  }
}

export function pullFromAsync<X>(iterator: AsyncIterator<X, unknown>): Pull<X> {
  let state: State = 'idle'
  return {
    next: promise(async () => {
      state = 'asked'
      try {
        const result = await iterator.next()
        state = after(result)
        return result
      } catch (thrown) {
        state = 'over'
        throw thrown
      }
    }),
    close: suspend((): Task<never, unknown> => {
      if (state === 'over' || iterator.return === undefined) return unit
      const returning = iterator.return()
      if (state === 'idle') return promise(() => Promise.resolve(returning))
      void Promise.resolve(returning).catch(() => undefined)
      return unit
    })
  }
}
