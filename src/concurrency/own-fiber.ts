/** Runs one task in a fiber of its own, so that it can be interrupted without its parent. */

import { fromExit } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { diagnostics } from '../data/diagnostics.js'
import { right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { type FiberState, interruptAll, isBelow } from '../runtime/fiber-state.js'
import { type LateResult, lateResult } from '../runtime/late-result.js'
import { Children, withChildren } from './children.js'

/** What other code can do with the child. */
export interface ChildHandle {
  interrupt(): void
  /** Whether `fiber` is the child or one of its descendants. */
  contains(fiber: FiberState): boolean
  /** The fiber that waits for the child. */
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
    /**
     * Whether no type contains the errors of `task`, so that
     * those of cleanups remain in the cause only as history.
     */
    private readonly hidesErrors: boolean
  ) {
    super(parent)
    // This runs before the child is started: if it throws, nothing has been started yet.
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
    if (this.hidesErrors && late.rest !== undefined) diagnostics.bound?.pastHandler(late.rest, undefined)
    return late
  }

  override takesLate(): boolean {
    return this.reachesThroughParent()
  }

  override takesInnerLateResult(): boolean {
    return this.isParentInterrupted && this.reachesThroughParent()
  }

  protected outcome(): Task<unknown, unknown> {
    return fromExit(this.exit)
  }
}

const nothingToUndo = (): void => undefined

/**
 * Runs `task` in a fiber of its own and ends as that fiber does. `onStart` receives the handle
 * of the child and returns a function that undoes its effect, which is called when the child
 * has ended. If the parent is interrupted, its `Interrupt` contains the late result of `task`.
 */
export const runInOwnFiber = <E, A>(
  what: string,
  task: Task<E, A>,
  onStart: (child: ChildHandle) => () => void = () => nothingToUndo,
  hidesErrors = false
): Task<E, A> => withChildren((parent) => new OneChild(parent, what, task, onStart, hidesErrors))
