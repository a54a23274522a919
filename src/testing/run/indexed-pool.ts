/**
 * A list of the candidates of a choice: ready fibers, and due timers. They are always numbered from 0 in the
 * order of arrival, so that first come is first served, and so that a number means the same in each run.
 *
 * Selecting and removing any of them costs O(log n): a removed item leaves a hole, and a Fenwick tree of
 * counts finds the index of the item with a given number. An array without holes would make choosing among
 * 100,000 items quadratic.
 */

/** An item of a pool. It can be in one pool at a time. */
export interface Pooled {
  /** The index of the item in its pool, or -1 while it is in none. Only the pool writes it. */
  place: number
}

const lowestBit = (index: number): number => index & -index

/** Below this number of holes compaction is not worth its cost. */
const fewHoles = 64

export class IndexedPool<T extends Pooled> {
  /** The items, with holes. Invariant: the last entry is not a hole. */
  private items: Array<T | undefined> = []
  /**
   * At `index - 1`: the number of items at the indexes from `index - lowestBit(index)` (included) to `index`
   * (excluded).
   */
  private counts: Array<number> = []
  size = 0

  /** Appends an item. */
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

  /**
   * Returns the item with that number. Throws a RangeError if there is none: the choice was made among other
   * items.
   */
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

  /** Returns the number of an item of this pool. */
  numberOf(item: T): number {
    let number = 0
    for (let index = item.place; index > 0; index -= lowestBit(index)) number += this.counts[index - 1] ?? 0
    return number
  }

  /** Removes an item, wherever it is. */
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

  /** Compacts the list once most of it is holes. The preceding removals pay for the cost. */
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
