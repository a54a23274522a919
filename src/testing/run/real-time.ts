/** The host's event loop and its time, which fake timers of a test runner neither stop nor move. */
import { type Clock, makeRealTime } from '../../runtime/host/clock.js'
import { makeRealDefer } from '../../runtime/scheduler.js'

export const realTime: Clock = /* @__PURE__ */ makeRealTime()

const realDefer = /* @__PURE__ */ makeRealDefer()

/**
 * Until the event loop has had its turn, and with it every promise that waits for no I/O. Keeps the process
 * alive.
 */
export const eventLoopTurn = (): Promise<void> => new Promise((resolve) => realDefer(resolve))
