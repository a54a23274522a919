/** A binary heap of what is due at a time, first the earliest. Adding and removing cost O(log n). */

export interface HeapEntry {
  readonly at: number
  /** Decides between entries of the same time: the smaller number is first. */
  readonly order: number
  /** The index of the entry in the heap, or -1 if it is in none. */
  heapPlace: number
}

const isBefore = (one: HeapEntry, other: HeapEntry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

export class TimerHeap<T extends HeapEntry> {
  /** Invariant: no entry is before its parent, which is at half its index. */
  private entries: Array<T> = []

  get size(): number {
    return this.entries.length
  }

  /** The earliest entry. */
  get first(): T | undefined {
    return this.entries[0]
  }

  add(entry: T): void {
    this.rise(entry, this.entries.length)
  }

  /** Removes `entry`, which must be in the heap. */
  remove(entry: T): void {
    const { heapPlace: place } = entry
    const last = this.entries.pop()
    entry.heapPlace = -1
    if (last === undefined || last === entry) return
    const parent = this.entries[(place - 1) >> 1]
    if (place > 0 && parent !== undefined && isBefore(last, parent)) this.rise(last, place)
    else this.sink(last, place)
  }

  /** Removes all entries for which `isWanted` is false. Returns the others. Costs O(n log n). */
  keep(isWanted: (entry: T) => boolean): ReadonlyArray<T> {
    const kept: Array<T> = []
    for (const entry of this.entries) {
      if (isWanted(entry)) kept.push(entry)
      else entry.heapPlace = -1
    }
    // A sorted list is a heap.
    kept.sort((one, other) => (isBefore(one, other) ? -1 : 1))
    kept.forEach((entry, place) => {
      entry.heapPlace = place
    })
    this.entries = kept
    return kept
  }

  /** Moves `entry` from `start` toward the top. */
  private rise(entry: T, start: number): void {
    const { entries } = this
    let place = start
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = entries[above]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.put(parent, place)
      place = above
    }
    this.put(entry, place)
  }

  /** Moves `entry` from `start` toward the bottom. */
  private sink(entry: T, start: number): void {
    const { entries } = this
    let place = start
    for (;;) {
      let below = 2 * place + 1
      const left = entries[below]
      const right = entries[below + 1]
      if (left !== undefined && right !== undefined && isBefore(right, left)) below++
      const child = entries[below]
      if (child === undefined || !isBefore(child, entry)) break
      this.put(child, place)
      place = below
    }
    this.put(entry, place)
  }

  private put(entry: T, place: number): void {
    this.entries[place] = entry
    entry.heapPlace = place
  }
}
