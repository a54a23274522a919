/**
 * The mutable record of a fiber: what it runs next, what it has yet to come back to, whether and by whom it
 * was asked to stop. The run loop is a function over it.
 *
 * It is kept small, since programs park fibers by the hundred thousand: frames are saved only while it waits,
 * small integers hold the flags, and what few fibers need is made at first use.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { unit } from '../core/construct.js'
import { type Node, nodeOf, type Task } from '../core/node.js'
import { none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { AbortControllerLike } from '../data/host.js'
import { captureContext, type HostContext } from '../data/host-context.js'
import type { Cause, FiberId, Reason } from '../data/reasons.js'
import { interruptWith } from '../data/reasons.js'
import { type Hooks, hookDispatcher, type LiveGroup } from './hooks.js'
import type { Clock } from './host/clock.js'
import type { Branch, Parkable, Wait } from './wait.js'

export const enum Flag {
  /** Somebody asked for its interruption, and it has not been forgotten. */
  Requested = 1,
  /** In an uninterruptible region. */
  Masked = 2,
  /** In an uncancellable region. */
  Uncancellable = 4,
  /** Its own interruption is what it is failing with. */
  Delivered = 8,
  /**
   * It cleans up after its own interruption, which is not delivered again meanwhile, whatever is made
   * interruptible.
   */
  CleaningUp = 16,
  Done = 32,
  Running = 64,
  /** It gave way at a place where an interruption may be delivered. */
  AtCheckpoint = 128,
  /** Somebody has seen, or waits to see, how it ends. */
  Observed = 256,
  /** Its turn goes on, in another async context. */
  Switching = 512,
  /** What decides whether an interruption is delivered; `Requested` alone means now. */
  Delivery = 31,
  /** What frames of clean-ups save and give back. */
  Saved = 30,
  /** What frames save and give back. */
  Region = 6
}

/** The owner of a fiber: it started the fiber and is notified when the fiber ends. */
export interface Owner {
  /** Called once, with the fiber already done. */
  ended(fiber: FiberState, exit: Exit<unknown, unknown>): void
  /** The fiber that cannot end before those of this owner have, or the owner that cannot. */
  readonly above?: FiberState | Owner | undefined
  /**
   * Whether the value with which `fiber` ends now, although it was asked to stop, reaches somebody as a
   * result, and not only as what an interruption carries. It does where this is left out.
   */
  takesLate?(): boolean
  /** Whether it uses the late result in the interruption of one of its fibers. If left out, it does not. */
  takesCarried?(): boolean
  /** What hooks see its fibers as parts of. */
  readonly holder?: FiberState | LiveGroup | undefined
}

/** A fiber, for words. */
export interface Named {
  readonly id: FiberId
  readonly name: string | undefined
}

/** The services of a runtime that a fiber uses. */
export interface RuntimeServices {
  /** Undefined for the host's. */
  readonly clock: Clock | undefined
  readonly yieldEvery: number
  /** Those that it was made with. */
  readonly hooks: Hooks | undefined
  /** The clock's milliseconds. */
  now(): number
  /** The runtime's time in whole ms, possibly slightly late: for values that only people read. */
  coarseNow(): number
  /**
   * `fiber` can go on: its turn comes; with `isAlone`, called from the bottom of the stack in the host's
   * async context of `fiber`, it may be now.
   */
  ready(fiber: FiberState, isAlone?: boolean): void
  /** Makes `fiber` ready after every other ready fiber and the event loop's I/O. */
  readyLater(fiber: FiberState): void
  /** Reports a failure or defect that no other code can observe. Never throws. */
  report(cause: Cause<unknown>, fiber: Named): void
  random(): number
  /** What is to stay alive as long as this. */
  readonly keeps: unknown
}

/** The values of FiberLocals. */
export type Locals = ReadonlyMap<object, { readonly value: unknown }>

/** What most fibers end with that are stopped: a group that closes is no fiber. One serves all. */
const byNobody: Cause<never> = /* @__PURE__ */ interruptWith(none, none)

/** Ids start at 1: 0 means that no fiber made an interruption. */
let fibersMade = 0

class Extra {
  controller: AbortControllerLike | undefined = undefined
  /** The groups for which it acquires something now, the innermost last. */
  acquiresFor: ReadonlyArray<Owner> | undefined = undefined

  constructor(
    readonly name: string | undefined,
    public locals: Locals | undefined
  ) {}
}

/** What few fibers have, from now on also `fiber`. */
export function extraOf(fiber: FiberState): Extra {
  fiber.extra ??= new Extra(undefined, undefined)
  return fiber.extra
}

/** The host's async context of `fiber`, which is in it now. */
export function hostContextOf(fiber: FiberState): HostContext | undefined {
  return (fiber.context ??= captureContext())
}

/** A waiter for the end of a fiber. */
interface EndWaiter {
  readonly fiber: Parkable
  /** What it goes on with, given how the fiber has ended. */
  readonly payload: (exit: Exit<unknown, unknown>) => Task<unknown, unknown>
  leave(): void
}

export class FiberState implements Parkable {
  readonly id: FiberId
  flags: number
  /** What it runs at its next turn; undefined while it waits, runs or is done. */
  current: Node | undefined
  /** What it comes back to, as `framesOf` gives it. */
  frames: unknown
  code: unknown
  /** Set exactly while it waits. */
  waiting: Wait | undefined
  /** The fiber that asked first; 0 where none did, or it was no fiber. */
  interruptedBy: FiberId
  /** How it ended; set exactly when it is done, or about to be. */
  result: Exit<unknown, unknown> | undefined
  /** Who joins it or waits for it, in order. */
  first: EndWaiter | undefined
  /** What few fibers have. */
  extra: Extra | undefined
  /** Its neighbours in its owner's list. */
  previous: FiberState | undefined
  next: FiberState | undefined
  /**
   * The clock's time when it first waited or gave way; -1 until then. Most fibers end before, and a look at
   * the clock is dear.
   */
  began: number
  /** Its owner's number for it. */
  place: number

  constructor(
    readonly runtime: RuntimeServices,
    task: Task<unknown, unknown>,
    readonly owner: Owner,
    name?: string,
    locals?: Locals,
    /**
     * The host's async context of its turns. Undefined where the host has none, once it has ended, and as
     * long as the host itself keeps it for the first turn: it is captured when it is needed, which for a
     * short run is never.
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

  /** Its first turn will come. */
  begin(): void {
    this.runtime.ready(this)
    hookDispatcher?.fiberStarted.emit(this.runtime, this)
  }

  get isDone(): boolean {
    return (this.flags & Flag.Done) !== 0
  }

  get name(): string | undefined {
    return this.extra?.name
  }

  // ---- what the runtime does with it

  /**
   * Goes on with `task` at its next turn, which with `isAlone` may be now (see `RuntimeServices.ready`). It
   * must be waiting, and its waiter in no line any more.
   */
  wake(task: Task<unknown, unknown>, isAlone?: boolean): void {
    this.waiting = undefined
    this.current = nodeOf(task)
    this.runtime.ready(this, isAlone)
  }

  /** Asks it to stop. A wait ends in this very step, so that nothing can be handed to it any more. */
  requestInterruption(by: FiberId): void {
    if ((this.flags & (Flag.Requested | Flag.Done)) !== 0) return
    this.flags |= Flag.Requested
    this.interruptedBy = by
    if (this.isInterruptionDue) this.waiting?.interrupt(this)
  }

  /** It fails with its own interruption from here on. */
  markDelivered(): void {
    this.flags |= Flag.Delivered
    this.abort()
  }

  /** Its signal, if somebody has asked for one, says that it is interrupted. */
  abort(): void {
    this.extra?.controller?.abort()
  }

  /** Whether an interruption is to be delivered at a checkpoint. */
  get isInterruptionDue(): boolean {
    return (this.flags & Flag.Delivery) === Flag.Requested
  }

  /** The cause that its own interruption is. */
  interruption(result: Option<Exit<unknown, unknown>> = none): Cause<never> {
    if (this.interruptedBy === 0 && result._tag === 'None') return byNobody
    return interruptWith(this.interruptedBy === 0 ? none : some(this.interruptedBy), result)
  }

  /** Completes the fiber with `result`: wakes the fibers that wait for its end, then notifies its owner. */
  finish(): void {
    // SAFETY: the run loop has set it.
    const exit = this.result as Exit<unknown, unknown>
    this.flags = (this.flags | Flag.Done) & ~Flag.Running
    hookDispatcher?.fiberEnded.emit(this.runtime, this, exit)
    // What the context holds may be large, and a handle may be kept for long.
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
 * Whether `reason` is the interruption of `fiber` itself, and not one of somebody else that it has only seen.
 */
export const isOwnInterrupt = (fiber: FiberState, reason: Reason<unknown>): boolean =>
  reason._tag === 'Interrupt' &&
  (fiber.flags & Flag.Requested) !== 0 &&
  (reason.by._tag === 'Some' ? reason.by.value : 0) === fiber.interruptedBy

/** Whether the interruption of `fiber` itself is among the reasons of `cause`. */
export const isOwnInterruption = (fiber: FiberState, cause: Cause<unknown>): boolean =>
  cause.reasons.some((reason) => isOwnInterrupt(fiber, reason))

/** Safe because nothing but fibers can wait. */
export const asFiber = (fiber: Parkable): FiberState => fiber as FiberState

/**
 * The fibers of one owner, in order of their making. Adding and removing cost O(1), for the fiber is itself
 * the link.
 */
export class FiberList {
  first: FiberState | undefined = undefined
  private last: FiberState | undefined = undefined
  size = 0

  add(fiber: FiberState): void {
    fiber.previous = this.last
    if (this.last === undefined) this.first = fiber
    else this.last.next = fiber
    this.last = fiber
    this.size++
  }

  remove(fiber: FiberState): void {
    const { previous, next } = fiber
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    fiber.previous = undefined
    fiber.next = undefined
    this.size--
  }
}

/** Whether `fiber` is part of what `owner` waits for, at whatever depth. */
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

/** The fibers of a part of the tree, in order of their making. */
export function fibersIn({ fibers }: Pick<Branch, 'fibers'>): ReadonlyArray<FiberState> {
  const found: Array<FiberState> = []
  for (let fiber = fibers.first; fiber !== undefined; fiber = fiber.next) found.push(asFiber(fiber))
  return found
}

/**
 * Asks each to stop. One that ends at once because of it does not disturb the walk, since fibers end only at
 * their turn.
 */
export function interruptAll(fibers: FiberList, by: FiberId): void {
  for (let fiber = fibers.first; fiber !== undefined; fiber = fiber.next) fiber.requestInterruption(by)
}

/**
 * Never runs. V8 forgets the shape of a class, and all that it has compiled for it, once no object of it is
 * left: a program whose fibers come and go would begin anew each time.
 */
export const blank: FiberState = /* @__PURE__ */ makeBlank()

function makeBlank(): FiberState {
  const fiber = new FiberState({} as RuntimeServices, unit, {} as Owner)
  fibersMade = 0
  return fiber
}
