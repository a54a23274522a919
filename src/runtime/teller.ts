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

/** Who hears of all runtimes. A new list each time, so that who comes or goes in the middle disturbs nobody. */
let everywhere: ReadonlyArray<{ readonly hooks: Hooks }> = []

/** Whether a runtime has been made with hooks of its own. */
let isAnyOwn = false

/** A runtime is made with `hooks` of its own. */
export function hearOwn(hooks: Hooks | undefined): Hooks | undefined {
  if (hooks !== undefined) {
    isAnyOwn = true
    setTeller(all)
  }
  return hooks
}

/** `hooks` hear of all runtimes, until what this gives is called. */
export function hearEverywhere(hooks: Hooks): () => void {
  // An entry of its own, so that the same hooks can be there twice.
  const entry = { hooks }
  everywhere = [...everywhere, entry]
  setTeller(all)
  return () => {
    everywhere = everywhere.filter((other) => other !== entry)
    if (!isAnyOwn && everywhere.length === 0) setTeller(undefined)
  }
}

const all: Teller = {
  ofFiber(runtime, event, fiber, exit) {
    for (const { hooks } of everywhere) callOfFiber(runtime, hooks, event, fiber, exit)
    callOfFiber(runtime, runtime.hooks, event, fiber, exit)
  },
  ofGroup(runtime, event, group) {
    for (const { hooks } of everywhere) callOfGroup(hooks, event, group)
    callOfGroup(runtime.hooks, event, group)
  },
  ofQueue(runtime, event, queue) {
    for (const { hooks } of everywhere) callOfQueue(hooks, event, queue)
    callOfQueue(runtime.hooks, event, queue)
  }
}

function callOfFiber(
  runtime: Hooked,
  hooks: Hooks | undefined,
  event: OfFiber,
  fiber: LiveFiber,
  exit: Exit<unknown, unknown> | undefined
): void {
  try {
    // Holds because only `fiberEnded` has an exit, and is told of no end without one.
    hooks?.[event]?.(fiber, exit as Exit<unknown, unknown>)
  } catch (thrown) {
    runtime.report(Reasons.die(thrown), fiber)
  }
}

function callOfGroup(hooks: Hooks | undefined, event: OfGroup, group: LiveGroup): void {
  try {
    hooks?.[event]?.(group)
  } catch (thrown) {
    tellOfThrown(event, thrown)
  }
}

function callOfQueue(hooks: Hooks | undefined, event: OfQueue, queue: LiveQueue): void {
  try {
    hooks?.[event]?.(queue)
  } catch (thrown) {
    tellOfThrown(event, thrown)
  }
}

const tellOfThrown = (event: string, thrown: unknown): void =>
  host.console.error(`aio-ts: the hook ${event} has thrown ${show(thrown)}`)
