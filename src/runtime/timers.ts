/**
 * The host's time behind the clock, where all that wait for it are.
 *
 * However many sleep, the host has one timer: a heap has the rest. A host timer for each would cost far more than a place in the
 * heap, and most timers of a program like this are time-outs, which are cancelled.
 */
import type { HostTimer } from '../data/host.js'
import { type Clock, clearHostTimer, hostNow, setHostTimer } from './clock.js'

/** What the host's timers are, on a heap. Who sleeps is its own timer. */
export interface Timer {
  /** The clock's time at which it fires. */
  at: number
  /** Timers of the same time fire in the order of their making. */
  order: number
  /** Its place in the heap; -1 when it is in none. */
  place: number
  /** Where the clock is not the host's. */
  undo: (() => void) | undefined
  fire(): void
}

/** The longest time that host timers take; later entries are looked at again then. */
const longest = 2 ** 31 - 1

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

class HostTimers {
  /** Each timer is not before its parent, which is at half its index. */
  private readonly heap: Array<Timer> = []
  private made = 0
  /** The host's timer. One that nobody needs any more is left to fire in vain: to clear it and make another costs more. */
  private timer: HostTimer | undefined = undefined
  /** When the host's timer fires; infinite where there is none. Never after the first timer. */
  private armedFor = Number.POSITIVE_INFINITY

  /** `timer` fires in `ms` milliseconds. */
  add(timer: Timer, ms: number): void {
    timer.at = hostNow() + ms
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
    if (this.timer !== undefined) clearHostTimer(this.timer)
    this.timer = undefined
    this.armedFor = Number.POSITIVE_INFINITY
    const first = this.heap[0]
    if (first === undefined) return
    const ms = Math.min(longest, Math.max(0, Math.ceil(first.at - hostNow())))
    this.armedFor = first.at
    this.timer = setHostTimer(ms, () => this.fireDue())
  }

  private fireDue(): void {
    this.timer = undefined
    this.armedFor = Number.POSITIVE_INFINITY
    const now = hostNow()
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

const hostTimers = /* @__PURE__ */ new HostTimers()

/** `timer` fires in `ms` milliseconds of `clock`, or of the host's. */
export function startTimer(clock: Clock | undefined, timer: Timer, ms: number): void {
  if (clock === undefined) hostTimers.add(timer, ms)
  else timer.undo = clock.setTimer(ms, () => timer.fire())
}

/** It does not fire any more, if it has not yet. */
export function stopTimer(clock: Clock | undefined, timer: Timer): void {
  if (clock === undefined) hostTimers.cancel(timer)
  else timer.undo?.()
}

/** A timer that calls `fire`. */
export class Alarm implements Timer {
  at = 0
  order = 0
  place = -1
  undo: (() => void) | undefined = undefined

  constructor(readonly fire: () => void) {}
}
