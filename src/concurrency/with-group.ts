/**
 * A group whose lifetime is a block of code: the counterpart of
 * `async with Group() as group` in hat.aio, with the errors in the type.
 */

import { die, failCause, fromExit, suspend } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { checkFunction } from '../data/check-input.js'
import { GroupClosedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { type FiberState, hostContextOf } from '../runtime/fiber-state.js'
import type { Branch } from '../runtime/wait.js'
import { given } from '../task/checked.js'
import { Children, withChildren } from './children.js'
import { type Group, groupOf } from './group.js'
import { Scope, ScopeState } from './scope.js'

/** Options of `Task.withGroup`. */
export interface WithGroupOptions {
  readonly name?: string
  /**
   * What to do with fibers that have not ended when the body has:
   * interrupt them ('interrupt', if left out) or wait for them ('wait').
   */
  readonly whenDone?: 'interrupt' | 'wait'
}

const isClosedRefusal = (reason: Reasons.Reason<unknown>): boolean =>
  reason._tag === 'Fail' && reason.error instanceof GroupClosedError

class WithGroup extends Children {
  private readonly scope: Scope
  /** The exit of the body, if the body had not been asked to stop. */
  private exit: Exit<unknown, unknown> | undefined = undefined

  constructor(
    parent: FiberState,
    body: (group: Group<never>) => Task<unknown, unknown>,
    private readonly options: WithGroupOptions | undefined
  ) {
    super(parent)
    this.scope = new Scope(
      parent.runtime,
      parent,
      options?.name,
      (cause) => this.fiberFailed(cause),
      hostContextOf(parent)
    )
    this.scope.onClosed = () => this.check()
    this.start(suspend(() => given('withGroup', body(groupOf(this.scope)))))
  }

  protected get what(): string {
    return 'withGroup'
  }

  override get branches(): Iterable<Branch> {
    return [this.scope]
  }

  protected override isOver(): boolean {
    return super.isOver() && this.scope.state === ScopeState.Closed
  }

  /**
   * Called when a fiber of the group has failed: stops everything, so that `withGroup` fails with its error.
   */
  private fiberFailed(cause: Cause<unknown>): void {
    if (this.failure === undefined && !this.stopping) {
      // The interruption of a fiber, for example because the
      // group was closing, is not an interruption of `withGroup`.
      this.failure = Reasons.withoutInterruption(cause) ?? cause
      this.stop()
      this.scope.close(true)
    } else this.addFailedCleanup(cause)
  }

  protected childEnded(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.exit = exit
    if (exit._tag === 'Left') this.failure = exit.left
    this.scope.close(this.options?.whenDone !== 'wait')
  }

  /**
   * The body has ended after it was asked to stop, by the parent's interruption or because a fiber failed.
   */
  protected override childStopped(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    // Ignore GroupClosedError from the body: it is a consequence of closing.
    if (exit._tag === 'Left' && !exit.left.reasons.every(isClosedRefusal)) this.addFailedCleanup(exit.left)
    this.scope.close(true)
  }

  /** Also ignore reasons that the body only re-raised by joining the failed fiber. */
  protected override addFailedCleanup(cause: Cause<unknown>): void {
    const known = this.failure?.reasons
    const news = Reasons.apart(cause).filter(({ reasons: [reason] }) => known?.includes(reason) !== true)
    const failedCleanup = Reasons.combineAll(news)
    if (failedCleanup !== undefined) super.addFailedCleanup(failedCleanup)
  }

  /**
   * If the body had already ended when the parent was interrupted,
   * the remaining fibers are no longer awaited but interrupted.
   */
  override cancel(): Task<unknown, unknown> {
    const stopping = super.cancel()
    if (this.fibers.size === 0) this.scope.close(true)
    return stopping
  }

  protected outcome(): Task<unknown, unknown> {
    return this.exit === undefined ? failCause(Reasons.interrupt()) : fromExit(this.exit)
  }
}

/**
 * Runs `body` with a new group. When `body` ends, in any way, the group is closed: the remaining fibers
 * are interrupted or, with `whenDone: 'wait'`, awaited. Only then does `withGroup` end. If a fiber of
 * the group fails, the group is closed, `body` is interrupted, and `withGroup` fails with that error.
 *
 * `body` runs in a fiber of its own, which does not belong to the group. What the group has
 * acquired is released once the group's fibers have ended. So a resource that `body` itself uses
 * in an uninterruptible region should be acquired by `body` (`Task.bracket`). An interruption of
 * `withGroup` interrupts `body` and the remaining fibers, even with `whenDone: 'wait'`.
 *
 * ```ts
 * import { type Group, runTask, Task } from 'aio-ts'
 *
 * const program = Task.withGroup((group: Group<string>) =>
 *   Task.gen(function* () {
 *     yield* group.spawn(Task.fail('broken'))
 *     return yield* Task.never
 *   })
 * )
 * console.log(await runTask(program)) // => { _tag: 'Left', left: 'broken' }
 * ```
 */
export function withGroup<GE = never, E = never, A = unknown>(
  body: (group: Group<GE>) => Task<E, A>,
  options?: WithGroupOptions
): Task<E | GE, A> {
  const wrong = checkFunction('Task.withGroup', 'a function that gives a Task', body)
  if (wrong !== undefined) return die(wrong)
  // SAFETY: `withGroup` fails with the errors of the group's fibers, and its type contains them.
  const inner = body as (group: Group<never>) => Task<E, A>
  return withChildren((parent) => new WithGroup(parent, inner, options))
}
