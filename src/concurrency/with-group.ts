/**
 * A group whose lifetime is a piece of code: hat.aio's `async with Group() as group`, with the errors in the
 * type.
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

/** What a piece of code with a group is made with. */
export interface WithGroupOptions {
  readonly name?: string
  /** What becomes of fibers that have not ended when the body has: 'interrupt' if left out. */
  readonly whenDone?: 'interrupt' | 'wait'
}

const isClosedRefusal = (reason: Reasons.Reason<unknown>): boolean =>
  reason._tag === 'Fail' && reason.error instanceof GroupClosedError

class WithGroup extends Children {
  private readonly scope: Scope
  /** How the body ended on its own account. */
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

  /** A fiber of the group has failed: everything stops, and the whole fails with its error. */
  private fiberFailed(cause: Cause<unknown>): void {
    if (this.failure === undefined && !this.stopping) {
      // That it was interrupted, because the group was closing for example, is no interruption of the whole.
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
   * The parent was interrupted while the body had already ended: the leftovers are not waited for any more.
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
 * When `body` ends, however it ends, its group is closed (leftovers interrupted, or waited for with
 * `whenDone: 'wait'`) and only then does this end. A fiber of the group that fails closes the group,
 * interrupts the body, and this fails with its error. `body` runs in a fiber of its own, which does not
 * belong to the group: what the group has acquired is released once the group's fibers have ended, so what
 * `body` itself uses in an uninterruptible region it should acquire itself (`Task.bracket`). An interruption
 * from outside interrupts the body and the leftovers, also with `whenDone: 'wait'`.
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
  // SAFETY: what the group's fibers fail with comes out of the whole, whose type has it.
  const inner = body as (group: Group<never>) => Task<E, A>
  return withChildren((parent) => new WithGroup(parent, inner, options))
}
