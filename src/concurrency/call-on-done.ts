/** The counterpart of hat.aio.call_on_done. */
import { die } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { diagnostics } from '../data/diagnostics.js'
import type { Exit } from '../data/exit.js'
import { exit } from '../task/exit.js'
import { type CallResult, calling, checkCalled, resultOf } from './call.js'
import { runInOwnFiber } from './own-fiber.js'

/**
 * Waits until `task` has ended, with a success, a failure or a defect, then calls `fn` and succeeds with its
 * result (hat.aio.call_on_done). If `task` was interrupted, `fn` is not called and `callOnDone` ends with
 * that interruption. An interruption of `callOnDone` before that interrupts `task`, and `fn` is not called.
 */
export function callOnDone<Args extends ReadonlyArray<any>, R>(
  task: Task<unknown, unknown>,
  fn: (...args: Args) => R,
  ...args: Args
): CallResult<R> {
  const wrong = checkCalled('callOnDone', fn)
  if (wrong !== undefined) return resultOf(die(wrong))
  if (!isTask(task)) return resultOf(die(expected('callOnDone', 'a Task', task)))
  const ended = exit(runInOwnFiber('callOnDone', task, undefined, true))
  const next = (exit: Exit<unknown, unknown>): Task<unknown, unknown> => {
    if (exit._tag === 'Right' || exit.left.reasons[0]._tag !== 'Interrupt') return calling(fn, args)
    // The type has no errors: typed failures of cleanups remain in the cause only as history.
    diagnostics.bound?.pastHandler(exit.left, undefined)
    return make(Op.FailCause, exit.left)
  }
  return resultOf(make(Op.FlatMap, ended, next))
}
