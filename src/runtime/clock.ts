/**
 * Time, as an interface, so that a test brings its own; and the host's time behind it, the one place that touches its timers.
 *
 * However many sleep, the host has one timer: a heap has the rest. A host timer an timer would cost far more than the timer, and
 * most timers of a program like this are time-outs, which are cancelled.
 */
import { type HostTimer, host } from '../data/host.js'

/** Where time comes from, in milliseconds. */
export interface Clock {
  /** From a fixed point in the past; only differences count. Never goes back. */
  now(): number
  /** Calls `fire` once, `ms` milliseconds later, and never from within. Gives back what cancels it. */
  setTimer(ms: number, fire: () => void): () => void
}

/** What the host clock has in its heap. Who sleeps is its own timer. */
export interface Timer {
  /** The clock's time at which it fires. */
  at: number
  /** Timers of the same time fire in the order of their making. */
  order: number
  /** Its place in the heap; -1 when it is in none. */
  place: number
  fire(): void
}

/** The longest time that host timers take; later entries are looked at again then. */
const longest = 2 ** 31 - 1

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

export class HostClock implements Clock {
  /** Each timer is not before its parent, which is at half its index. */
  private readonly heap: Array<Timer> = []
  private made = 0
  /** The host's timer. One that nobody needs any more is left to fire in vain: to clear it and make another costs more. */
  private timer: HostTimer | undefined = undefined
  /** When the host's timer fires; infinite where there is none. Never after the first timer. */
  private armedFor = Number.POSITIVE_INFINITY

  /** Looked up each time: test runners replace the host's clock and timers together. */
  now(): number {
    return host.performance.now()
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: 0, order: 0, place: -1, fire }
    this.add(timer, ms)
    return () => this.cancel(timer)
  }

  /** `timer` fires in `ms` milliseconds. */
  add(timer: Timer, ms: number): void {
    timer.at = this.now() + ms
    timer.order = this.made++
    timer.place = this.heap.length
    this.heap.push(timer)
    this.rise(timer)
    if (timer.at < this.armedFor) this.arm()
    else if (this.heap.length === 1) this.timer?.ref?.()
  }

  /** It does not fire any more, if it has not yet. */
  cancel(timer: Timer): void {
    if (timer.place < 0) return
    this.remove(timer)
    // With nothing to wait for it keeps no process alive.
    if (this.heap.length === 0) this.timer?.unref?.()
  }

  private arm(): void {
    if (this.timer !== undefined) host.clearTimeout(this.timer)
    this.timer = undefined
    this.armedFor = Number.POSITIVE_INFINITY
    const first = this.heap[0]
    if (first === undefined) return
    const ms = Math.min(longest, Math.max(0, Math.ceil(first.at - this.now())))
    this.armedFor = first.at
    this.timer = host.setTimeout(() => this.fireDue(), ms)
  }

  private fireDue(): void {
    this.timer = undefined
    this.armedFor = Number.POSITIVE_INFINITY
    const now = this.now()
    try {
      for (let first = this.heap[0]; first !== undefined && first.at <= now; first = this.heap[0]) {
        this.remove(first)
        first.fire()
      }
    } finally {
      if (this.timer === undefined) this.arm()
    }
  }

  private remove(timer: Timer): void {
    const last = this.heap.pop()
    if (last !== undefined && last !== timer) {
      last.place = timer.place
      this.heap[last.place] = last
      this.rise(last)
      this.sink(last)
    }
    timer.place = -1
  }

  private rise(timer: Timer): void {
    const { heap } = this
    while (timer.place > 0) {
      const above = heap[(timer.place - 1) >> 1]
      if (above === undefined || !isBefore(timer, above)) return
      this.swap(timer, above)
    }
  }

  private sink(timer: Timer): void {
    const { heap } = this
    for (;;) {
      const left = heap[2 * timer.place + 1]
      const right = heap[2 * timer.place + 2]
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (below === undefined || !isBefore(below, timer)) return
      this.swap(timer, below)
    }
  }

  private swap(one: Timer, other: Timer): void {
    const place = one.place
    one.place = other.place
    other.place = place
    this.heap[one.place] = one
    this.heap[other.place] = other
  }
}

/** The host's time. */
export const hostClock: Clock = /* @__PURE__ */ new HostClock()
