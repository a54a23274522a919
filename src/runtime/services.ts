/**
 * What a runtime is for its fibers: a clock, a choice of whose turn it is, a budget, a reporter.
 */
import { shapes } from '../data/either.js'
import { host } from '../data/host.js'
import type { Cause } from '../data/reasons.js'
import { trouble } from '../data/trouble.js'
import { type Clock, hostNow } from './clock.js'
import { blank, type FiberState, type Named, type RuntimeServices } from './fiber-state.js'
import type { Hooks } from './hooks.js'
import { about, queueAlone, queueLater, queueReady } from './scheduler.js'

export type Reporter = (cause: Cause<unknown>, fiber: Named) => void

export const writeReport: Reporter = (cause, fiber) => {
  const name = fiber.name === undefined ? '' : ` ${fiber.name}`
  host.console.error(`aio-ts: nobody else can see this: fiber #${fiber.id}${name} ${trouble.pretty(cause)}`)
}

export class Services implements RuntimeServices {
  constructor(
    readonly clock: Clock | undefined,
    readonly yieldEvery: number,
    readonly report: Reporter,
    readonly random: () => number,
    readonly ready: (fiber: FiberState) => void,
    readonly readyLater: (fiber: FiberState) => void,
    readonly readyAlone: (fiber: FiberState) => void,
    readonly hooks: Hooks | undefined,
    /** What is to stay alive as long as this. */
    readonly keeps?: unknown
  ) {}

  now(): number {
    return this.clock === undefined ? hostNow() : this.clock.now()
  }

  about(): number {
    return this.clock === undefined ? about() : Math.trunc(this.clock.now())
  }
}

/** How many operations a fiber may run before it gives way. */
export const usualBudget = 2048

/** The host's clock and queue. */
export const hostServices: Services = /* @__PURE__ */ new Services(
  undefined,
  usualBudget,
  writeReport,
  Math.random,
  queueReady,
  queueLater,
  queueAlone,
  undefined,
  [blank, shapes]
)
