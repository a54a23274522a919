/**
 * Takes items from an iterator, one at a time, as tasks: the common part of `forEach` and `first`.
 *
 * An iterator that has returned `done`, or has thrown, is not called again: it is not specified what its
 * `next()` does from then on, and several workers may still ask for an item. If the iterator has not ended
 * by itself, its `return()` is called, as `for` loops do. If a `next()` is still pending, `return()` is
 * called but not awaited: an async generator answers it only after its `next`, which may never happen.
 */

import { succeed, sync, unit } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import * as Reasons from '../data/reasons.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { OwnedWaitQueue, park, wakeAll } from '../runtime/wait-queue.js'
import { withFiber } from '../task/current-fiber.js'
import { promise } from '../task/promise.js'

/** One iteration over an async source. */
export interface Pull<X> {
  /**
   * Takes the next item. Several fibers may run this task: the iterator is asked
   * for one item after the other. An exception of the iterator is a defect. There
   * is no checkpoint between the item and the continuation that receives it.
   */
  readonly next: Task<never, IteratorResult<X, unknown>>
  /** Calls the `return()` of the iterator. */
  readonly close: Task<never, unknown>
}

/** The state of an iteration. In state `over` the iterator has returned `done` or has thrown. */
type PullState = 'idle' | 'asked' | 'over'

const end: IteratorResult<never, unknown> = { done: true, value: undefined }

/**
 * Returns `result`, or `end` if it is done: as in `for` loops,
 * any truthy `done` counts. Throws if it is not an object.
 */
function checkResult<X>(where: string, result: IteratorResult<X, unknown>): IteratorResult<X, unknown> {
  if (typeof result !== 'object' || result === null)
    throw expected(where, 'the next() of the iterator to give an object', result)
  return result.done ? end : result
}

function checkIterator(where: string, iterator: { readonly next?: unknown } | undefined | null): void {
  if (typeof iterator?.next !== 'function') throw expected(where, 'an iterator of the iterable', iterator)
}

/**
 * Returns an iteration over a synchronous source, which has
 * its items at once. Exceptions of the iterator are thrown.
 */
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
      // If the iterator throws, it has ended.
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
  /** Fibers that ask for an item while the `next()` of another fiber is pending. */
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
      // Nothing waits for this promise any more, but a failed cleanup must be reported.
      returning.catch((reason: unknown) => fiber.runtime.report(Reasons.die(reason), fiber))
      return unit
    })
  }
}
