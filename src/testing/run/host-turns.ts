/**
 * Waits for the host, whose time cannot be made to jump: a promise may settle in the current turn of the
 * event loop, after some I/O, or never, and nothing shows which.
 *
 * One turn of the event loop settles whatever microtasks can settle, in a chain of any length. Beyond that
 * the run waits for an event, up to a limit: a shorter one if virtual time can continue without the answer, a
 * longer one if nothing else can run.
 *
 * The limits count quiet time: time in which the event loop turned and nothing arrived. A slow machine, or a
 * program that blocks the event loop, makes a wait longer and never ends it too early.
 */
import { host } from '../../data/host.js'
import { eventLoopTurn, realTime } from './real-time.js'

/**
 * How long the host is waited for where nothing else can run: less than the time that any test runner gives a
 * test.
 */
const usualHostWaitMs = 2000

/**
 * How long where there is something else to do: for a host that is at work, and for one that shows no sign of
 * it.
 */
const busyMs = 1000
const quietMs = 100

/** How long a run waits for a quiet host if the same program has waited for it in vain before. */
const hostSilentMs = 10

/** The run waits in slices of this length, and in longer ones after `longFromMs` of quiet time. */
const sliceMs = 10
const longSliceMs = 50
const longFromMs = 100

/** A slice that overruns by more than this is not quiet: the event loop was blocked. */
const heldUpMs = 20

/** After this long the run prints what it waits for. */
const printAfterMs = 3000

/**
 * Returns the number of active resources of the host (timers, requests, connections), if the host reports it.
 * It is only a hint, since resources of others may end meanwhile.
 */
function resources(): number | undefined {
  try {
    return host.process?.getActiveResourcesInfo?.().length
  } catch {
    // The host has a function of that name, which does not work.
    return undefined
  }
}

/** Limits on waiting for the host, as far as a test sets them. */
export interface HostLimits {
  readonly patienceMs?: number | undefined
  readonly hostWaitMs?: number | undefined
}

/** Waits for the host on behalf of one program, in one run of it or in many. */
export class HostWatch {
  /** The number of active resources of the host before the program started. */
  private readonly before = resources()
  /** Whether virtual time has continued although a fiber waited for the host. */
  isSilent = false
  /** How many real milliseconds were spent waiting for the host, in vain or not. */
  waitedMs = 0
  /** Whether a last wait was in vain. */
  private hasGivenUp = false
  /** The longest time that an answer has taken, in ms. */
  private slowestMs = 0
  /** Whether a fiber has become ready during the current wait. */
  private isWoken = false
  /** Ends the current slice. */
  private wake: (() => void) | undefined = undefined

  /** How often a nested run has continued. */
  private moves = 0
  /** How many nested runs wait for the host while nothing else of theirs can run. */
  private waiting = 0

  /**
   * `above` is the watch of the run whose program started this one. As long as this run continues, the one
   * above does not wait in vain, and it does not give up before this one has.
   */
  constructor(
    readonly limits: HostLimits,
    private readonly above: HostWatch | undefined
  ) {}

  /** How many real milliseconds a run waits for the host if nothing else can run. */
  get lastMs(): number {
    const { hostWaitMs, patienceMs } = this.limits
    return hostWaitMs ?? patienceMs ?? usualHostWaitMs
  }

  /** Notifies the watch that the host has made a fiber ready. */
  woken(): void {
    this.isWoken = true
    this.wake?.()
  }

  /**
   * Waits until `woken` is called, or until virtual time may continue without the host. Returns whether
   * `woken` was called.
   */
  async chance(): Promise<boolean> {
    const isWoken = await this.wait(() => this.patience())
    if (!isWoken) this.isSilent = true
    return isWoken
  }

  /**
   * Waits until `woken` is called while nothing else can run: a wait in vain is the end of the run. Returns
   * whether `woken` was called. `onLong` is called once if the wait takes long.
   *
   * After a wait in vain the program is run again many times, to shrink its schedule. In these runs the limit
   * is shorter, but still several times the longest time that an answer has taken.
   */
  async lastChance(onLong: () => void): Promise<boolean> {
    const limit = this.hasGivenUp ? Math.min(this.lastMs, hostSilentMs + 4 * this.slowestMs) : this.lastMs
    this.notifyAbove(1)
    const isWoken = await this.wait(() => limit, onLong)
    this.notifyAbove(-1)
    if (!isWoken) this.hasGivenUp = true
    return isWoken
  }

  /** Notifies the watches above that a run continues. */
  moved(): void {
    if (this.above !== undefined) this.notifyAbove(0)
  }

  private notifyAbove(waiting: number): void {
    for (let { above } = this; above !== undefined; { above } = above) {
      above.moves++
      above.waiting += waiting
    }
  }

  /** How many milliseconds to wait for the host before virtual time continues, given its current activity. */
  private patience(): number {
    const { patienceMs } = this.limits
    if (patienceMs !== undefined) return patienceMs
    const now = resources()
    if (now !== undefined && this.before !== undefined && now > this.before) return busyMs
    return this.isSilent ? hostSilentMs : quietMs
  }

  /**
   * Waits until `woken` is called, or until `limit()` ms of quiet time have passed. With `onLong` it is a
   * last wait.
   */
  private async wait(limit: () => number, onLong?: () => void): Promise<boolean> {
    const began = realTime.now()
    const isLast = onLong !== undefined
    let quiet = 0
    let printWait = onLong
    this.isWoken = false
    for (;;) {
      const left = limit() - quiet
      if (left <= 0 && !(isLast && this.waiting > 0)) break
      const { moves } = this
      const longest = quiet < longFromMs ? sliceMs : longSliceMs
      const passed = await this.slice(left > 0 ? Math.min(longest, left) : sliceMs)
      if (this.isWoken) break
      quiet = isLast && this.moves !== moves ? 0 : quiet + passed
      if (limit() <= printAfterMs || realTime.now() - began < printAfterMs) continue
      printWait?.()
      printWait = undefined
    }
    const took = realTime.now() - began
    this.waitedMs += took
    if (this.isWoken) this.slowestMs = Math.max(this.slowestMs, took)
    return this.isWoken
  }

  /**
   * Waits until `woken` is called or `ms` have passed, and then for one turn of the event loop: fibers that
   * become ready in the same turn are candidates of the same choice. Returns how many milliseconds of it were
   * quiet.
   */
  private async slice(ms: number): Promise<number> {
    const began = realTime.now()
    await new Promise<void>((resolve) => {
      const cancel = realTime.setTimer(ms, resolve)
      this.wake = () => {
        cancel()
        resolve()
      }
    })
    this.wake = undefined
    await eventLoopTurn()
    const heldUp = realTime.now() - began - ms
    return heldUp > Math.max(heldUpMs, ms / 2) ? 0 : ms
  }
}
