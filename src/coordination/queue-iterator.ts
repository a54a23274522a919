/** Implements `for await` over a queue: the only place where a queue uses promises. */

import type { Fiber } from '../core/fiber.js'
import type { QueueClosedError } from '../data/errors.js'
import { runTask } from '../runtime/edge.js'

/**
 * Returns an async iterator. Each `next` starts a fiber that takes one
 * item; `return` interrupts those that still wait, so that they take none.
 */
export function iterate<X>(start: () => Fiber<QueueClosedError, X>): AsyncIterator<X> {
  const waiting = new Set<Fiber<QueueClosedError, X>>()
  let isOver = false
  const end: IteratorResult<X, undefined> = { done: true, value: undefined }
  return {
    next: async () => {
      if (isOver) return end
      const fiber = start()
      waiting.add(fiber)
      const exit = await runTask(fiber.wait())
      waiting.delete(fiber)
      if (exit._tag === 'Left') return end
      if (exit.right._tag === 'Right') return { done: false, value: exit.right.right }
      // The queue is closed and empty, or the loop was left early: in both cases no item follows.
      isOver = true
      return end
    },
    return: async () => {
      isOver = true
      for (const fiber of waiting) fiber.interruptNowait()
      return end
    }
  }
}
