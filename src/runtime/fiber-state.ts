/**
 * The mutable record of a fiber: its next operation, its frames, and whether and by which fiber its
 * interruption was requested. The run loop is a function over it.
 *
 * It is kept small, because programs park fibers by the hundred thousand: frames are saved only while a fiber
 * waits, small integers hold the flags, and what few fibers need is created at first use.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { unit } from '../core/construct.js'
import { type Node, nodeOf, type Task } from '../core/node.js'
import { none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { AbortControllerLike } from '../data/host.js'
import { contextCapture, type HostContext } from '../data/host-context.js'
import type { LinkedList } from '../data/linked-list.js'
import type { Cause, FiberId, Reason } from '../data/reasons.js'
import { interruptWith } from '../data/reasons.js'
import { type Hooks, hookDispatcher, type LiveGroup } from './hooks.js'
import type { Clock } from './host/clock.js'
import type { Branch, Parkable, Wait } from './wait.js'

export const enum Flag {
  /** Its interruption was requested, and has not been forgotten. */
  Requested = 1,
  /** In an uninterruptible region. */
  Masked = 2,
  /** In an uncancellable region. */
  Uncancellable = 4,
  /** It is failing with its own interruption. */
  Delivered = 8,
  /**
   * It cleans up after its own interruption, which is not delivered again meanwhile,
   * even in an interruptible region.
   */
  CleaningUp = 16,
  Done = 32,
  Running = 64,
  /** It yielded at a checkpoint, where an interruption may be delivered. */
  AtCheckpoint = 128,
  /** Its exit has been observed, or a waiter will observe it. */
  Observed = 256,
  /** Its turn continues in another async context. */
  Switching = 512,
  /** The flags that decide whether an interruption is delivered; `Requested` alone means now. */
  Delivery = 31,
  /** The flags that the frames of cleanups save and restore. */
  Saved = 30,
  /** The flags that the frames of regions save and restore. */
  Region = 6
}

/** The owner of a fiber: it started the fiber and is notified of its end. */
export interface Owner {
  /** Called once, when the fiber is already done. */
  ended(fiber: FiberState, exit: Exit<unknown, unknown>): void
  /** The fiber or the owner that cannot end before the fibers of this owner have ended. */
  readonly above?: FiberState | Owner | undefined
  /**
   * Whether the value with which `fiber` ends now, although its interruption was requested, reaches a caller
   * as a result, and not only as a late result inside an interruption. Defaults to true.
   */
  takesLate?(): boolean
  /**
   * Whether the late result inside the interruption of one of its fibers reaches a caller
   * as a result. Defaults to false.
   */
  takesInnerLateResult?(): boolean
  /** The parent of its fibers, as hooks see it. */
  readonly holder?: FiberState | LiveGroup | undefined
}

/** The part of a fiber that messages need. */
export interface Named {
  readonly id: FiberId
  readonly name: string | undefined
}

/** The services of a runtime that a fiber uses. */
export interface RuntimeServices {
  /** Undefined for the host's clock. */
  readonly clock: Clock | undefined
  readonly yieldEvery: number
  /** The hooks that the runtime was created with. */
  readonly hooks: Hooks | undefined
  /** Returns the time of the clock in milliseconds. */
  now(): number
  /**
   * Returns the time of the clock in whole milliseconds, possibly a little late.
   * For output that only humans read.
   */
  coarseNow(): number
  /**
   * Starts a new fiber of the edge: within the call if nothing forbids that (see `startWithinCall` of the host's ready
   * queue), and otherwise by `begin`.
   */
  start(fiber: FiberState): void
  /**
   * Schedules a turn of `fiber`, which can continue. With `isAlone`, the call comes from the bottom of the
   * stack in the host's async context of `fiber`, and the turn may start at once.
   */
  ready(fiber: FiberState, isAlone?: boolean): void
  /** Schedules a turn of `fiber` after every other ready fiber and the event loop's I/O. */
  readyLater(fiber: FiberState): void
  /** Reports a cause that is visible nowhere else. Never throws. */
  report(cause: Cause<unknown>, fiber: Named): void
  random(): number
  /** Values that must stay alive as long as this object. */
  readonly keeps: unknown
}

/** The values of FiberLocals. */
export type Locals = ReadonlyMap<object, { readonly value: unknown }>

/**
 * The cause that most interrupted fibers end with: a group that closes is not a fiber. One object serves all.
 */
const byNobody: Cause<never> = /* @__PURE__ */ interruptWith(none, none)

/** Ids start at 1: 0 means that no fiber made an interruption. */
let fibersMade = 0

class Extra {
  controller: AbortControllerLike | undefined = undefined
  /** The groups for which it is acquiring something, the innermost last. */
  acquiresFor: ReadonlyArray<Owner> | undefined = undefined

  constructor(
    readonly name: string | undefined,
    public locals: Locals | undefined
  ) {}
}

/** Returns the fields of `fiber` that few fibers need, and creates them at first use. */
export function extraOf(fiber: FiberState): Extra {
  fiber.extra ??= new Extra(undefined, undefined)
  return fiber.extra
}

/**
 * Returns the host's async context of `fiber`. Must be called in that context,
 * because it is captured at first use.
 */
export function hostContextOf(fiber: FiberState): HostContext | undefined {
  return (fiber.context ??= contextCapture.bound?.())
}

/** A waiter for the end of a fiber. */
interface EndWaiter {
  readonly fiber: Parkable
  /** Returns what the waiter continues with, given the exit of the fiber. */
  readonly payload: (exit: Exit<unknown, unknown>) => Task<unknown, unknown>
  leave(): void
}

export class FiberState implements Parkable {
  readonly id: FiberId
  flags: number
  /** What it runs at its next turn; undefined while it waits, runs or is done. */
  current: Node | undefined
  /** Its frames, in the form that `framesOf` reads. */
  frames: unknown
  code: unknown
  /** Set exactly while it waits. */
  waiting: Wait | undefined
  /**
   * The fiber that was the first to request its interruption; 0 if none did, or if the
   * request did not come from a fiber.
   */
  interruptedBy: FiberId
  /** Its exit; set exactly when it is done, or about to be. */
  result: Exit<unknown, unknown> | undefined
  /** The fibers that join it or wait for it, in order. */
  first: EndWaiter | undefined
  /** The fields that few fibers need. */
  extra: Extra | undefined
  /** Its neighbors in its owner's list. */
  previous: FiberState | undefined
  next: FiberState | undefined
  /**
   * The clock's time when it first waited or yielded; -1 until then. Most fibers end before, and
   * reading the clock is expensive.
   */
  began: number
  /** The number that its owner gave it. */
  place: number

  constructor(
    readonly runtime: RuntimeServices,
    task: Task<unknown, unknown>,
    readonly owner: Owner,
    name?: string,
    locals?: Locals,
    /**
     * The host's async context of its turns. Undefined if the host has none, once the fiber has ended, and
     * as long as the host itself keeps the context for the first turn: it is captured when it is needed,
     * which for a short run is never.
     */
    public context?: HostContext | undefined
  ) {
    this.id = ++fibersMade
    this.flags = 0
    this.current = nodeOf(task)
    this.frames = undefined
    this.code = undefined
    this.waiting = undefined
    this.interruptedBy = 0
    this.result = undefined
    this.first = undefined
    this.extra = name === undefined && locals === undefined ? undefined : new Extra(name, locals)
    this.previous = undefined
    this.next = undefined
    this.began = -1
    this.place = 0
  }

  /** Schedules its first turn. */
  begin(): void {
    this.runtime.ready(this)
    hookDispatcher.bound?.fiberStarted.emit(this.runtime, this)
  }

  get isDone(): boolean {
    return (this.flags & Flag.Done) !== 0
  }

  get name(): string | undefined {
    return this.extra?.name
  }

  // ---- what the runtime does with it

  /**
   * Continues with `task` at its next turn, which with `isAlone` may start at once (see
   * `RuntimeServices.ready`). The fiber must be waiting, and its waiter must have left its queue.
   */
  wake(task: Task<unknown, unknown>, isAlone?: boolean): void {
    this.waiting = undefined
    this.current = nodeOf(task)
    this.runtime.ready(this, isAlone)
  }

  /**
   * Requests its interruption. A wait ends in this very step, so that nothing can
   * be passed to the fiber any more.
   */
  requestInterruption(by: FiberId): void {
    if ((this.flags & (Flag.Requested | Flag.Done)) !== 0) return
    this.flags |= Flag.Requested
    this.interruptedBy = by
    if (this.isInterruptionDue) this.waiting?.interrupt(this)
  }

  /** Records that it fails with its own interruption from here on. */
  markDelivered(): void {
    this.flags |= Flag.Delivered
    this.abort()
  }

  /** Aborts its signal, if one was created. */
  abort(): void {
    this.extra?.controller?.abort()
  }

  /** Whether an interruption is to be delivered at a checkpoint. */
  get isInterruptionDue(): boolean {
    return (this.flags & Flag.Delivery) === Flag.Requested
  }

  /** Returns the cause of its own interruption, with the late result `result` if there is one. */
  interruption(result: Option<Exit<unknown, unknown>> = none): Cause<never> {
    if (this.interruptedBy === 0 && result._tag === 'None') return byNobody
    return interruptWith(this.interruptedBy === 0 ? none : some(this.interruptedBy), result)
  }

  /** Ends the fiber with `result`: wakes the fibers that wait for its end, then notifies its owner. */
  finish(): void {
    // SAFETY: the run loop has set it.
    const exit = this.result as Exit<unknown, unknown>
    this.flags = (this.flags | Flag.Done) & ~Flag.Running
    hookDispatcher.bound?.fiberEnded.emit(this.runtime, this, exit)
    // The context may hold large values, and a handle of the fiber may be kept for long.
    this.context = undefined
    if (this.extra !== undefined)
      this.extra = this.name === undefined ? undefined : new Extra(this.name, undefined)
    for (let waiter = this.first; waiter !== undefined; waiter = this.first) {
      waiter.leave()
      waiter.fiber.wake(waiter.payload(exit))
    }
    this.owner.ended(this, exit)
  }
}

/**
 * Whether `reason` is the interruption of `fiber` itself, not one of another fiber that it has only observed.
 */
export const isOwnInterrupt = (fiber: FiberState, reason: Reason<unknown>): boolean =>
  reason._tag === 'Interrupt' &&
  (fiber.flags & Flag.Requested) !== 0 &&
  (reason.by._tag === 'Some' ? reason.by.value : 0) === fiber.interruptedBy

/** Whether the interruption of `fiber` itself is among the reasons of `cause`. */
export const isOwnInterruption = (fiber: FiberState, cause: Cause<unknown>): boolean =>
  cause.reasons.some((reason) => isOwnInterrupt(fiber, reason))

/** Safe because only fibers can wait. */
export const asFiber = (fiber: Parkable): FiberState => fiber as FiberState

/** The fibers of one owner, in order of creation. */
export type FiberList = LinkedList<FiberState>

/** Whether `fiber` is part of what `owner` waits for, at any depth. */
export const isBelow = (fiber: FiberState, owner: Owner): boolean => isWithin(fiber.owner, owner)

/** Whether `owner` cannot end before an acquisition that `fiber` is part of has ended. */
export function isAcquiringFor(fiber: FiberState, owner: Owner): boolean {
  let current: FiberState | Owner | undefined = fiber
  while (current !== undefined) {
    if (current instanceof FiberState) {
      if (current.extra?.acquiresFor?.some((group) => isWithin(group, owner)) === true) return true
      current = current.owner
    } else current = current.above
  }
  return false
}

/** Whether `inner` is `outer` or below it. */
function isWithin(inner: FiberState | Owner | undefined, outer: Owner): boolean {
  for (let owner = inner; owner !== undefined; ) {
    if (owner === outer) return true
    owner = owner instanceof FiberState ? owner.owner : owner.above
  }
  return false
}

/** Returns the fibers of a part of the tree, in order of creation. */
export function fibersIn({ fibers }: Pick<Branch, 'fibers'>): ReadonlyArray<FiberState> {
  const found: Array<FiberState> = []
  for (let fiber = fibers.first; fiber !== undefined; fiber = fiber.next) found.push(asFiber(fiber))
  return found
}

/**
 * Requests the interruption of each fiber. A fiber that ends because of it does not disturb the iteration,
 * because fibers end only at their turn.
 */
export function interruptAll(fibers: FiberList, by: FiberId): void {
  for (let fiber = fibers.first; fiber !== undefined; fiber = fiber.next) fiber.requestInterruption(by)
}

/**
 * Never runs. V8 forgets the shape of a class, and all code compiled for it, once no object of the class is
 * left. Without this fiber, a program in which no fiber runs for a while would start over each time.
 */
export const blank: FiberState = /* @__PURE__ */ makeBlank()

function makeBlank(): FiberState {
  const fiber = new FiberState({} as RuntimeServices, unit, {} as Owner)
  fibersMade = 0
  return fiber
}
