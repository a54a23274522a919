/** The counterpart of hat.aio.call_on_cancel. */
import { die, unit } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { forgetInterruption } from '../runtime/interruption.js'
import { catchCause } from '../task/catch-cause.js'
import { withFiber } from '../task/current-fiber.js'
import { ensuring } from '../task/ensuring.js'
import { uninterruptibleMask } from '../task/interruptibility.js'
import { never } from '../task/never.js'
import { uncancellable } from '../task/uncancellable.js'
import { type CallResult, calling, checkCalled, resultOf } from './call.js'

/**
 * Waits until the fiber is interrupted, then calls `fn` uninterruptibly
 * and succeeds with its result (hat.aio.call_on_cancel). Spawned in a
 * group, it runs `fn` while the group is closing and before it is closed.
 */
export function callOnCancel<Args extends ReadonlyArray<any>, R>(
  fn: (...args: Args) => R,
  ...args: Args
): CallResult<R> {
  const wrong = checkCalled('callOnCancel', fn)
  if (wrong !== undefined) return resultOf(die(wrong))
  const forgetting = <E, A>(task: Task<E, A>): Task<E, A> =>
    withFiber((fiber) => {
      forgetInterruption(fiber)
      return task
    })
  const shielded = forgetting(uncancellable({ raiseCancel: false })(calling(fn, args)))
  return resultOf(
    uninterruptibleMask((restore) =>
      // Only the interruption of this fiber ends `never`. It is forgotten again at
      // the end, because the fiber may have been interrupted again in the meantime.
      catchCause(() => ensuring(forgetting(unit))(shielded))(restore(never))
    )
  )
}
