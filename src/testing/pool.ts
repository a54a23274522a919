/**
 * Those of whom one is to be chosen: ready fibers, and timers that are due.
 *
 * Numbered from 0 in order of arrival, as far as a choice leaves that order: taking the first or the last costs O(1) and keeps it; so
 * does taking any of a few. Of many, the one at the front takes the place of the one that is taken, so that no choice among 100,000
 * costs more than one among ten.
 */

/** Whoever can be in a pool; in one at a time. */
export interface Pooled {
  /** Where it stands in the pool; -1 while it is in none. Only its pool writes it. */
  place: number
}

/** Up to so many the others close up, and keep their order. */
const few = 32

export class Pool<T extends Pooled> {
  /** From `front` on; before it there is nothing any more. */
  private items: Array<T | undefined> = []
  private front = 0

  get size(): number {
    return this.items.length - this.front
  }

  /** It stands last from now on. */
  add(item: T): void {
    item.place = this.items.length
    this.items.push(item)
  }

  /** The one with that number. Throws where there is none: a choice was made among others. */
  at(index: number): T {
    const item = this.items[this.front + index]
    if (item === undefined) throw new RangeError(`there is no number ${index} among ${this.size}`)
    return item
  }

  /** The number of one that is in it. */
  indexOf(item: T): number {
    return item.place - this.front
  }

  /** Takes it out, from wherever it stands. */
  remove(item: T): void {
    const { items, front } = this
    const { place } = item
    item.place = -1
    if (place === items.length - 1) items.pop()
    else if (place === front) this.advance()
    else if (this.size <= few) {
      items.splice(place, 1)
      for (let index = place; index < items.length; index++) this.put(items[index], index)
    } else {
      this.put(items[front], place)
      this.advance()
    }
    if (this.size === 0) this.clear()
  }

  private put(item: T | undefined, place: number): void {
    this.items[place] = item
    if (item !== undefined) item.place = place
  }

  private advance(): void {
    this.items[this.front++] = undefined
    // Half of it is empty: moved together, at a cost that so many takings share.
    if (this.front < 1024 || this.front * 2 < this.items.length) return
    this.items = this.items.slice(this.front)
    this.front = 0
    for (let index = 0; index < this.items.length; index++) this.put(this.items[index], index)
  }

  private clear(): void {
    this.items = []
    this.front = 0
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let index = this.front; index < this.items.length; index++) {
      const item = this.items[index]
      if (item !== undefined) yield item
    }
  }
}
