/**
 * Order-statistics list of the entries of which one is chosen: ready fibers and due timers. They are numbered
 * from 0 in order of arrival, so that a number means the same in each run.
 *
 * Selecting and removing cost O(log n): a removed entry leaves a hole, and a Fenwick tree of counts maps a
 * number to its slot. An array without holes would make choosing among 100,000 quadratic.
 */

/** An entry of a pool; it is in at most one pool at a time. */
export interface Pooled {
  /** Its slot in the pool; -1 while it is in none. Only the pool writes it. */
  place: number
}

const lowestBit = (index: number): number => index & -index

/** Fewer holes than these are not worth moving anybody. */
const fewHoles = 64

export class IndexedPool<T extends Pooled> {
  /** With holes; the last place is never one. */
  private items: Array<T | undefined> = []
  /**
   * At `index - 1`: how many there are in the places from `index - lowestBit(index)` on, up to `index`, that
   * not included.
   */
  private counts: Array<number> = []
  size = 0

  /** Appends `item` at the end. */
  add(item: T): void {
    const { items, counts } = this
    item.place = items.length
    items.push(item)
    const index = items.length
    let count = 1
    for (let below = index - 1; below > index - lowestBit(index); below -= lowestBit(below))
      count += counts[below - 1] ?? 0
    counts.push(count)
    this.size++
  }

  /** The entry with that number. Throws if there is none: the choice was made among other entries. */
  at(number: number): T {
    const { counts } = this
    let left = number
    let index = 0
    for (let step = 1 << (31 - Math.clz32(counts.length)); step > 0; step >>= 1) {
      const count = counts[index + step - 1]
      if (count === undefined || count > left) continue
      left -= count
      index += step
    }
    const item = number < 0 ? undefined : this.items[index]
    if (item === undefined) throw new RangeError(`there is no number ${number} among ${this.size}`)
    return item
  }

  /** The number of one that is in it. */
  numberOf(item: T): number {
    let number = 0
    for (let index = item.place; index > 0; index -= lowestBit(index)) number += this.counts[index - 1] ?? 0
    return number
  }

  /** Removes `item` from any position. */
  remove(item: T): void {
    const { items, counts } = this
    for (let index = item.place + 1; index <= counts.length; index += lowestBit(index))
      counts[index - 1] = (counts[index - 1] ?? 0) - 1
    items[item.place] = undefined
    item.place = -1
    this.size--
    while (items.length > 0 && items.at(-1) === undefined) {
      items.pop()
      counts.pop()
    }
    if (items.length > fewHoles + 2 * this.size) this.closeUp()
  }

  /** Compacts the array when half of it is holes; the cost is amortized over the removals. */
  private closeUp(): void {
    const all = [...this]
    this.items = []
    this.counts = []
    this.size = 0
    for (const item of all) this.add(item)
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const item of this.items) if (item !== undefined) yield item
  }
}
