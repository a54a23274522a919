/**
 * A result that is set once, later: fibers wait for it, and
 * the code that completes it first gives it to all of them.
 */

import { fail, fromExit, succeed, sync } from '../core/construct.js'
import { nodeOf, Op, primitive, type Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import { showAsText, summary, waitingCount } from '../data/to-string.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { OwnedWaitQueue, park, waitersIn, wakeAll } from '../runtime/wait-queue.js'

/**
 * A result that can be completed at most once. Waiters are woken in
 * order of arrival; interrupting one does not affect the others.
 *
 * ```ts
 * import { Deferred, runTask } from 'aio-ts'
 *
 * const answer = new Deferred<never, number>()
 * const reader = runTask(answer.wait())
 * console.log(answer.succeed(42), answer.succeed(43)) // => true false
 * console.log(await reader) // => { _tag: 'Right', right: 42 }
 * ```
 */
export class Deferred<in out E, in out A> {
  /** Undefined until it is completed. */
  private outcome: Task<E, A> | undefined = undefined
  /** Empty once it is completed. */
  private readonly waiters = new OwnedWaitQueue<undefined>('Deferred.wait')

  constructor() {
    showAsText(Deferred.prototype)
  }

  static make<E, A>(): Task<never, Deferred<E, A>> {
    return sync(() => new Deferred<E, A>())
  }

  /**
   * Waits until the Deferred is completed, then succeeds with its value or fails
   * with its error. Interrupting a waiter does not affect the other waiters.
   */
  wait(): Task<E, A> {
    return primitive(Op.Park, Deferred.look, this)
  }

  /**
   * Completes the Deferred with `value`. Returns true for the first
   * completion, and false if it is already completed. Never throws.
   */
  succeed(value: A): boolean {
    return this.complete(succeed(value))
  }

  /**
   * Completes the Deferred with `error`, with which `wait` fails. Returns
   * true for the first completion, and false if it is already completed.
   */
  fail(error: E): boolean {
    return this.complete(fail(error))
  }

  /**
   * Completes the Deferred with `exit`. Returns true for the first completion, and false if it is
   * already completed. Throws a TypeError if `exit` is not an Exit, and then completes nothing.
   */
  done(exit: Exit<E, A>): boolean {
    const wrong = Reasons.checkExit('Deferred.done', exit)
    if (wrong !== undefined) throw wrong
    return this.complete(fromExit(exit))
  }

  private get state(): 'pending' | 'succeeded' | 'failed' {
    const { outcome } = this
    if (outcome === undefined) return 'pending'
    return nodeOf(outcome).taskOp === Op.Succeed ? 'succeeded' : 'failed'
  }

  toJSON(): unknown {
    return { _tag: 'Deferred', state: this.state, waiting: waitersIn(this.waiters).length }
  }

  toString(): string {
    return summary('Deferred', undefined, this.state, waitingCount(waitersIn(this.waiters).length))
  }

  private static look(
    fiber: FiberState,
    deferred: Deferred<unknown, unknown>
  ): Task<unknown, unknown> | undefined {
    return deferred.outcome ?? park(deferred.waiters, fiber, undefined)
  }

  private complete(outcome: Task<E, A>): boolean {
    if (this.outcome !== undefined) return false
    this.outcome = outcome
    wakeAll(this.waiters, outcome)
    return true
  }
}
