/**
 * Time, as an interface, so that a test brings its own; and the host's time behind it, the one place that touches its timers.
 *
 * However many sleep, the host has one timer: a heap has the rest. A host timer an entry would cost far more than the entry, and
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

interface Entry {
  readonly at: number
  /** Entries of the same time fire in the order of their making. */
  readonly order: number
  readonly fire: () => void
  /** Its place in the heap; -1 when it is not in it any more. */
  place: number
}

/** The longest time that host timers take; later entries are looked at again then. */
const longest = 2 ** 31 - 1

const isBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

class HostClock implements Clock {
  /** Each entry is not before its parent, which is at half its index. */
  private readonly heap: Array<Entry> = []
  private made = 0
  /** The host's timer. One that nobody needs any more is left to fire in vain: to clear it and make another costs more. */
  private timer: HostTimer | undefined = undefined
  /** When the host's timer fires; infinite where there is none. Never after the first entry. */
  private armedFor = Number.POSITIVE_INFINITY

  /** Looked up each time: test runners replace the host's clock and timers together. */
  now(): number {
    return host.performance.now()
  }

  setTimer(ms: number, fire: () => void): () => void {
    const entry: Entry = { at: this.now() + ms, order: this.made++, fire, place: this.heap.length }
    this.heap.push(entry)
    this.rise(entry)
    if (entry.at < this.armedFor) this.arm()
    else if (this.heap.length === 1) this.timer?.ref?.()
    return () => {
      if (entry.place < 0) return
      this.remove(entry)
      // With nothing to wait for it keeps no process alive.
      if (this.heap.length === 0) this.timer?.unref?.()
    }
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

  private remove(entry: Entry): void {
    const last = this.heap.pop()
    if (last !== undefined && last !== entry) {
      last.place = entry.place
      this.heap[last.place] = last
      this.rise(last)
      this.sink(last)
    }
    entry.place = -1
  }

  private rise(entry: Entry): void {
    const { heap } = this
    while (entry.place > 0) {
      const above = heap[(entry.place - 1) >> 1]
      if (above === undefined || !isBefore(entry, above)) return
      this.swap(entry, above)
    }
  }

  private sink(entry: Entry): void {
    const { heap } = this
    for (;;) {
      const left = heap[2 * entry.place + 1]
      const right = heap[2 * entry.place + 2]
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (below === undefined || !isBefore(below, entry)) return
      this.swap(entry, below)
    }
  }

  private swap(one: Entry, other: Entry): void {
    const place = one.place
    one.place = other.place
    other.place = place
    this.heap[one.place] = one
    this.heap[other.place] = other
  }
}

/** The host's time. */
export const hostClock: Clock = /* @__PURE__ */ new HostClock()
