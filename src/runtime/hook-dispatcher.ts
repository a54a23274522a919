/** Dispatches runtime events to hooks. Exceptions in hooks are reported, never propagated. */

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
  type LiveGroup,
  type LiveQueue,
  type OfFiber,
  type OfGroup,
  type OfQueue,
  setHookDispatcher
} from './hooks.js'
import { asPublicFiber } from './public-fiber.js'

/** The arguments of a hook: only `fiberEnded` receives an exit, and it always does. */
type Hook<Subject> = (subject: Subject, exit?: Exit<unknown, unknown>) => void

interface Registered<Subject> {
  readonly hooks: Hooks
  readonly hook: Hook<Subject>
}

/**
 * One event and the hooks registered for it. Each event is an object of its own, since looking a hook up by a
 * computed property name would cost more than everything else here.
 */
class HookEvent<Subject> implements HookEmitter<Subject> {
  /**
   * Hooks registered for all runtimes. The list is replaced, never changed, so that hooks added or removed
   * during a dispatch do not disturb it.
   */
  heard: ReadonlyArray<Registered<Subject>> = []

  constructor(
    readonly name: keyof Hooks,
    private readonly tellOfThrown: (thrown: unknown, subject: Subject) => void
  ) {}

  /** An event without hooks costs one look at an empty list. */
  emit(runtime: HooksOwner, subject: Subject, exit?: Exit<unknown, unknown>): void {
    const { heard } = this
    for (let index = 0; index < heard.length; index++) {
      // SAFETY: the index is within the bound.
      const { hooks, hook } = heard[index] as Registered<Subject>
      this.call(hooks, hook, subject, exit)
    }
    if (runtime.hooks !== undefined) this.emitTo(runtime.hooks, subject, exit)
  }

  /** Calls only these hooks, if they have one for this event. */
  emitTo(hooks: Hooks, subject: Subject, exit?: Exit<unknown, unknown>): void {
    const hook = this.hookOf(hooks)
    if (hook !== undefined) this.call(hooks, hook, subject, exit)
  }

  /** Replaces the hooks registered for all runtimes. */
  setListeners(all: ReadonlyArray<{ readonly hooks: Hooks }>): void {
    this.heard = all.flatMap(({ hooks }) => {
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
    try {
      hook.call(hooks, subject, exit)
    } catch (thrown) {
      this.tellOfThrown(thrown, subject)
    }
  }

  /**
   * Safe because an event is emitted only with the subject of its hook: see `HookDispatcher`. A fiber record
   * is a public fiber by `asPublicFiber`.
   */
  private hookOf(hooks: Hooks): Hook<Subject> | undefined {
    return hooks[this.name] as Hook<Subject> | undefined
  }
}

/** Reports what a hook throws. */
const tellReporter = (thrown: unknown, record: FiberState): void =>
  record.runtime.report(Reasons.die(thrown), asPublicFiber(record))

const ofFiber = (event: OfFiber): HookEvent<FiberState> => new HookEvent(event, tellReporter)

/**
 * Hooks are called in contexts of their own, so that where the fiber was started can only be looked up in its
 * own.
 */
class Started extends HookEvent<FiberState> {
  override emit(runtime: HooksOwner, fiber: FiberState): void {
    hostContextOf(fiber)
    super.emit(runtime, fiber)
  }
}

/** Writes what a hook throws to stderr. */
const ofOthers = <Subject>(event: OfGroup | OfQueue): HookEvent<Subject> =>
  new HookEvent(event, (thrown) =>
    host.console.error(`aio-ts: the hook ${event} has thrown ${describeValue(thrown)}`)
  )

type Events = { isToldOfTurns: boolean } & { readonly [E in OfFiber]: HookEvent<FiberState> } & {
  readonly [E in OfGroup]: HookEvent<LiveGroup>
} & { readonly [E in OfQueue]: HookEvent<LiveQueue> }

const makeHookEvents = (): Events => ({
  isToldOfTurns: false,
  fiberStarted: new Started('fiberStarted', tellReporter),
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

/** Each of them. */
const each = (): ReadonlyArray<HookEvent<FiberState> | HookEvent<LiveGroup> | HookEvent<LiveQueue>> =>
  Object.values(events).filter((event) => event instanceof HookEvent)

/** The names of all events. */
export const eventNames = (): ReadonlyArray<keyof Hooks> => each().map(({ name }) => name)

/** Hooks registered for all runtimes. */
let everywhere: ReadonlyArray<{ readonly hooks: Hooks }> = []

/** Whether a runtime was made with hooks of its own, and whether any of those observe time slices. */
let isAnyOwn = false
let isOwnOfTurns = false

const hearsOfTurns = ({ fiberResumed, fiberSuspended }: Hooks): boolean =>
  fiberResumed !== undefined || fiberSuspended !== undefined

/** There are other listeners now. */
function listenersChanged(): void {
  for (const event of each()) event.setListeners(everywhere)
  events.isToldOfTurns = isOwnOfTurns || everywhere.some(({ hooks }) => hearsOfTurns(hooks))
  setHookDispatcher(isAnyOwn || everywhere.length > 0 ? events : undefined)
}

/**
 * Binds hooks to the current async context. Hooks that are left out stay absent; the object is read once,
 * here.
 */
export function inContextOfNow(hooks: Hooks): Hooks {
  const context = captureContext()
  const bound: { -readonly [K in keyof Hooks]: Hook<unknown> } = {}
  for (const name of eventNames()) {
    // SAFETY: an event is emitted only with the subject of its hook; see `HookDispatcher`.
    const hook = hooks[name] as Hook<unknown> | undefined
    if (hook === undefined) continue
    const call: Hook<unknown> = (subject, exit) => hook.call(hooks, subject, exit)
    bound[name] = (subject, exit) => runIn(context, call, subject, exit)
  }
  return bound
}

/** A runtime is made with `hooks` of its own. */
export function useOwnHooks(hooks: Hooks | undefined): Hooks | undefined {
  if (hooks === undefined) return undefined
  isAnyOwn = true
  isOwnOfTurns ||= hearsOfTurns(hooks)
  listenersChanged()
  return inContextOfNow(hooks)
}

/** Registers `hooks` for all runtimes and returns a function that removes them. */
export function useHooksEverywhere(hooks: Hooks): () => void {
  // An entry of its own, so that the same hooks can be there twice.
  const entry = { hooks }
  everywhere = [...everywhere, entry]
  listenersChanged()
  return () => {
    everywhere = everywhere.filter((other) => other !== entry)
    listenersChanged()
  }
}
