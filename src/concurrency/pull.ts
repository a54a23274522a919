/**
 * Items out of an iterator, asked for one at a time by tasks: what `forEach` and `first` have in common.
 *
 * An iterator that has reported `done`, or has thrown, is not asked again: what its `next()` does from then
 * on is not specified, and several workers may still want an item. One that has not ended by itself is told
 * that no more is wanted (`return()`), as `for` loops do. Where a `next()` is still pending it is told as
 * well, but not waited for: an async generator answers only once its `next` has, which may be never.
 */

import { succeed, sync, unit } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import * as Reasons from '../data/reasons.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { OwnedWaitQueue, park, wakeAll } from '../runtime/wait-queue.js'
import { withFiber } from '../task/current-fiber.js'
import { promise } from '../task/promise.js'

/** One run over a source. */
export interface Pull<X> {
  /**
   * The next item. Several fibers may ask; the iterator is asked once at a time. What the iterator throws is
   * a defect. There is no checkpoint between the item and the continuation that receives it.
   */
  readonly next: Task<never, IteratorResult<X, unknown>>
  /** Tells the iterator that no more is wanted. */
  readonly close: Task<never, unknown>
}

/** `over`: it has reported `done`, or has thrown. */
type PullState = 'idle' | 'asked' | 'over'

const end: IteratorResult<never, unknown> = { done: true, value: undefined }

/** `result`, if it is one: as in `for` loops, whatever is truthy counts as `done`. */
function checkResult<X>(where: string, result: IteratorResult<X, unknown>): IteratorResult<X, unknown> {
  if (typeof result !== 'object' || result === null)
    throw expected(where, 'the next() of the iterator to give an object', result)
  return result.done ? end : result
}

function checkIterator(where: string, iterator: { readonly next?: unknown } | undefined | null): void {
  if (typeof iterator?.next !== 'function') throw expected(where, 'an iterator of the iterable', iterator)
}

/** Pulls from a synchronous iterator. What the iterator throws is thrown. */
export function pullFrom<X>(
  where: string,
  iterator: Iterator<X, unknown>
): {
  readonly take: () => IteratorResult<X, unknown>
  readonly close: Task<never, unknown>
} {
  checkIterator(where, iterator)
  let state: PullState = 'idle'
  return {
    take: () => {
      if (state === 'over') return end
      // Where it throws it has ended.
      state = 'over'
      const result = checkResult(where, iterator.next())
      if (result !== end) state = 'idle'
      return result
    },
    close: sync(() => {
      if (state !== 'over') iterator.return?.()
    })
  }
}

export function pullFromAsync<X>(where: string, iterator: AsyncIterator<X, unknown>): Pull<X> {
  checkIterator(where, iterator)
  let state: PullState = 'idle'
  /** Fibers that ask while another fiber's question is not answered yet. */
  const askers = new OwnedWaitQueue<undefined>('the next item')
  const answered = (next: PullState): void => {
    state = next
    wakeAll(askers, ask)
  }
  const question = promise(async () => {
    try {
      const result = checkResult(where, await iterator.next())
      answered(result === end ? 'over' : 'idle')
      return result
    } catch (thrown) {
      answered('over')
      throw thrown
    }
  })
  const ask: Task<never, IteratorResult<X, unknown>> = make(Op.Park, (fiber: FiberState) => {
    if (state === 'over') return succeed(end)
    if (state === 'asked') return park(askers, fiber, undefined)
    state = 'asked'
    return question
  })
  return {
    next: ask,
    close: withFiber((fiber): Task<never, unknown> => {
      if (state === 'over' || typeof iterator.return !== 'function') return unit
      const returning = Promise.resolve(iterator.return())
      if (state === 'idle') return promise(() => returning)
      // Nobody waits for it any more, but a failed cleanup is never dropped.
      returning.catch((reason: unknown) => fiber.runtime.report(Reasons.die(reason), fiber))
      return unit
    })
  }
}
