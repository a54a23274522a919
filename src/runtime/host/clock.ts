/** Time as an interface, so that a test can provide its own. */
import { builtin, type HostTimer, host } from '../../data/host.js'

/** The source of time, in milliseconds. */
export interface Clock {
  /** Milliseconds since a fixed point in the past; only differences matter. Never goes back. */
  now(): number
  /**
   * Calls `fire` once, `ms` milliseconds later, and never within this call. Returns a
   * function that cancels the timer.
   */
  setTimer(ms: number, fire: () => void): () => void
  /** Milliseconds since 1970, for `Task.now`. If it is left out, `Task.now` uses `now()`. */
  date?(): number
}

/**
 * Returns the host's time in milliseconds. The global is looked up on each call: test runners replace the
 * host's clock and timers together.
 */
export const hostNow = (): number => host.performance.now()

/** Returns the host's date in milliseconds since 1970. The global is looked up on each call as well. */
export const hostDate = (): number => Date.now()

/** Starts a timer of the host that calls `fire` in `ms` milliseconds. */
export const setHostTimer = (ms: number, fire: () => void): HostTimer => host.setTimeout(fire, ms)

/** The longest delay of a timer of the host, in milliseconds. */
export const longestHostTimer = 2_147_483_647

export const clearHostTimer = (timer: HostTimer): void => host.clearTimeout(timer)

/**
 * Returns the host's real time at the moment of this call, even if a test runner has replaced the globals.
 * For a wait that must end although the timers of the test do not advance. Its timers keep the process alive.
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
 * Calls `fire` in `ms` milliseconds of `clock` or, if that is undefined, of the host. The host's timer does
 * not keep the process alive. Returns a function that cancels the timer.
 */
export function setQuietTimer(clock: Clock | undefined, ms: number, fire: () => void): () => void {
  if (clock !== undefined) return clock.setTimer(ms, fire)
  const timer = setHostTimer(ms, fire)
  timer.unref?.()
  return () => clearHostTimer(timer)
}
