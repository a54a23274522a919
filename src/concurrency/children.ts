/**
 * Fibers that one fiber starts and waits for: the common part
 * of `all`, `race`, `timeout`, `forEach` and `withGroup`.
 *
 * The parent waits until every child has ended, in every case: a failure or an
 * interruption only asks the children to stop. So no child outlives the operation
 * that started it (a timeout that returned too early: cpython PR#7216).
 */

import { failCause, succeed } from '../core/construct.js'
import { type Frames, make, Op, primitive, type Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import { LinkedList } from '../data/linked-list.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { leaveDelivery, SuspendedWait } from '../runtime/cancellation.js'
import { isPassedThrough, isRaised, Passes } from '../runtime/continuation.js'
import {
  type FiberList,
  FiberState,
  Flag,
  hostContextOf,
  interruptAll,
  type Owner
} from '../runtime/fiber-state.js'
import { framesOf } from '../runtime/frames.js'
import { type LateResult, noLateResult } from '../runtime/late-result.js'
import type { Branch, Stopped } from '../runtime/wait.js'

/**
 * Whether a value that is passed to the first `depth` slots of `frames` now is used: by
 * the continuations of the fiber, unless an interruption is delivered before, or else
 * by the receivers of the fiber's exit. Any fiber above may have been asked to stop.
 */
export function reachesProgram(fiber: FiberState, frames: Frames, depth: number): boolean {
  if (!isPassedThrough(Passes.Values, frames, depth)) return !fiber.isInterruptionDue
  const isCarried = (fiber.flags & Flag.Requested) !== 0 && isRaised(frames, depth)
  return fiber.owner.takesLate?.() ?? !isCarried
}

export abstract class Children extends SuspendedWait implements Owner, Branch {
  readonly fibers: FiberList = new LinkedList()
  /**
   * Whether the children have been asked to stop, so that
   * their exits no longer count as results of their own.
   */
  protected stopping = false
  /** Whether the parent's interruption has stopped the children. */
  protected isParentInterrupted = false
  /** The first failure of a child that had not been asked to stop, if the operation ends with it. */
  protected failure: Cause<unknown> | undefined = undefined
  /** What went wrong in them after they were asked to stop, in order. */
  private failedCleanups: Array<Cause<unknown>> | undefined = undefined

  constructor(protected readonly parent: FiberState) {
    super()
  }

  /** What the parent waits for, as text for a dump. */
  protected abstract readonly what: string

  /** Called when a child that was not asked to stop has ended. */
  protected abstract childEnded(fiber: FiberState, exit: Exit<unknown, unknown>): void

  /**
   * Returns the task with which the parent continues. Called once, when all
   * children have ended, unless a child has failed or the parent was interrupted.
   */
  protected abstract outcome(): Task<unknown, unknown>

  /** Called when a child has ended after it was asked to stop. */
  protected childStopped(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (exit._tag === 'Left') this.addFailedCleanup(exit.left)
  }

  /**
   * Returns the late result of the children after the parent was interrupted. The
   * parent's `Interrupt` contains the result, and the rest follows it in the cause.
   */
  protected late(): LateResult {
    return noLateResult
  }

  /** Results of children that were asked to stop are dropped, unless a subclass overrides this method. */
  takesLate(): boolean {
    return !this.stopping
  }

  takesInnerLateResult(): boolean {
    return false
  }

  /**
   * Whether the value with which the parent continues, or the late result in
   * its interruption if it was interrupted, reaches a caller as a result.
   */
  protected reachesThroughParent(): boolean {
    const { parent } = this
    const frames = framesOf(parent) ?? []
    if (!this.isParentInterrupted) return reachesProgram(parent, frames, frames.length)
    const depth = frames.length - (frames.at(-1) === leaveDelivery ? 2 : 0)
    return isPassedThrough(Passes.Values, frames, depth) && parent.owner.takesInnerLateResult?.() === true
  }

  /** Whether nothing is left to wait for. */
  protected isOver(): boolean {
    return this.fibers.size === 0
  }

  // These are getters, because a field in each instance would cost memory.
  get returnsStopped(): boolean {
    return true
  }

  get on(): string {
    return this.isParentInterrupted ? `${this.what} to stop` : this.what
  }

  get above(): FiberState {
    return this.parent
  }

  get holder(): FiberState {
    return this.parent
  }

  get branches(): Iterable<Branch> {
    return []
  }

  get branch(): Branch {
    return this
  }

  /**
   * Starts a child, which inherits the runtime, the locals
   * and the host context of its parent, but not the mask.
   */
  protected start(task: Task<unknown, unknown>): FiberState {
    const { parent } = this
    const fiber = new FiberState(
      parent.runtime,
      task,
      this,
      undefined,
      parent.extra?.locals,
      hostContextOf(parent)
    )
    this.fibers.add(fiber)
    fiber.begin()
    return fiber
  }

  /** Asks all children to stop. */
  protected stop(): void {
    this.stopping = true
    interruptAll(this.fibers, this.parent.id)
  }

  ended(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.fibers.remove(fiber)
    try {
      if (this.stopping) this.childStopped(fiber, exit)
      else this.childEnded(fiber, exit)
    } finally {
      // This also runs if a clock or a scheduler of the user has thrown: the parent must not wait forever.
      this.check()
    }
  }

  /** Wakes the parent if nothing is left to wait for. */
  protected check(): void {
    if (this.parent.waiting === this && this.isOver()) this.parent.wake(this.answer())
  }

  /** Suspends the parent, which calls this function at its turn, unless nothing is left to wait for. */
  wait(): Task<unknown, unknown> | undefined {
    if (this.isOver()) return this.answer()
    this.parent.waiting = this
  }

  /**
   * Called when the parent was interrupted: asks the children to stop. The
   * Task that it returns waits, uninterruptibly, until they have ended.
   */
  cancel(): Task<unknown, unknown> {
    this.isParentInterrupted = true
    this.stop()
    return make(Op.Park, waitAgain, this)
  }

  private answer(): Task<unknown, unknown> {
    if (!this.isParentInterrupted && this.failure === undefined) return this.outcome()
    const { given, rest } = this.isParentInterrupted ? this.late() : noLateResult
    const late = rest && Reasons.withoutInterruption(rest)
    const failedCleanups = Reasons.combineAll([this.failure, ...(this.failedCleanups ?? []), late])
    if (!this.isParentInterrupted && failedCleanups !== undefined) return failCause(failedCleanups)
    const stopped: Stopped = { lateResult: given, failedCleanups }
    return succeed(stopped)
  }

  /** Records what failed while the children were being stopped, without their interruptions. */
  protected addFailedCleanup(cause: Cause<unknown>): void {
    const failedCleanup = Reasons.withoutInterruption(cause)
    if (failedCleanup === undefined) return
    this.failedCleanups ??= []
    this.failedCleanups.push(failedCleanup)
  }
}

const waitAgain = (_fiber: FiberState, children: Children): Task<unknown, unknown> | undefined =>
  children.wait()

/** Builds a task whose fiber starts children and waits for them; `makeChildren` starts the first ones. */
export const withChildren = <E, A>(makeChildren: (parent: FiberState) => Children): Task<E, A> =>
  primitive(Op.Park, startChildren, makeChildren)

const startChildren = (
  fiber: FiberState,
  makeChildren: (parent: FiberState) => Children
): Task<unknown, unknown> | undefined => makeChildren(fiber).wait()
