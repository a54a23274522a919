/**
 * What a runtime tells of: fibers, groups and queues that come, wait, go on and end. Inspectors, tracing and
 * metrics are built on nothing else.
 *
 * Where nobody listens it costs one look at a variable at each place, and no text is made and nothing kept
 * for it.
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
 * What is to be told. Each is called at once, in the middle of what it tells of, so it should note and go: it
 * must neither start nor interrupt fibers nor use queues. What it throws goes to the reporter or, where no
 * fiber is concerned, to stderr; the program goes on. What is left out costs nothing; which of them are there
 * is looked at once, when they are added.
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
  /** Told before anybody else hears of it. */
  readonly fiberEnded?: (fiber: LiveFiber, exit: Exit<unknown, unknown>) => void
  readonly groupOpened?: (group: LiveGroup) => void
  readonly groupClosing?: (group: LiveGroup) => void
  /** No fiber of it is alive, and what it had acquired is released. */
  readonly groupClosed?: (group: LiveGroup) => void
  readonly queueMade?: (queue: LiveQueue) => void
  /** An item has come in, or has been handed to who waited for one. */
  readonly queuePut?: (queue: LiveQueue) => void
  /** An item has been taken, also by who was handed one. */
  readonly queueTaken?: (queue: LiveQueue) => void
  /** It has no more room. */
  readonly queueFilled?: (queue: LiveQueue) => void
  /** The last item has been taken. */
  readonly queueEmptied?: (queue: LiveQueue) => void
  readonly queueClosed?: (queue: LiveQueue) => void
}

/** What is told of fibers. */
export type OfFiber = 'fiberStarted' | 'fiberResumed' | 'fiberSuspended' | 'fiberEnded'

export type OfGroup = 'groupOpened' | 'groupClosing' | 'groupClosed'

export type OfQueue = Exclude<keyof Hooks, OfFiber | OfGroup>

/** A runtime, as far as hooks have to know it. */
export interface HooksOwner {
  /** Those that it was made with. */
  readonly hooks: Hooks | undefined
  report(cause: Cause<unknown>, fiber: Fiber<unknown, unknown>): void
}

/** One of the events: tells those who hear of it. `exit` is there for `fiberEnded`. */
export interface HookEmitter<Subject> {
  emit(runtime: HooksOwner, subject: Subject, exit?: Exit<unknown, unknown>): void
}

/**
 * Who tells those who listen. What it is told of fibers are their records, which hooks get to see as
 * `LiveFiber`s.
 */
export type HookDispatcher = {
  /** Whether anybody listens to turns. There are many, and most listeners do not. */
  readonly isToldOfTurns: boolean
} & { readonly [E in OfFiber]: HookEmitter<object> } & {
  readonly [E in OfGroup]: HookEmitter<LiveGroup>
} & { readonly [E in OfQueue]: HookEmitter<LiveQueue> }

/**
 * Undefined as long as nobody listens. It comes from who lets others listen, so that no other program holds
 * its code.
 */
export let hookDispatcher: HookDispatcher | undefined

export const setHookDispatcher = (next: HookDispatcher | undefined): void => {
  hookDispatcher = next
}
