/** hat.aio.call_on_cancel. */
import { die, unit } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { forgetInterruption } from '../runtime/interruption.js'
import { withFiber } from '../task/current-fiber.js'
import { ensuring } from '../task/ensuring.js'
import { uninterruptibleMask } from '../task/interruptibility.js'
import { never } from '../task/never.js'
import { uncancellable } from '../task/uncancellable.js'
import { type CallResult, calling, checkCalled, resultOf } from './call.js'

/**
 * hat.aio.call_on_cancel: waits to be interrupted; then calls `fn`, out of reach of further interruption, and
 * succeeds with what it gives. Spawned in a group it runs `fn` while the group is closing and before it is
 * closed.
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
      // `never` can only end by the interruption of this fiber. Forgotten again at the end: more may have
      // come meanwhile.
      make(Op.CatchCause, restore(never), () => ensuring(forgetting(unit))(shielded))
    )
  )
}
