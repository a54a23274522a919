/** Dispatches runtime events to hooks. Exceptions in hooks are reported, never propagated. */

import { slice } from '../core/slice.js'
import { describeValue } from '../data/check-input.js'
import type { Exit } from '../data/exit.js'
import { host } from '../data/host.js'
import { captureContext, runIn } from '../data/host-context.js'
import * as Reasons from '../data/reasons.js'
import { type FiberState, hostContextOf } from './fiber-state.js'
import {
  type HookEmitter,
  type Hooks,
  type HooksOwner,
  hookDispatcher,
  type LiveGroup,
  type LiveQueue,
  type OfFiber,
  type OfGroup,
  type OfQueue
} from './hooks.js'
import { asPublicFiber, installFiberMethods } from './public-fiber.js'

/** A hook, as the dispatcher calls it. Only `fiberEnded` receives an exit, and it always does. */
type Hook<Subject> = (subject: Subject, exit?: Exit<unknown, unknown>) => void

interface Registered<Subject> {
  readonly hooks: Hooks
  readonly hook: Hook<Subject>
}

/**
 * One event and its hooks. There is one object for each event instead of one function that receives the name
 * of the event: properties whose names are not known at compile time cost more than everything else here.
 */
class HookEvent<Subject> implements HookEmitter<Subject> {
  /**
   * The hooks for all runtimes. The list is replaced on each change, so that adding or removing hooks during
   * a dispatch does not disturb it.
   */
  registered: ReadonlyArray<Registered<Subject>> = []

  constructor(
    readonly name: keyof Hooks,
    private readonly onThrown: (thrown: unknown, subject: Subject) => void
  ) {}

  /** Calls all hooks of this event. An event without hooks costs no more than the check of an empty list. */
  emit(runtime: HooksOwner, subject: Subject, exit?: Exit<unknown, unknown>): void {
    const { registered } = this
    for (let index = 0; index < registered.length; index++) {
      // SAFETY: the loop bound keeps the index within the list.
      const { hooks, hook } = registered[index] as Registered<Subject>
      this.call(hooks, hook, subject, exit)
    }
    if (runtime.hooks !== undefined) this.emitTo(runtime.hooks, subject, exit)
  }

  /** Calls the hook of this event in `hooks`, if there is one. */
  emitTo(hooks: Hooks, subject: Subject, exit?: Exit<unknown, unknown>): void {
    const hook = this.hookOf(hooks)
    if (hook !== undefined) this.call(hooks, hook, subject, exit)
  }

  /** Replaces all hooks for all runtimes. */
  setListeners(all: ReadonlyArray<{ readonly hooks: Hooks }>): void {
    this.registered = all.flatMap(({ hooks }) => {
      const hook = this.hookOf(hooks)
      return hook === undefined ? [] : [{ hooks, hook }]
    })
  }

  private call(
    hooks: Hooks,
    hook: Hook<Subject>,
    subject: Subject,
    exit: Exit<unknown, unknown> | undefined
  ): void {
    const { isOnStack } = slice
    slice.isOnStack = true
    try {
      hook.call(hooks, subject, exit)
    } catch (thrown) {
      this.onThrown(thrown, subject)
    }
    slice.isOnStack = isOnStack
  }

  /**
   * Safe because an event is only emitted with the subject that its hook expects (see `HookDispatcher`).
   * `asPublicFiber` makes a fiber record what users see.
   */
  private hookOf(hooks: Hooks): Hook<Subject> | undefined {
    return hooks[this.name] as Hook<Subject> | undefined
  }
}

/** Passes an exception of a hook to the reporter. */
const reportThrown = (thrown: unknown, record: FiberState): void =>
  record.runtime.report(Reasons.die(thrown), asPublicFiber(record))

const ofFiber = (event: OfFiber): HookEvent<FiberState> => new HookEvent(event, reportThrown)

/**
 * The event `fiberStarted`. Captures the async context in which the fiber was started before it calls the
 * hooks, because they are called in contexts of their own.
 */
class Started extends HookEvent<FiberState> {
  override emit(runtime: HooksOwner, fiber: FiberState): void {
    hostContextOf(fiber)
    super.emit(runtime, fiber)
  }
}

/** Creates an event of groups or queues. An exception of a hook goes to stderr. */
const ofOthers = <Subject>(event: OfGroup | OfQueue): HookEvent<Subject> =>
  new HookEvent(event, (thrown) =>
    host.console.error(`aio-ts: the hook ${event} has thrown ${describeValue(thrown)}`)
  )

type Events = { hasSliceHooks: boolean } & { readonly [E in OfFiber]: HookEvent<FiberState> } & {
  readonly [E in OfGroup]: HookEvent<LiveGroup>
} & { readonly [E in OfQueue]: HookEvent<LiveQueue> }

const makeHookEvents = (): Events => ({
  hasSliceHooks: false,
  fiberStarted: new Started('fiberStarted', reportThrown),
  fiberResumed: ofFiber('fiberResumed'),
  fiberSuspended: ofFiber('fiberSuspended'),
  fiberEnded: ofFiber('fiberEnded'),
  groupOpened: ofOthers('groupOpened'),
  groupClosing: ofOthers('groupClosing'),
  groupClosed: ofOthers('groupClosed'),
  queueMade: ofOthers('queueMade'),
  queuePut: ofOthers('queuePut'),
  queueTaken: ofOthers('queueTaken'),
  queueFilled: ofOthers('queueFilled'),
  queueEmptied: ofOthers('queueEmptied'),
  queueClosed: ofOthers('queueClosed')
})

export const events: Events = /* @__PURE__ */ makeHookEvents()

/** Returns all events. */
const each = (): ReadonlyArray<HookEvent<FiberState> | HookEvent<LiveGroup> | HookEvent<LiveQueue>> =>
  Object.values(events).filter((event) => event instanceof HookEvent)

/** Returns the names of all hooks. */
export const eventNames = (): ReadonlyArray<keyof Hooks> => each().map(({ name }) => name)

/** The hooks for all runtimes. */
let everywhere: ReadonlyArray<{ readonly hooks: Hooks }> = []

/** Whether a runtime was created with hooks of its own, and whether any of those observe turns. */
let isAnyOwn = false
let isOwnOfSlices = false

const hasSliceHook = ({ fiberResumed, fiberSuspended }: Hooks): boolean =>
  fiberResumed !== undefined || fiberSuspended !== undefined

/** Updates the events after hooks were added or removed. */
function listenersChanged(): void {
  installFiberMethods()
  for (const event of each()) event.setListeners(everywhere)
  events.hasSliceHooks = isOwnOfSlices || everywhere.some(({ hooks }) => hasSliceHook(hooks))
  hookDispatcher.bound = isAnyOwn || everywhere.length > 0 ? events : undefined
}

/**
 * Returns `hooks` bound to the host's current async context. Which hooks exist is checked once, here; those
 * left out stay absent. Each bound hook can be called by itself.
 */
export function inContextOfNow(hooks: Hooks): Hooks {
  const context = captureContext()
  const bound: { -readonly [K in keyof Hooks]: Hook<unknown> } = {}
  for (const name of eventNames()) {
    // SAFETY: an event is only emitted with the subject that its hook expects (see `HookDispatcher`).
    const hook = hooks[name] as Hook<unknown> | undefined
    if (hook === undefined) continue
    const call: Hook<unknown> = (subject, exit) => hook.call(hooks, subject, exit)
    bound[name] = (subject, exit) => runIn(context, call, subject, exit)
  }
  return bound
}

/** Registers the hooks of a new runtime. Returns them bound to the current async context. */
export function useOwnHooks(hooks: Hooks | undefined): Hooks | undefined {
  if (hooks === undefined) return undefined
  isAnyOwn = true
  isOwnOfSlices ||= hasSliceHook(hooks)
  listenersChanged()
  return inContextOfNow(hooks)
}

/** Registers `hooks` for all runtimes. Returns a function that removes them. */
export function useHooksEverywhere(hooks: Hooks): () => void {
  // A separate entry, so that the same hooks can be registered twice.
  const entry = { hooks }
  everywhere = [...everywhere, entry]
  listenersChanged()
  return () => {
    everywhere = everywhere.filter((other) => other !== entry)
    listenersChanged()
  }
}
