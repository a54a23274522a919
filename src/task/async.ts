/** Turns a callback API into a Task. */

import { die, refuseFunction } from '../core/construct.js'
import { isTask, make, type Node, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import type { StartOp } from '../runtime/continuation.js'
import { ExternalWait } from './external-wait.js'

const asTask = (value: unknown, where: string): Task<unknown, unknown> =>
  isTask(value) ? value : die(expected(where, 'a Task', value))

type Register = (resume: (task: unknown) => void) => unknown

class AsyncWait extends ExternalWait {
  private canceller: Task<unknown, unknown> | undefined = undefined

  get on(): string {
    return 'async'
  }

  register(register: Register): Node | undefined {
    let canceller: unknown
    try {
      canceller = register((task) => {
        if (!this.settled) this.settle(asTask(task, 'resume of Task.async'))
      })
    } catch (thrown) {
      this.settled = true
      throw thrown
    }
    if (canceller !== undefined && !isTask(canceller)) {
      this.settled = true
      throw expected('Task.async', 'the register to return a Task that cancels, or nothing', canceller)
    }
    this.canceller = canceller
    return this.begin()
  }

  cancel(): Task<unknown, unknown> | undefined {
    this.settled = true
    return this.canceller
  }
}

const enterAsync: StartOp<Register> = (fiber, node) => new AsyncWait(fiber).register(node.b)

/**
 * Waits for a callback. `register` starts the work and calls `resume` with the task with
 * which the fiber continues. Only the first call counts: later calls, and calls after an
 * interruption, have no effect. If the fiber is interrupted before that, the task that
 * `register` returned, if any, runs uninterruptibly, and the interruption waits for it.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const tick = Task.async<never, string>((resume) => {
 *   const timer = setTimeout(() => resume(Task.succeed('tick')), 1)
 *   return Task.sync(() => clearTimeout(timer))
 * })
 * console.log(await runTask(tick)) // => { _tag: 'Right', right: 'tick' }
 * ```
 */
export const async = <E, A>(
  register: (resume: (task: Task<E, A>) => void) => Task<never, unknown> | void
): Task<E, A> =>
  typeof register === 'function' ? make(Op.Enter, enterAsync, register) : refuseFunction('async', register)
