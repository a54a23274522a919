/**
 * The state of a Group: its fibers, how far it has closed, and the fibers that wait for that.
 *
 * A scope is open, then closing, then closed, and never goes back. Closing a scope marks all scopes
 * below it as closing in the same step, before any fiber is asked to stop. A scope is closed once
 * no fiber and no scope below it is left, and everything that it acquired has been released.
 */

import { die, sync, unit } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import { make, Op, type Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import type { HostContext } from '../data/host-context.js'
import { runIn } from '../data/host-context.js'
import { LinkedList } from '../data/linked-list.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import {
  type FiberList,
  FiberState,
  Flag,
  interruptAll,
  isAcquiringFor,
  isBelow,
  type Locals,
  type Owner,
  type RuntimeServices
} from '../runtime/fiber-state.js'
import { hookDispatcher, type LiveFiber, type LiveGroup } from '../runtime/hooks.js'
import { CallbackTimer, startTimer, stopTimer } from '../runtime/host/timers.js'
import { asPublicFiber } from '../runtime/public-fiber.js'
import { openBranches } from '../runtime/root-fibers.js'
import type { Branch } from '../runtime/wait.js'
import { OwnedWaitQueue, park, waitersIn, wakeAll } from '../runtime/wait-queue.js'
import { catchCause } from '../task/catch-cause.js'
import { withFiber } from '../task/current-fiber.js'
import { uninterruptible } from '../task/interruptibility.js'
import { Acquirers } from './acquirers.js'

export const enum ScopeState {
  Open,
  Closing,
  Closed
}

export type OnFailure = (cause: Cause<never>, fiber: Fiber<never, unknown>) => void

/** Where fibers wait until a scope is closing or, if `until` is set, until it is closed. */
class ScopeWaitQueue extends OwnedWaitQueue<undefined> {
  constructor(
    waitsFor: string,
    readonly group: Scope,
    readonly until?: Scope
  ) {
    super(waitsFor)
  }
}

let scopesMade = 0

export class Scope implements Owner, Branch, LiveGroup {
  readonly id: number = ++scopesMade
  /** Only ever increases. */
  state: ScopeState = ScopeState.Open
  readonly fibers: FiberList = new LinkedList()
  /** Scopes whose `above` is this one and that are not closed. */
  private below: Set<Scope> | undefined = undefined
  /** Tasks that release what was acquired, in order of acquisition. Empty once the scope is closed. */
  private releases: Array<Task<never, unknown>> = []
  /** Created with the first acquisition. */
  private acquirers: Acquirers | undefined = undefined
  /** The number of acquisitions in progress, plus one while `releaseAll` runs. */
  private busy = 0
  /** The fiber that runs the releases. Set exactly while it runs. */
  private releasing: FiberState | undefined = undefined
  /** The outermost scope. */
  private readonly root: Scope
  /** In the outermost scope: the number of fibers and acquisitions in it and in all scopes below. */
  private shown = 0
  /** Whether its fibers have been asked to stop. */
  private isStopping = false
  /** Cancels the timer of a grace period. Set exactly while there is one. */
  private cancelGrace: (() => void) | undefined = undefined
  private readonly closingWaiters: OwnedWaitQueue<undefined>
  private readonly closedWaiters: OwnedWaitQueue<undefined>
  /** Called once, when the scope is closed. */
  onClosed: (() => void) | undefined = undefined

  constructor(
    readonly services: RuntimeServices,
    /** The scope directly above, or the fiber that cannot end before this scope. */
    readonly above: Scope | FiberState | undefined,
    readonly name: string | undefined,
    private readonly onFailure: OnFailure | undefined,
    /** The host context in which the scope was created; its handler and its releases run in it. */
    private readonly context: HostContext | undefined
  ) {
    this.root = above instanceof Scope ? above.root : this
    const of = name === undefined ? '' : ` ${name}`
    this.closingWaiters = new ScopeWaitQueue(`Group.waitClosing${of}`, this)
    this.closedWaiters = new ScopeWaitQueue(`Group.waitClosed${of}`, this, this)
    hookDispatcher.bound?.groupOpened.emit(services, this)
  }

  get title(): string {
    const name = this.name === undefined ? '' : ` ${this.name}`
    const busy = this.busy === 0 ? '' : ', acquiring or releasing'
    return `group${name} (${this.stage}${busy})`
  }

  get stage(): LiveGroup['stage'] {
    return this.state === ScopeState.Open ? 'open' : this.state === ScopeState.Closing ? 'closing' : 'closed'
  }

  get size(): number {
    return this.fibers.size
  }

  get parent(): LiveFiber | LiveGroup | undefined {
    return this.above instanceof FiberState ? asPublicFiber(this.above) : this.above
  }

  /** Whether the scope has acquired resources that it has not released yet. */
  get isHolding(): boolean {
    return this.releases.length > 0
  }

  get group(): this {
    return this
  }

  get holder(): this {
    return this
  }

  get branches(): Iterable<Branch> {
    const below = this.below ?? []
    return this.releasing === undefined
      ? below
      : [{ fibers: { first: this.releasing }, branches: [] }, ...below]
  }

  // ---- coming in

  /**
   * Starts a fiber in the scope, in the host context `context`. May only be called while the scope is open.
   */
  start(
    services: RuntimeServices,
    task: Task<unknown, unknown>,
    context: HostContext | undefined,
    name?: string,
    locals?: Locals
  ): FiberState {
    const fiber = new FiberState(services, task, this, name, locals, context)
    this.fibers.add(fiber)
    this.appear()
    fiber.begin()
    return fiber
  }

  /**
   * Counts a fiber or an acquisition in the scope. A dump shows only
   * these, so the root is registered for dumps only while there is one.
   */
  private appear(): void {
    if (this.root.shown++ === 0 && this.root.above === undefined) openBranches.add(this.root)
  }

  private disappear(): void {
    if (--this.root.shown === 0) openBranches.delete(this.root)
  }

  /** Creates a scope below this one. May only be called while this scope is open. */
  makeBelow(
    name: string | undefined,
    onFailure: OnFailure | undefined,
    context: HostContext | undefined
  ): Scope {
    const scope = new Scope(this.services, this, name, onFailure, context)
    this.below ??= new Set()
    this.below.add(scope)
    return scope
  }

  /** Called when `fiber` begins an acquisition: the scope is not closed before the acquisition has ended. */
  beginAcquiring(fiber: FiberState): void {
    this.acquirers ??= new Acquirers(this)
    this.acquirers.add(fiber)
    this.busy++
    this.appear()
  }

  /**
   * Called when the acquisition of `fiber` has ended. If it
   * produced a resource, `release` runs when the scope closes.
   */
  endAcquiring(fiber: FiberState, release?: Task<never, unknown>): void {
    this.acquirers?.remove(fiber)
    this.busy--
    this.disappear()
    if (release !== undefined) this.releases.push(release)
    this.check()
  }

  // ---- going out

  ended(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    this.fibers.remove(fiber)
    this.disappear()
    if (exit._tag === 'Left') this.reportFailure(exit.left, fiber)
    this.check()
  }

  /** Calls the nearest failure handler, or reports the cause if there is no handler. */
  private reportFailure(whole: Cause<unknown>, fiber: FiberState): void {
    const [untyped, cause] = Reasons.withoutUntyped(whole)
    if (untyped !== undefined) fiber.runtime.report(untyped, fiber)
    if (cause === undefined || !Reasons.isWorthTelling(cause)) return
    let scope: Scope | FiberState | undefined = this
    while (scope instanceof Scope && scope.onFailure === undefined) scope = scope.above
    if (!(scope instanceof Scope) || scope.onFailure === undefined) {
      fiber.runtime.report(cause, fiber)
      return
    }
    const { onFailure, context } = scope
    try {
      // SAFETY: a scope accepts only tasks that fail with errors that its handler accepts.
      const shown = asPublicFiber(fiber) as Fiber<unknown, unknown> as Fiber<never, unknown>
      runIn(context, onFailure, cause as Cause<never>, shown)
    } catch (thrown) {
      fiber.runtime.report(Reasons.die(thrown), fiber)
    }
  }

  // ---- closing

  /**
   * Starts closing at once. Asks the fibers to stop, now or after
   * `graceMs` milliseconds, or lets them end by themselves.
   */
  close(interrupt: boolean, graceMs?: number): void {
    if (this.state === ScopeState.Closed) return
    const all = this.withAllBelow()
    for (const scope of all) scope.markClosing()
    if (interrupt && graceMs === undefined) stopFibers(all)
    else if (graceMs !== undefined && !this.isStopping) this.stopIn(graceMs)
    for (const scope of all) scope.interruptOwnWaiters()
    checkAll(all)
  }

  /** Returns this scope and every scope below it, at any depth, each scope before those below it. */
  private withAllBelow(): ReadonlyArray<Scope> {
    const all: Array<Scope> = [this]
    // The list grows while it is processed from the front.
    for (let index = 0; index < all.length; index++)
      for (const scope of all[index]?.below ?? []) all.push(scope)
    return all
  }

  private markClosing(): void {
    if (this.state !== ScopeState.Open) return
    this.state = ScopeState.Closing
    hookDispatcher.bound?.groupClosing.emit(this.services, this)
    wakeAll(this.closingWaiters, unit)
  }

  stop(): void {
    this.isStopping = true
    this.endGrace()
    interruptAll(this.fibers, 0)
  }

  /**
   * Interrupts fibers of this scope, and fibers in an acquisition for
   * it, that wait for its end: they would delay that end forever.
   */
  private interruptOwnWaiters(): void {
    for (const { fiber } of waitersIn(this.closedWaiters)) {
      if (fiber instanceof FiberState && this.waitsFor(fiber)) fiber.requestInterruption(fiber.id)
    }
  }

  /**
   * Whether the scope cannot be closed before `fiber` has ended, or the acquisition that `fiber` is part of.
   */
  private waitsFor(fiber: FiberState): boolean {
    return isBelow(fiber, this) || isAcquiringFor(fiber, this)
  }

  /**
   * Starts a grace period of `ms` milliseconds. If one is already running, the one that ends sooner counts.
   */
  private stopIn(ms: number): void {
    const now = this.services.now()
    if (this.cancelGrace !== undefined) {
      if (now + ms >= this.graceEnds) return
      this.endGrace()
    }
    this.graceEnds = now + ms
    const { clock } = this.services
    const alarm = new CallbackTimer(() => {
      this.cancelGrace = undefined
      const all = this.withAllBelow()
      stopFibers(all)
      checkAll(all)
    })
    startTimer(clock, alarm, ms)
    this.cancelGrace = () => stopTimer(clock, alarm)
  }

  private graceEnds = 0

  private endGrace(): void {
    this.cancelGrace?.()
    this.cancelGrace = undefined
  }

  /** Closes the scope if it is closing and nothing is left in it, then does the same for the scopes above. */
  check(): void {
    let scope: Scope | undefined = this
    while (scope?.tryToClose()) {
      const { above }: Scope = scope
      if (above instanceof Scope) above.below?.delete(scope)
      scope.onClosed?.()
      scope = above instanceof Scope ? above : undefined
    }
  }

  private tryToClose(): boolean {
    if (this.state !== ScopeState.Closing || (this.below?.size ?? 0) > 0) return false
    if (this.fibers.size > (this.acquirers?.members ?? 0)) return false
    if (this.busy > 0) {
      this.acquirers?.watch()
      return false
    }
    if (this.releases.length > 0) {
      this.releaseAll()
      return false
    }
    this.state = ScopeState.Closed
    this.endGrace()
    hookDispatcher.bound?.groupClosed.emit(this.services, this)
    wakeAll(this.closedWaiters, unit)
    return true
  }

  /**
   * Runs the releases, uninterruptibly, in reverse order of acquisition.
   * A release that dies is reported and does not stop the others.
   */
  private releaseAll(): void {
    const releases = this.releases.reverse()
    this.releases = []
    this.busy++
    this.appear()
    const owner: Owner = {
      above: this,
      holder: this,
      ended: () => {
        this.releasing = undefined
        this.busy--
        this.disappear()
        this.check()
      }
    }
    const task = releases.reduceRight<Task<never, unknown>>(
      (rest, release) => make(Op.FlatMap, this.reporting(release), () => rest),
      unit
    )
    const masked = uninterruptible(task)
    const name = this.name === undefined ? 'release' : `release of ${this.name}`
    this.releasing = new FiberState(this.services, masked, owner, name, undefined, this.context)
    this.releasing.begin()
  }

  /** Returns `release` so that a defect in it is reported. */
  reporting(release: Task<never, unknown>): Task<never, unknown> {
    return catchCause((cause: Cause<unknown>) =>
      withFiber((fiber) => sync(() => fiber.runtime.report(cause, fiber)))
    )(release)
  }

  // ---- waiting for it

  readonly waitClosing: Task<never, void> = make(Op.Park, Scope.lookClosing, this)

  private static lookClosing(fiber: FiberState, scope: Scope): Task<unknown, unknown> | undefined {
    return scope.state === ScopeState.Open ? park(scope.closingWaiters, fiber, undefined) : unit
  }

  readonly waitClosed: Task<never, void> = make(Op.Park, Scope.lookClosed, this)

  /**
   * One of the scope's own fibers would wait for its own end. It may do so while the scope is open, because
   * closing interrupts it. If the scope is closing, the fiber is interrupted at this wait, so that the scope
   * gets closed (cpython#155418). A masked fiber could never be interrupted, which is a bug in the program.
   */
  private static lookClosed(fiber: FiberState, scope: Scope): Task<unknown, unknown> | undefined {
    if (scope.state === ScopeState.Closed) return unit
    if (scope.waitsFor(fiber)) {
      if ((fiber.flags & Flag.Region) !== 0) return die(new Error(ownWait(fiber, scope)))
      if (scope.state === ScopeState.Closing) fiber.requestInterruption(fiber.id)
    }
    return park(scope.closedWaiters, fiber, undefined)
  }
}

const ownWait = (fiber: FiberState, scope: Scope): string =>
  `fiber ${asPublicFiber(fiber).title} waits in an uninterruptible region until its own ${scope.title} is closed, which can never come: ` +
  'close it without waiting (close()), or wait in a fiber outside of it'

const stopFibers = (scopes: ReadonlyArray<Scope>): void => {
  for (const scope of scopes) scope.stop()
}

/** Checks the innermost scopes first, so that a scope that closes finds nothing below it. */
const checkAll = (scopes: ReadonlyArray<Scope>): void => {
  for (let index = scopes.length - 1; index >= 0; index--) scopes[index]?.check()
}
