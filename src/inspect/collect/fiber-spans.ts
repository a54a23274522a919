/**
 * The lives that ended in the last minute, for the timeline. A page cannot show more than some thousands, so
 * no more are kept; in a program with more the ones that are kept lie spread over the minute, and the others
 * are counted.
 */

import type { FiberOutcome, Life } from '../protocol.js'
import type { RateCounter } from './rate-counter.js'
import { truncateName } from './truncate.js'

const minuteMs = 60_000
/**
 * So many at once, and then so many a second: never more than 5,000 in a minute. With more at once the others
 * would look like a stop.
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
  /** A ring: the life of number n is at n - 1, modulo its length. Grows to `most`. */
  private readonly ring: Array<EndedFiber> = []
  /** The number of the last one that was kept. */
  private last = 0
  /** How many may be kept now, and as of when. */
  private room = atOnce
  private refilled = 0

  /** `left` counts those that are not kept. */
  constructor(private readonly left: RateCounter) {}

  /** Time goes on to `now`. */
  refill(now: number): void {
    this.room = Math.min(atOnce, this.room + ((now - this.refilled) / 1000) * aSecond)
    this.refilled = now
  }

  /** Whether there is room for one more; where not, it is counted. */
  hasRoom(): boolean {
    if (this.room >= 1) return true
    this.left.happened()
    return false
  }

  /** Only where there is room. */
  keep(fiber: number, name: string | undefined, from: number, to: number, outcome: FiberOutcome): void {
    this.room--
    this.ring[this.last % most] = { number: ++this.last, fiber, name: truncateName(name), from, to, outcome }
  }

  /**
   * Of the last minute those that came after number `after`, in order; all, where that is one that there has
   * not been yet.
   */
  after(after: number, now: number): ReadonlyArray<Life> {
    const first = Math.max(after > this.last ? 0 : after, this.last - most)
    const found: Array<Life> = []
    for (let number = first; number < this.last; number++) {
      const life = this.ring[number % most]
      if (life !== undefined && life.to >= now - minuteMs) found.push(life)
    }
    return found
  }

  /** How many of the last minute are not kept. */
  countLeft(now: number): number {
    const second = Math.floor(now / 1000)
    return this.left.read(second - 59, 60).reduce((sum, count) => sum + count, 0)
  }
}
