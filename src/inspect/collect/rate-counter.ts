/** Counts how often something happened in each of the last seconds. */

/** Slots for the last sixty whole seconds and the current one, rounded up to a power of two. */
const rateSlots = 64

export class RateCounter {
  private readonly counts: Uint32Array = new Uint32Array(rateSlots)
  /** The last second in which something was counted. Any second between it and a later one is zero. */
  private last = 0
  total = 0
  /** Events that are not yet counted in a slot. */
  private fresh = 0

  /** Records an event in the second that the next `count` names. Cheaper than one `add` per event. */
  happened(): void {
    this.fresh++
  }

  /** Counts all events since the last count in `second`. */
  count(second: number): void {
    if (this.fresh === 0) return
    this.add(second, this.fresh)
    this.fresh = 0
  }

  /** Counts `times` events in `second`, which is in seconds since the epoch. */
  add(second: number, times = 1): void {
    if (second > this.last) this.goTo(second)
    // A second before `last` comes from a slightly earlier reading of the clock.
    const place = (second < this.last ? this.last : second) & (rateSlots - 1)
    this.counts[place] = (this.counts[place] ?? 0) + times
    this.total += times
  }

  /**
   * Returns one number per second, starting with the second `first`, oldest first. Seconds that are no longer
   * kept are 0.
   */
  read(first: number, length: number): ReadonlyArray<number> {
    return Array.from({ length }, (_, index) => {
      const second = first + index
      const isKept = second <= this.last && second > this.last - rateSlots
      return isKept ? (this.counts[second & (rateSlots - 1)] ?? 0) : 0
    })
  }

  private goTo(second: number): void {
    for (let at = Math.max(this.last + 1, second - rateSlots + 1); at <= second; at++)
      this.counts[at & (rateSlots - 1)] = 0
    this.last = second
  }
}
