/**
 * What a runtime is for its fibers: a clock, a choice of whose turn it is, a budget, a reporter.
 */
import { shapes } from '../data/either.js'
import { host } from '../data/host.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { type Clock, hostNow } from './clock.js'
import { blank, type FiberState, type Named, type RuntimeServices } from './fiber-state.js'
import type { Hooks } from './hooks.js'
import { HostQueue } from './scheduler.js'
import { giveTurn } from './turn.js'

export type Reporter = (cause: Cause<unknown>, fiber: Named) => void

export const writeReport: Reporter = (cause, fiber) => {
  const name = fiber.name === undefined ? '' : ` ${fiber.name}`
  host.console.error(`aio-ts: nobody else can see this: fiber #${fiber.id}${name} ${Reasons.pretty(cause)}`)
}

const hostQueue = /* @__PURE__ */ new HostQueue(giveTurn, [blank, shapes])

export class Services implements RuntimeServices {
  constructor(
    readonly clock: Clock | undefined,
    readonly yieldEvery: number,
    private readonly reporter: Reporter,
    readonly random: () => number,
    readonly ready: (fiber: FiberState) => void,
    readonly readyLater: (fiber: FiberState) => void,
    readonly readyAlone: (fiber: FiberState) => void,
    readonly hooks: Hooks | undefined
  ) {}

  now(): number {
    return this.clock === undefined ? hostNow() : this.clock.now()
  }

  about(): number {
    return this.clock === undefined ? hostQueue.about() : Math.trunc(this.clock.now())
  }

  report(cause: Cause<unknown>, fiber: Named): void {
    try {
      this.reporter(cause, fiber)
    } catch (thrown) {
      writeReport(Reasons.combine(cause, Reasons.die(thrown)), fiber)
    }
  }

  /** The same with another way of giving turns. */
  scheduledBy(ready: (fiber: FiberState) => void, later: (fiber: FiberState) => void): Services {
    return new Services(
      this.clock,
      this.yieldEvery,
      this.reporter,
      this.random,
      ready,
      later,
      ready,
      this.hooks
    )
  }
}

export const queueReady = (fiber: FiberState): void => hostQueue.push(fiber)
export const queueAlone = (fiber: FiberState): void => hostQueue.pushAlone(fiber)
export const queueLater = (fiber: FiberState): void => hostQueue.pushLater(fiber)

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
  undefined
)
