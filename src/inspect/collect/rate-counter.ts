/** How often something happened in each of the last seconds. */

/** The last sixty whole seconds and the one that runs, and a power of two. */
const rateSlots = 64

export class RateCounter {
  private readonly counts: Uint32Array = new Uint32Array(rateSlots)
  /** The second that was last counted in; what lies between it and a later one is zero. */
  private last = 0
  total = 0
  /** What is not yet counted. */
  private fresh = 0

  /** It has happened, in the second in which it will be counted. Costs less than to add each by itself. */
  happened(): void {
    this.fresh++
  }

  /** All that has happened since the last count did in `second`. */
  count(second: number): void {
    if (this.fresh === 0) return
    this.add(second, this.fresh)
    this.fresh = 0
  }

  /** It has happened in `second`, counted from the epoch. */
  add(second: number, times = 1): void {
    if (second > this.last) this.goTo(second)
    // A time that was read a little earlier than another one: at most by a moment.
    const place = (second < this.last ? this.last : second) & (rateSlots - 1)
    this.counts[place] = (this.counts[place] ?? 0) + times
    this.total += times
  }

  /** One number a second, from `first` on, the oldest first. Of seconds that are long gone, zeros. */
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
