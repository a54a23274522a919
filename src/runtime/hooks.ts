/**
 * The events that a runtime emits: fibers, groups and queues that are created, wait, continue and end.
 * Inspectors, tracing and metrics are built only on these.
 *
 * Without hooks, each place that emits an event costs one check of a variable; no
 * text is made and nothing is kept.
 */

import type { Fiber } from '../core/fiber.js'
import type { Exit } from '../data/exit.js'
import type { LateBound } from '../data/late-bound.js'
import type { Cause } from '../data/reasons.js'

/** A fiber, as hooks see it. */
export interface LiveFiber extends Fiber<unknown, unknown> {
  /**
   * What cannot end before this fiber has ended: a group, or the fiber that waits for it. Undefined for a
   * fiber that was started at the edge of the program.
   */
  readonly parent: LiveFiber | LiveGroup | undefined
  /** While it waits, the names (`Task.named`) of the tasks that it is in, innermost first. */
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
  /** The maximum number of items; 0 or less means no limit. */
  readonly maxsize: number
  readonly size: number
  readonly isClosed: boolean
  /** How many gets wait. Costs time linear in their number. */
  readonly waitingGets: number
  /** How many puts wait. Costs time linear in their number. */
  readonly waitingPuts: number
}

/**
 * Callbacks for runtime events. Each is called at once, in the middle of the operation that it reports, so it
 * should only record the event: it must not start or interrupt fibers, or use queues. An exception goes to
 * the reporter or, if the event does not concern a fiber, to stderr; the program continues. Hooks that are
 * left out cost nothing; which of them exist is checked once, when they are added.
 */
export interface Hooks {
  /** A fiber was created; its first turn is still to come. */
  readonly fiberStarted?: (fiber: LiveFiber) => void
  /**
   * The turn of a fiber begins: the first one, or one after it has waited or yielded. Everything until
   * `fiberSuspended` or `fiberEnded` is done by this fiber.
   */
  readonly fiberResumed?: (fiber: LiveFiber) => void
  /**
   * The turn of a fiber is over, and it has not ended: `status()` says whether it waits, and
   * for what, or yielded (`Ready`).
   */
  readonly fiberSuspended?: (fiber: LiveFiber) => void
  /** A fiber has ended. Called before any waiter or owner is notified. */
  readonly fiberEnded?: (fiber: LiveFiber, exit: Exit<unknown, unknown>) => void
  readonly groupOpened?: (group: LiveGroup) => void
  readonly groupClosing?: (group: LiveGroup) => void
  /** A group is closed: all of its fibers have ended, and all that it had acquired is released. */
  readonly groupClosed?: (group: LiveGroup) => void
  readonly queueMade?: (queue: LiveQueue) => void
  /** An item was put into the queue, or passed directly to a waiting get. */
  readonly queuePut?: (queue: LiveQueue) => void
  /** An item was taken from the queue, or passed directly to a waiting get. */
  readonly queueTaken?: (queue: LiveQueue) => void
  /** The queue has no more room. */
  readonly queueFilled?: (queue: LiveQueue) => void
  /** The last item was taken from the queue. */
  readonly queueEmptied?: (queue: LiveQueue) => void
  readonly queueClosed?: (queue: LiveQueue) => void
}

/** The events of fibers. */
export type OfFiber = 'fiberStarted' | 'fiberResumed' | 'fiberSuspended' | 'fiberEnded'

export type OfGroup = 'groupOpened' | 'groupClosing' | 'groupClosed'

export type OfQueue = Exclude<keyof Hooks, OfFiber | OfGroup>

/** The part of a runtime that hooks need. */
export interface HooksOwner {
  /** The hooks that the runtime was created with. */
  readonly hooks: Hooks | undefined
  report(cause: Cause<unknown>, fiber: Fiber<unknown, unknown>): void
}

/** Emits one event to its hooks. `exit` is present for `fiberEnded`. */
export interface HookEmitter<Subject> {
  emit(runtime: HooksOwner, subject: Subject, exit?: Exit<unknown, unknown>): void
}

/** Emits events to hooks. Events of fibers receive the fiber records, which hooks see as `LiveFiber`s. */
export type HookDispatcher = {
  /** Whether any hook observes turns. There are many turns, and most hooks do not observe them. */
  readonly hasSliceHooks: boolean
} & { readonly [E in OfFiber]: HookEmitter<object> } & {
  readonly [E in OfGroup]: HookEmitter<LiveGroup>
} & { readonly [E in OfQueue]: HookEmitter<LiveQueue> }

/**
 * Bound while hooks are registered: `addHooks` and `makeRuntime` install it, so bundles without hooks do not
 * contain the dispatcher.
 */
export const hookDispatcher: LateBound<HookDispatcher> = { bound: undefined }
