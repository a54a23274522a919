/** Tells those who listen. Whatever they throw, the program goes on. */
import type { Exit } from '../data/exit.js'
import { host } from '../data/host.js'
import * as Reasons from '../data/reasons.js'
import { show } from '../data/show.js'
import {
  type Hooked,
  type Hooks,
  type LiveFiber,
  type LiveGroup,
  type LiveQueue,
  type OfFiber,
  type OfGroup,
  type OfQueue,
  setTeller,
  type Teller
} from './hooks.js'

/** Who hears of all runtimes. */
let everywhere: ReadonlyArray<{ readonly hooks: Hooks }> = []

/** Of those who hear of each event. New lists each time, so that who comes or goes in the middle disturbs nobody. */
type Audience = { readonly [E in keyof Hooks]-?: ReadonlyArray<Hooks> }

let audience: Audience = /* @__PURE__ */ gather()

/** What nobody listens to costs no more than a look at an empty list. */
function gather(): Audience {
  const those = (event: keyof Hooks): ReadonlyArray<Hooks> =>
    everywhere.flatMap(({ hooks }) => (hooks[event] === undefined ? [] : [hooks]))
  return {
    fiberStarted: those('fiberStarted'),
    fiberResumed: those('fiberResumed'),
    fiberSuspended: those('fiberSuspended'),
    fiberEnded: those('fiberEnded'),
    groupOpened: those('groupOpened'),
    groupClosing: those('groupClosing'),
    groupClosed: those('groupClosed'),
    queueMade: those('queueMade'),
    queuePut: those('queuePut'),
    queueTaken: those('queueTaken'),
    queueFilled: those('queueFilled'),
    queueEmptied: those('queueEmptied'),
    queueClosed: those('queueClosed')
  }
}

/** Whether a runtime has been made with hooks of its own, and whether with some that hear of turns. */
let isAnyOwn = false
let isOwnOfTurns = false

const hearsOfTurns = ({ fiberResumed, fiberSuspended }: Hooks): boolean =>
  fiberResumed !== undefined || fiberSuspended !== undefined

/** There are other listeners now. */
function listenersChanged(): void {
  audience = gather()
  all.isToldOfTurns = isOwnOfTurns || everywhere.some(({ hooks }) => hearsOfTurns(hooks))
  setTeller(isAnyOwn || everywhere.length > 0 ? all : undefined)
}

/** A runtime is made with `hooks` of its own. */
export function hearOwn(hooks: Hooks | undefined): Hooks | undefined {
  if (hooks !== undefined) {
    isAnyOwn = true
    isOwnOfTurns ||= hearsOfTurns(hooks)
    listenersChanged()
  }
  return hooks
}

/** `hooks` hear of all runtimes, until what this gives is called. */
export function hearEverywhere(hooks: Hooks): () => void {
  // An entry of its own, so that the same hooks can be there twice.
  const entry = { hooks }
  everywhere = [...everywhere, entry]
  listenersChanged()
  return () => {
    everywhere = everywhere.filter((other) => other !== entry)
    listenersChanged()
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const all: Writable<Teller> = {
  isToldOfTurns: false,

  ofFiber(runtime, event, fiber, exit) {
    for (const hooks of audience[event]) callOfFiber(runtime, hooks, event, fiber, exit)
    if (runtime.hooks !== undefined) callOfFiber(runtime, runtime.hooks, event, fiber, exit)
  },
  ofGroup(runtime, event, group) {
    for (const hooks of audience[event]) callOfGroup(hooks, event, group)
    if (runtime.hooks !== undefined) callOfGroup(runtime.hooks, event, group)
  },
  ofQueue(runtime, event, queue) {
    for (const hooks of audience[event]) callOfQueue(hooks, event, queue)
    if (runtime.hooks !== undefined) callOfQueue(runtime.hooks, event, queue)
  }
}

/** What the hook throws goes to the reporter. */
export function callOfFiber(
  runtime: Hooked,
  hooks: Hooks,
  event: OfFiber,
  fiber: LiveFiber,
  exit?: Exit<unknown, unknown>
): void {
  try {
    // Holds because only `fiberEnded` has an exit, and is told of no end without one.
    hooks[event]?.(fiber, exit as Exit<unknown, unknown>)
  } catch (thrown) {
    runtime.report(Reasons.die(thrown), fiber)
  }
}

/** What the hook throws goes to stderr. */
export function callOfGroup(hooks: Hooks, event: OfGroup, group: LiveGroup): void {
  try {
    hooks[event]?.(group)
  } catch (thrown) {
    tellOfThrown(event, thrown)
  }
}

function callOfQueue(hooks: Hooks, event: OfQueue, queue: LiveQueue): void {
  try {
    hooks[event]?.(queue)
  } catch (thrown) {
    tellOfThrown(event, thrown)
  }
}

const tellOfThrown = (event: string, thrown: unknown): void =>
  host.console.error(`aio-ts: the hook ${event} has thrown ${show(thrown)}`)
