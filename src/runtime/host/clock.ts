/** Time, as an interface, so that a test brings its own. */
import { builtin, type HostTimer, host } from '../../data/host.js'

/** Where time comes from, in milliseconds. */
export interface Clock {
  /** From a fixed point in the past; only differences count. Never goes back. */
  now(): number
  /** Calls `fire` once, `ms` milliseconds later, and never from within. Gives back what cancels it. */
  setTimer(ms: number, fire: () => void): () => void
  /** Milliseconds since 1970, for `Task.now`; where it is left out, that is `now()`. */
  date?(): number
}

/** The host's time. Looked up each time: test runners replace the host's clock and timers together. */
export const hostNow = (): number => host.performance.now()

/** The host's date. Looked up each time, too. */
export const hostDate = (): number => Date.now()

/** One of the host's own timers, in `ms` milliseconds. */
export const setHostTimer = (ms: number, fire: () => void): HostTimer => host.setTimeout(fire, ms)

/** The longest time that they take, in milliseconds. */
export const longestHostTimer = 2_147_483_647

export const clearHostTimer = (timer: HostTimer): void => host.clearTimeout(timer)

/**
 * The host's real time as it is when this is called, whatever a test runner has put in its place: for a wait
 * that must end although the timers of a test are stopped. Its timers keep the process alive.
 */
export function makeRealTime(): Clock {
  const { setTimeout, clearTimeout } = builtin('node:timers') ?? host
  const { performance } = builtin('node:perf_hooks') ?? host
  return {
    now: () => performance.now(),
    setTimer: (ms, fire) => {
      const timer = setTimeout(fire, ms)
      return () => clearTimeout(timer)
    }
  }
}

/**
 * Calls `fire` in `ms` milliseconds of `clock`, or of the host's, which keep no process alive. Gives back
 * what cancels it.
 */
export function setQuietTimer(clock: Clock | undefined, ms: number, fire: () => void): () => void {
  if (clock !== undefined) return clock.setTimer(ms, fire)
  const timer = setHostTimer(ms, fire)
  timer.unref?.()
  return () => clearHostTimer(timer)
}
