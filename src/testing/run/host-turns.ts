/**
 * Waiting for the host, whose time cannot be made to jump: a promise may settle in this very turn of the
 * event loop, after some I/O, or never, and nothing says which.
 *
 * One turn of the event loop settles whatever microtasks can settle, in a chain of any length. Beyond that it
 * takes an event to wait for, and a limit: a shorter one where virtual time can go on without the answer, a
 * longer one where nothing else can run.
 *
 * Limits are of quiet time: time in which the event loop turned and nothing came. A machine that is slow, or
 * a program that holds up the loop, makes a wait longer and never makes it end too early.
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

/** How long the host is waited for, in ms, by a program that has waited for it in vain before. */
const hostSilentMs = 10

/** The host is waited for in slices of this length, and in longer ones once it takes long. */
const sliceMs = 10
const longSliceMs = 50
const longFromMs = 100

/** A slice that takes so much longer than it should is not quiet: the event loop was held up. */
const heldUpMs = 20

/** When a person is told what is being waited for. */
const tellAfterMs = 3000

/**
 * How much the host has to do, where it tells: timers, requests, connections. It is a hint and no more, since
 * what others have begun may come to its end meanwhile.
 */
function resources(): number | undefined {
  try {
    return host.process?.getActiveResourcesInfo?.().length
  } catch {
    // A host that has the name and not the thing.
    return undefined
  }
}

/** How long the host is waited for, as far as a test says so. */
export interface HostLimits {
  readonly patienceMs?: number | undefined
  readonly hostWaitMs?: number | undefined
}

/** Waits for the host on behalf of one program, in one run of it or in many. */
export class HostWatch {
  /** What went on in the host before the program began. */
  private readonly before = resources()
  /** Whether virtual time went on although somebody waited for the host. */
  isSilent = false
  /** How many real milliseconds the host was waited for, in vain or not. */
  waitedMs = 0
  /** Whether a last wait was in vain. */
  private hasGivenUp = false
  /** The longest that an answer has taken. */
  private slowestMs = 0
  /** Whether something has become ready in the wait that is under way. */
  private isWoken = false
  /** Ends the slice that is under way. */
  private wake: (() => void) | undefined = undefined

  /** How often a run within has gone on. */
  private moves = 0
  /** How many runs within wait for the host while nothing else of theirs can run. */
  private waiting = 0

  /**
   * `above` is that of the run whose program has begun this one: as long as this goes on, the one above is
   * not waiting in vain, and it does not give up before this one has.
   */
  constructor(
    readonly limits: HostLimits,
    private readonly above: HostWatch | undefined
  ) {}

  /** How long the host is waited for where nothing else can run. */
  get lastMs(): number {
    const { hostWaitMs, patienceMs } = this.limits
    return hostWaitMs ?? patienceMs ?? usualHostWaitMs
  }

  /** Something has become ready, by whatever the host did. */
  woken(): void {
    this.isWoken = true
    this.wake?.()
  }

  /**
   * Until `woken` is called, or the host has had its chance to answer before virtual time goes on. Gives
   * whether it was called.
   */
  async chance(): Promise<boolean> {
    const isWoken = await this.wait(() => this.patience())
    if (!isWoken) this.isSilent = true
    return isWoken
  }

  /**
   * Waits for the host if nothing else can run; if it does not answer, the run ends. `onLong` is called once,
   * where that takes long.
   *
   * A program for which that has happened is run again for a shorter schedule, many times; then the host has
   * less time, but several times as much as any answer has taken.
   */
  async lastChance(onLong: () => void): Promise<boolean> {
    const limit = this.hasGivenUp ? Math.min(this.lastMs, hostSilentMs + 4 * this.slowestMs) : this.lastMs
    this.tellAbove(1)
    const isWoken = await this.wait(() => limit, onLong)
    this.tellAbove(-1)
    if (!isWoken) this.hasGivenUp = true
    return isWoken
  }

  /** A run goes on. */
  moved(): void {
    if (this.above !== undefined) this.tellAbove(0)
  }

  private tellAbove(waiting: number): void {
    for (let { above } = this; above !== undefined; { above } = above) {
      above.moves++
      above.waiting += waiting
    }
  }

  /** How long the host is waited for before virtual time goes on, as it looks now. */
  private patience(): number {
    const { patienceMs } = this.limits
    if (patienceMs !== undefined) return patienceMs
    const now = resources()
    if (now !== undefined && this.before !== undefined && now > this.before) return busyMs
    return this.isSilent ? hostSilentMs : quietMs
  }

  /** Until `woken` is called, or until so much quiet time has passed. With `onLong` it is a last wait. */
  private async wait(limit: () => number, onLong?: () => void): Promise<boolean> {
    const began = realTime.now()
    const isLast = onLong !== undefined
    let quiet = 0
    let tell = onLong
    this.isWoken = false
    for (;;) {
      const left = limit() - quiet
      if (left <= 0 && !(isLast && this.waiting > 0)) break
      const { moves } = this
      const longest = quiet < longFromMs ? sliceMs : longSliceMs
      const passed = await this.slice(left > 0 ? Math.min(longest, left) : sliceMs)
      if (this.isWoken) break
      quiet = isLast && this.moves !== moves ? 0 : quiet + passed
      if (limit() <= tellAfterMs || realTime.now() - began < tellAfterMs) continue
      tell?.()
      tell = undefined
    }
    const took = realTime.now() - began
    this.waitedMs += took
    if (this.isWoken) this.slowestMs = Math.max(this.slowestMs, took)
    return this.isWoken
  }

  /**
   * Until `woken` is called or `ms` have passed, and then until the event loop has had its turn: what comes
   * in the same turn comes together, and a choice is made among all of it. Gives how much of it was quiet.
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
