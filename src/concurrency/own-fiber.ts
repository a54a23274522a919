/** One task in a fiber of its own, so that it can be interrupted without its parent. */

import { fromExit } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { diagnostics } from '../data/diagnostics.js'
import { right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { type FiberState, interruptAll, isBelow } from '../runtime/fiber-state.js'
import { type LateResult, lateResult } from '../runtime/late-result.js'
import { Children, withChildren } from './children.js'

/** What may be done with the child from outside. */
export interface ChildHandle {
  interrupt(): void
  /** Whether `fiber` is the child, or runs within it. */
  contains(fiber: FiberState): boolean
  /** Who waits for the child. */
  readonly parent: FiberState
}

class OneChild extends Children {
  private exit: Exit<unknown, unknown> = right(undefined)
  private readonly undo: () => void
  private readonly child: FiberState

  constructor(
    parent: FiberState,
    protected readonly what: string,
    task: Task<unknown, unknown>,
    onStart: (child: ChildHandle) => () => void,
    /** Whether no type names the errors of `task`, so that those of cleanups are history in the cause. */
    private readonly hidesErrors: boolean
  ) {
    super(parent)
    // Before the child: where it throws, nothing has been started yet.
    this.undo = onStart({
      interrupt: () => interruptAll(this.fibers, 0),
      parent,
      contains: (fiber) => isBelow(fiber, this)
    })
    this.child = this.start(task)
  }

  protected childEnded(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.undo()
    this.exit = exit
  }

  protected override childStopped(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.childEnded(fiber, exit)
  }

  protected override late(): LateResult {
    const late = lateResult(this.child, this.exit)
    if (this.hidesErrors && late.rest !== undefined) diagnostics.pastHandler(late.rest, undefined)
    return late
  }

  override takesLate(): boolean {
    return this.reachesThroughParent()
  }

  override takesCarried(): boolean {
    return this.isParentInterrupted && this.reachesThroughParent()
  }

  protected outcome(): Task<unknown, unknown> {
    return fromExit(this.exit)
  }
}

const nothingToUndo = (): void => undefined

/**
 * Ends as `task` does. `onStart` is handed what interrupts it, and gives back its own undo, which is called
 * when it has ended. What `task` still gave when the parent was interrupted is carried by the parent's
 * `Interrupt`.
 */
export const runInOwnFiber = <E, A>(
  what: string,
  task: Task<E, A>,
  onStart: (child: ChildHandle) => () => void = () => nothingToUndo,
  hidesErrors = false
): Task<E, A> => withChildren((parent) => new OneChild(parent, what, task, onStart, hidesErrors))
