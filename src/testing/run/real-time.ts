/**
 * Access to the host's event loop and real time, which the fake timers of a test runner neither stop nor
 * move.
 */
import { type Clock, makeRealTime } from '../../runtime/host/clock.js'
import { makeRealDefer } from '../../runtime/scheduler.js'

export const realTime: Clock = /* @__PURE__ */ makeRealTime()

const realDefer = /* @__PURE__ */ makeRealDefer()

/**
 * Resolves after one turn of the event loop, in which every promise settles that needs no I/O. Keeps the
 * process alive.
 */
export const eventLoopTurn = (): Promise<void> => new Promise((resolve) => realDefer(resolve))
