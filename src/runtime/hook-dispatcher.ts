/** Tells those who listen. Whatever they throw, the program goes on. */

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

/** What is told of an event: only `fiberEnded` has an exit, and it always has. */
type Hook<Subject> = (subject: Subject, exit?: Exit<unknown, unknown>) => void

interface Registered<Subject> {
  readonly hooks: Hooks
  readonly hook: Hook<Subject>
}

/**
 * One event, and who hears of it. One object each, in place of one function that is told which event it is:
 * properties whose names are not known when the code is compiled cost more than all else here.
 */
class HookEvent<Subject> implements HookEmitter<Subject> {
  /**
   * Those who hear of all runtimes. A new list each time, so that who comes or goes in the middle disturbs
   * nobody.
   */
  heard: ReadonlyArray<Registered<Subject>> = []

  constructor(
    readonly name: keyof Hooks,
    private readonly tellOfThrown: (thrown: unknown, subject: Subject) => void
  ) {}

  /** What nobody listens to costs no more than a look at an empty list. */
  emit(runtime: HooksOwner, subject: Subject, exit?: Exit<unknown, unknown>): void {
    const { heard } = this
    for (let index = 0; index < heard.length; index++) {
      // Holds by the bound.
      const { hooks, hook } = heard[index] as Registered<Subject>
      this.call(hooks, hook, subject, exit)
    }
    if (runtime.hooks !== undefined) this.emitTo(runtime.hooks, subject, exit)
  }

  /** Only these hooks, if they hear of it. */
  emitTo(hooks: Hooks, subject: Subject, exit?: Exit<unknown, unknown>): void {
    const hook = this.hookOf(hooks)
    if (hook !== undefined) this.call(hooks, hook, subject, exit)
  }

  /** They are all those who hear of all runtimes. */
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
   * Holds because an event is only ever told of what its hook hears of: see `HookDispatcher`. A record is
   * what users see, by `asPublicFiber`.
   */
  private hookOf(hooks: Hooks): Hook<Subject> | undefined {
    return hooks[this.name] as Hook<Subject> | undefined
  }
}

/** What the hook throws goes to the reporter. */
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

/** What the hook throws goes to stderr. */
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

/** What hooks can hear of. */
export const eventNames = (): ReadonlyArray<keyof Hooks> => each().map(({ name }) => name)

/** Who hears of all runtimes. */
let everywhere: ReadonlyArray<{ readonly hooks: Hooks }> = []

/** Whether a runtime has been made with hooks of its own, and whether with some that hear of turns. */
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
 * The same hooks, called in the host's context of now. Those that are left out are not there, and which are
 * is looked at once: they are called by themselves.
 */
export function inContextOfNow(hooks: Hooks): Hooks {
  const context = captureContext()
  const bound: { -readonly [K in keyof Hooks]: Hook<unknown> } = {}
  for (const name of eventNames()) {
    // Holds because an event is only ever told of what its hook hears of: see `HookDispatcher`.
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

/** `hooks` hear of all runtimes, until what this gives is called. */
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
