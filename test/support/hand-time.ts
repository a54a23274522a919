/**
 * The host's real time under control of the test: timers of the program and those by which the kit waits for the host are the same, and
 * advance only by `pass`.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { vi } from 'vitest'
import { realTime } from '../../src/testing/run/real-time.js'

export function useHandTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
  vi.spyOn(realTime, 'now').mockImplementation(() => performance.now())
  vi.spyOn(realTime, 'setTimer').mockImplementation((ms, fire) => {
    const timer = setTimeout(fire, ms)
    return () => clearTimeout(timer)
  })
}

export function useRealTime(): void {
  vi.restoreAllMocks()
  vi.useRealTimers()
}

/** Lets the host's time pass, bit by bit: whoever waits looks again each time. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10) {
    // What a timer begins may take a few turns of the event loop.
    for (let turn = 0; turn < 3; turn++) await macrotask()
    vi.advanceTimersByTime(Math.min(left, 10))
  }
  for (let turn = 0; turn < 3; turn++) await macrotask()
}

/** How much of the host's time passes until `running` has settled, and what it rejects with. */
export async function rejectionOf(
  running: Promise<unknown>
): Promise<{ readonly error: Error; readonly after: number }> {
  const began = performance.now()
  let outcome: unknown
  let isSettled = false
  const settled = (value: unknown): void => {
    outcome = value
    isSettled = true
  }
  running.then(() => settled(new Error('it resolved')), settled)
  for (let passed = 0; !isSettled; passed += 10) {
    if (passed > 60_000) throw new Error('it has not settled within a minute')
    await pass(10)
  }
  return { error: outcome as Error, after: performance.now() - began }
}
