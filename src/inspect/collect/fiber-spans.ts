/**
 * A rate-limited sample of the fibers that ended in the last minute, for the timeline. A page can show only a
 * few thousand, so no more are kept. In a program with more, the kept ones are spread over the minute, and
 * the others are only counted.
 */

import type { FiberOutcome, Life } from '../protocol.js'
import type { RateCounter } from './rate-counter.js'
import { truncateName } from './truncate.js'

const minuteMs = 60_000
/**
 * The token bucket: `atOnce` spans at first and then `aSecond` per second, so never more than 5,000 in a
 * minute. After a larger burst the timeline would look as if the program had stopped.
 */
const atOnce = 200
const aSecond = 80
const most = atOnce + (aSecond * minuteMs) / 1000

interface EndedFiber {
  readonly number: number
  readonly fiber: number
  readonly name: string | undefined
  readonly from: number
  readonly to: number
  readonly outcome: FiberOutcome
}

export class FiberSpans {
  /** A ring buffer: span number n is at index n - 1, modulo the length. Grows to `most`. */
  private readonly ring: Array<EndedFiber> = []
  /** The number of the last kept span. */
  private last = 0
  /** How many spans may be kept as of `refilled`. */
  private room = atOnce
  private refilled = 0

  /** `left` counts the spans that are not kept. */
  constructor(private readonly left: RateCounter) {}

  /** Refills the token bucket for the time until `now`. */
  refill(now: number): void {
    this.room = Math.min(atOnce, this.room + ((now - this.refilled) / 1000) * aSecond)
    this.refilled = now
  }

  /** Returns whether there is room for one more span. If there is none, counts it as not kept. */
  hasRoom(): boolean {
    if (this.room >= 1) return true
    this.left.happened()
    return false
  }

  /** Keeps a span. Requires that `hasRoom` has returned true. */
  keep(fiber: number, name: string | undefined, from: number, to: number, outcome: FiberOutcome): void {
    this.room--
    this.ring[this.last % most] = { number: ++this.last, fiber, name: truncateName(name), from, to, outcome }
  }

  /**
   * Returns the spans of the last minute with numbers above `after`, in order. Returns all if `after` is
   * beyond the last number.
   */
  after(after: number, now: number): ReadonlyArray<Life> {
    const first = Math.max(after > this.last ? 0 : after, this.last - most)
    const found: Array<Life> = []
    for (let number = first; number < this.last; number++) {
      const span = this.ring[number % most]
      if (span !== undefined && span.to >= now - minuteMs) found.push(span)
    }
    return found
  }

  /** Returns how many spans of the last minute were not kept. */
  countLeft(now: number): number {
    const second = Math.floor(now / 1000)
    return this.left.read(second - 59, 60).reduce((sum, count) => sum + count, 0)
  }
}
