/** The services of a runtime that come from the host: a clock, a scheduler, a budget, a reporter. */

import { prettyCause } from '../data/diagnostics.js'
import { shapes } from '../data/either.js'
import { host } from '../data/host.js'
import type { Cause } from '../data/reasons.js'
import { blank, type Named, type RuntimeServices } from './fiber-state.js'
import { hostNow } from './host/clock.js'
import { coarseNow, queueLater, queueReady, startWithinCall } from './scheduler.js'

export type Reporter = (cause: Cause<unknown>, fiber: Named) => void

export const writeReport: Reporter = (cause, fiber) => {
  const name = fiber.name === undefined ? '' : ` ${fiber.name}`
  host.console.error(`aio-ts: unhandled: fiber #${fiber.id}${name} ${prettyCause(cause)}`)
}

/** How many operations a fiber may run before it yields, by default. */
export const usualBudget = 2048

/** The services of the default runtime: the host's clock and ready queue. */
export const hostServices: RuntimeServices = {
  clock: undefined,
  yieldEvery: usualBudget,
  hooks: undefined,
  now: hostNow,
  coarseNow,
  start: startWithinCall,
  ready: queueReady,
  readyLater: queueLater,
  report: writeReport,
  random: Math.random,
  keeps: [blank, shapes]
}
