/**
 * What a Group is made of: who is in it, how far it has closed, and who waits for that.
 *
 * open, then closing, then closed, and never back. Closing a scope closes all below it in the same step,
 * before any fiber is asked to stop; it is closed once no fiber and no scope below is left, and what was
 * acquired has been released.
 */

import { die, sync, unit } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import { make, Op, type Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import type { HostContext } from '../data/host-context.js'
import { runIn } from '../data/host-context.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import {
  FiberList,
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
import { Alarm, startTimer, stopTimer } from '../runtime/host/timers.js'
import { asPublicFiber } from '../runtime/public-fiber.js'
import { openBranches } from '../runtime/root-fibers.js'
import type { Branch } from '../runtime/wait.js'
import { OwnedWaitQueue, park, waitersIn, wakeAll } from '../runtime/wait-queue.js'
import { withFiber } from '../task/current-fiber.js'
import { uninterruptible } from '../task/interruptibility.js'
import { Acquirers } from './acquirers.js'

export const enum ScopeState {
  Open,
  Closing,
  Closed
}

export type OnFailure = (cause: Cause<never>, fiber: Fiber<never, unknown>) => void

/** Where fibers wait until a scope is closing; with `until`, until it is closed. */
class ScopeLine extends OwnedWaitQueue<undefined> {
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
  /** Only ever grows. */
  state: ScopeState = ScopeState.Open
  readonly fibers: FiberList = new FiberList()
  /** Scopes that have this one above them and are not closed. */
  private below: Set<Scope> | undefined = undefined
  /** What releases that which was acquired, in order of acquisition. Empty once it is closed. */
  private releases: Array<Task<never, unknown>> = []
  /** Made with the first acquisition. */
  private acquirers: Acquirers | undefined = undefined
  /** Acquisitions under way, and the releasing at the end. */
  private busy = 0
  /** The fiber that releases, while it does. */
  private releasing: FiberState | undefined = undefined
  /** The one at the top. */
  private readonly root: Scope
  /** At the top: how many fibers and acquisitions there are in it and below. */
  private shown = 0
  /** Whether its fibers have been asked to stop. */
  private isStopping = false
  /** Undoes the timer of a grace period. Set exactly while there is one. */
  private cancelGrace: (() => void) | undefined = undefined
  private readonly closingWaiters: OwnedWaitQueue<undefined>
  private readonly closedWaiters: OwnedWaitQueue<undefined>
  /** Called once, when the scope is closed. */
  onClosed: (() => void) | undefined = undefined

  constructor(
    readonly services: RuntimeServices,
    /** The scope that it is below of, or the fiber that cannot end before it. */
    readonly above: Scope | FiberState | undefined,
    readonly name: string | undefined,
    private readonly onFailure: OnFailure | undefined,
    /** The host's context in which it was made: that of its handler and of its releases. */
    private readonly context: HostContext | undefined
  ) {
    this.root = above instanceof Scope ? above.root : this
    const of = name === undefined ? '' : ` ${name}`
    this.closingWaiters = new ScopeLine(`Group.waitClosing${of}`, this)
    this.closedWaiters = new ScopeLine(`Group.waitClosed${of}`, this, this)
    hookDispatcher?.groupOpened.emit(services, this)
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

  /** Whether it has acquired what it has yet to release. */
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

  /** Starts a fiber in it, in the host's context `context`. Only while it is open. */
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

  /** A fiber in it, or an acquisition: those are what a dump shows, so only then is its root kept for one. */
  private appear(): void {
    if (this.root.shown++ === 0 && this.root.above === undefined) openBranches.add(this.root)
  }

  private disappear(): void {
    if (--this.root.shown === 0) openBranches.delete(this.root)
  }

  /** A scope below it. Only while it is open. */
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

  /** `fiber` begins an acquisition: the scope is not closed before that has come to an end. */
  beginAcquiring(fiber: FiberState): void {
    this.acquirers ??= new Acquirers(this)
    this.acquirers.add(fiber)
    this.busy++
    this.appear()
  }

  /** The acquisition has come to an end; what it brought, if it did, is released when the scope closes. */
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
    if (exit._tag === 'Left') this.tell(exit.left, fiber)
    this.check()
  }

  /** Calls the nearest handler; if there is none, the reporter. */
  private tell(whole: Cause<unknown>, fiber: FiberState): void {
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
      // SAFETY: only tasks that fail with what the handler takes were let in.
      const shown = asPublicFiber(fiber) as Fiber<unknown, unknown> as Fiber<never, unknown>
      runIn(context, onFailure, cause as Cause<never>, shown)
    } catch (thrown) {
      fiber.runtime.report(Reasons.die(thrown), fiber)
    }
  }

  // ---- closing

  /**
   * Starts closing, at once; asks the fibers to stop, now or after `graceMs`, or leaves them to end by
   * themselves.
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

  /** It and every scope below it, at whatever depth; those above before those below. */
  private withAllBelow(): ReadonlyArray<Scope> {
    const all: Array<Scope> = [this]
    // The list is worked off from its front while it grows.
    for (let index = 0; index < all.length; index++)
      for (const scope of all[index]?.below ?? []) all.push(scope)
    return all
  }

  private markClosing(): void {
    if (this.state !== ScopeState.Open) return
    this.state = ScopeState.Closing
    hookDispatcher?.groupClosing.emit(this.services, this)
    wakeAll(this.closingWaiters, unit)
  }

  stop(): void {
    this.isStopping = true
    this.endGrace()
    interruptAll(this.fibers, 0)
  }

  /**
   * One of its own, or part of an acquisition for it, that already waits for its end would hold it up for
   * ever.
   */
  private interruptOwnWaiters(): void {
    for (const { fiber } of waitersIn(this.closedWaiters)) {
      if (fiber instanceof FiberState && this.waitsFor(fiber)) fiber.requestInterruption(fiber.id)
    }
  }

  /** Whether it cannot be closed before `fiber` has ended, or the acquisition that `fiber` is part of. */
  private waitsFor(fiber: FiberState): boolean {
    return isBelow(fiber, this) || isAcquiringFor(fiber, this)
  }

  /** The sooner of two grace periods counts. */
  private stopIn(ms: number): void {
    const now = this.services.now()
    if (this.cancelGrace !== undefined) {
      if (now + ms >= this.graceEnds) return
      this.endGrace()
    }
    this.graceEnds = now + ms
    const { clock } = this.services
    const alarm = new Alarm(() => {
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

  /** Closed, once it is closing and nothing is left; then the same for the one above, and so on up. */
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
    hookDispatcher?.groupClosed.emit(this.services, this)
    wakeAll(this.closedWaiters, unit)
    return true
  }

  /** Last acquired first, out of reach of interruption. One that dies stops no other and is reported. */
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

  /** `release`, whose defect goes to the reporter. */
  reporting(release: Task<never, unknown>): Task<never, unknown> {
    return make(Op.CatchCause, release, (cause: Cause<unknown>) =>
      withFiber((fiber) => sync(() => fiber.runtime.report(cause, fiber)))
    )
  }

  // ---- waiting for it

  readonly waitClosing: Task<never, void> = make(Op.Park, Scope.lookClosing, this)

  private static lookClosing(fiber: FiberState, scope: Scope): Task<unknown, unknown> | undefined {
    return scope.state === ScopeState.Open ? park(scope.closingWaiters, fiber, undefined) : unit
  }

  readonly waitClosed: Task<never, void> = make(Op.Park, Scope.lookClosed, this)

  /**
   * One of its own fibers would wait for its own end. While it is open it may: closing interrupts it. Once it
   * is closing the fiber is interrupted at this wait, so that the scope gets closed (cpython#155418); masked,
   * it could never be, which is a bug.
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

/** From below to above, so that what closes finds nothing below it. */
const checkAll = (scopes: ReadonlyArray<Scope>): void => {
  for (let index = scopes.length - 1; index >= 0; index--) scopes[index]?.check()
}
