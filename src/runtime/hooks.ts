/**
 * Events of a runtime: fibers, groups and queues that start, wait, resume and end. The inspector, traces and
 * metrics are built on these hooks alone.
 *
 * Without hooks each event costs one look at a variable; no text is made and nothing is kept.
 */

import type { Fiber } from '../core/fiber.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'

/** A fiber, as hooks see it. */
export interface LiveFiber extends Fiber<unknown, unknown> {
  /**
   * Who cannot end before it has: a group, or the fiber that waits for it; undefined for one that the
   * program's edge started.
   */
  readonly parent: LiveFiber | LiveGroup | undefined
  /** The names (`Task.named`) of what it is in, innermost first, while it waits. */
  readonly path: ReadonlyArray<string>
}

/** A group, as hooks see it. */
export interface LiveGroup {
  /** Unique within the process. */
  readonly id: number
  readonly name: string | undefined
  readonly stage: 'open' | 'closing' | 'closed'
  /** How many of its own fibers have not ended. */
  readonly size: number
  readonly parent: LiveFiber | LiveGroup | undefined
}

/** A queue, as hooks see it. */
export interface LiveQueue {
  readonly name: string | undefined
  /** 0 or less: no limit. */
  readonly maxsize: number
  readonly size: number
  readonly isClosed: boolean
  /** How many gets wait; time linear in their number. */
  readonly waitingGets: number
  /** How many puts wait; time linear in their number. */
  readonly waitingPuts: number
}

/**
 * Functions that are called on events of a runtime, synchronously, in the middle of the operation that emits
 * the event. A hook should record and return: it must neither start nor interrupt fibers nor use queues. What
 * a hook throws goes to the reporter or, if no fiber is concerned, to stderr; the program continues. Hooks
 * that are left out cost nothing. The object is read once, when the hooks are added.
 */
export interface Hooks {
  /** It has been made; its first turn will come. */
  readonly fiberStarted?: (fiber: LiveFiber) => void
  /**
   * Its turn begins: the first one, or after it has waited or given way. All until `fiberSuspended` or
   * `fiberEnded` is its doing.
   */
  readonly fiberResumed?: (fiber: LiveFiber) => void
  /**
   * Its turn is over, and it has not ended: `status()` says whether it waits, and for what, or gave way
   * (`Ready`).
   */
  readonly fiberSuspended?: (fiber: LiveFiber) => void
  /** Called before the owner and the joiners of the fiber are notified. */
  readonly fiberEnded?: (fiber: LiveFiber, exit: Exit<unknown, unknown>) => void
  readonly groupOpened?: (group: LiveGroup) => void
  readonly groupClosing?: (group: LiveGroup) => void
  /** No fiber of it is alive, and what it had acquired is released. */
  readonly groupClosed?: (group: LiveGroup) => void
  readonly queueMade?: (queue: LiveQueue) => void
  /** An item was put into the queue or handed to a waiting get. */
  readonly queuePut?: (queue: LiveQueue) => void
  /** An item was taken, possibly handed directly to a waiting get. */
  readonly queueTaken?: (queue: LiveQueue) => void
  /** It has no more room. */
  readonly queueFilled?: (queue: LiveQueue) => void
  /** The last item has been taken. */
  readonly queueEmptied?: (queue: LiveQueue) => void
  readonly queueClosed?: (queue: LiveQueue) => void
}

/** Names of the hooks for fibers. */
export type OfFiber = 'fiberStarted' | 'fiberResumed' | 'fiberSuspended' | 'fiberEnded'

export type OfGroup = 'groupOpened' | 'groupClosing' | 'groupClosed'

export type OfQueue = Exclude<keyof Hooks, OfFiber | OfGroup>

/** A runtime, as far as hooks have to know it. */
export interface HooksOwner {
  /** Those that it was made with. */
  readonly hooks: Hooks | undefined
  report(cause: Cause<unknown>, fiber: Fiber<unknown, unknown>): void
}

/** Emits one event to the hooks registered for it. `exit` is given for `fiberEnded` only. */
export interface HookEmitter<Subject> {
  emit(runtime: HooksOwner, subject: Subject, exit?: Exit<unknown, unknown>): void
}

/**
 * The hook dispatcher: one emitter for each event. It receives the records of fibers, which hooks see as
 * `LiveFiber`s.
 */
export type HookDispatcher = {
  /** Whether anybody listens to turns. There are many, and most listeners do not. */
  readonly isToldOfTurns: boolean
} & { readonly [E in OfFiber]: HookEmitter<object> } & {
  readonly [E in OfGroup]: HookEmitter<LiveGroup>
} & { readonly [E in OfQueue]: HookEmitter<LiveQueue> }

/**
 * Undefined until hooks are registered. `addHooks` and `makeRuntime` install it, so bundles without hooks do
 * not contain the dispatcher.
 */
export let hookDispatcher: HookDispatcher | undefined

export const setHookDispatcher = (next: HookDispatcher | undefined): void => {
  hookDispatcher = next
}
