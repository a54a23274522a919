/**
 * Fibers that one fiber starts and waits for: what `all`, `race`, `timeout`, `forEach` and `withGroup` have
 * in common.
 *
 * The parent waits until every child has ended, whatever happens: a failure or an interruption only asks them
 * to stop. So nothing that they start outlives them (a time-out that came back too early: cpython PR#7216).
 */

import { failCause, succeed } from '../core/construct.js'
import { make, Op, primitive, type Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { leaveDelivery, SuspendedWait } from '../runtime/cancellation.js'
import { isPassedThrough, isRaised } from '../runtime/continuation.js'
import {
  FiberList,
  FiberState,
  Flag,
  hostContextOf,
  interruptAll,
  type Owner
} from '../runtime/fiber-state.js'
import { type Frames, framesOf } from '../runtime/frames.js'
import { type LateResult, noLateResult } from '../runtime/late-result.js'
import type { Branch, Stopped } from '../runtime/wait.js'

/**
 * Whether a value that reaches the first `depth` slots of `frames` now is used: by the continuations of the
 * fiber, unless an interruption is delivered first, or else by the owner, which takes the exit of the fiber.
 * Any fiber above may have been interrupted.
 */
export function reachesProgram(fiber: FiberState, frames: Frames, depth: number): boolean {
  if (!isPassedThrough('values', frames, depth)) return !fiber.isInterruptionDue
  const isCarried = (fiber.flags & Flag.Requested) !== 0 && isRaised(frames, depth)
  return fiber.owner.takesLate?.() ?? !isCarried
}

export abstract class Children extends SuspendedWait implements Owner, Branch {
  readonly fibers: FiberList = new FiberList()
  /** Whether they have been asked to stop, so that how they end is no longer what they were started for. */
  protected stopping = false
  /** Whether it was the parent's interruption that stopped them. */
  protected isParentInterrupted = false
  /** What went wrong first, where that is what they end with: a failure of theirs on their own account. */
  protected failure: Cause<unknown> | undefined = undefined
  /** What went wrong in them after they were asked to stop, in order. */
  private failedCleanups: Array<Cause<unknown>> | undefined = undefined

  constructor(protected readonly parent: FiberState) {
    super()
  }

  /** What the parent waits for, as a text for dumps. */
  protected abstract readonly what: string

  /** A child has ended on its own account. */
  protected abstract childEnded(fiber: FiberState, exit: Exit<unknown, unknown>): void

  /**
   * What the parent goes on with; asked for once, when all have ended, unless one has failed or the parent
   * was interrupted.
   */
  protected abstract outcome(): Task<unknown, unknown>

  /** A child has ended after it had been asked to stop. */
  protected childStopped(_fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (exit._tag === 'Left') this.addFailedCleanup(exit.left)
  }

  /**
   * What the children had still given when the parent was interrupted: its `Interrupt` carries the result,
   * and the rest follows it.
   */
  protected late(): LateResult {
    return noLateResult
  }

  /** Ends of children that were asked to stop are dropped, but where a class says otherwise. */
  takesLate(): boolean {
    return !this.stopping
  }

  takesCarried(): boolean {
    return false
  }

  /**
   * Whether the value with which the parent goes on reaches somebody, or the one that its interruption
   * carries, if it has one.
   */
  protected reachesThroughParent(): boolean {
    const { parent } = this
    const frames = framesOf(parent) ?? []
    if (!this.isParentInterrupted) return reachesProgram(parent, frames, frames.length)
    const depth = frames.length - (frames.at(-1) === leaveDelivery ? 2 : 0)
    return isPassedThrough('values', frames, depth) && parent.owner.takesCarried?.() === true
  }

  /** Whether there is nothing left to wait for. */
  protected isOver(): boolean {
    return this.fibers.size === 0
  }

  // Getters, since a place of its own in each would cost memory.
  get carries(): boolean {
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
   * Starts a child: it inherits the runtime, the locals and the host's context of its parent, not the mask.
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

  /** Asks all to stop. */
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
      // Also where a clock or a scheduler of the user's has thrown: the parent must not wait for ever.
      this.check()
    }
  }

  /** Wakes the parent where all is over. */
  protected check(): void {
    if (this.parent.waiting === this && this.isOver()) this.parent.wake(this.answer())
  }

  /** The parent waits from here on, at its own turn, unless all is over already. */
  wait(): Task<unknown, unknown> | undefined {
    if (this.isOver()) return this.answer()
    this.parent.waiting = this
  }

  /**
   * The parent was interrupted: they are asked to stop, and it waits, out of reach of further interruption,
   * until they have.
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
    const stopped: Stopped = { carried: given, failedCleanups }
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

/** A task whose fiber starts children and waits for them; `makeChildren` starts the first ones. */
export const withChildren = <E, A>(makeChildren: (parent: FiberState) => Children): Task<E, A> =>
  primitive(Op.Park, startChildren, makeChildren)

const startChildren = (
  fiber: FiberState,
  makeChildren: (parent: FiberState) => Children
): Task<unknown, unknown> | undefined => makeChildren(fiber).wait()
