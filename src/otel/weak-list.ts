/**
 * A list of weakly held objects that are inspected from time to time: code that measures a program must not
 * keep its objects alive.
 */

/** Below this many entries a sweep for dead references is not worth its cost. */
const fewestWeakRefs = 64

export class WeakList<X extends WeakKey> {
  private refs: Array<WeakRef<X>> = []
  /** The size at which `add` sweeps dead references, so that adding costs amortized O(1). */
  private limit = fewestWeakRefs

  /** `isOver` returns true for items that can be removed from the list. */
  constructor(private readonly isOver: (item: X) => boolean) {}

  add(item: X): void {
    if (this.refs.length >= this.limit) {
      this.list()
      this.limit = Math.max(fewestWeakRefs, 2 * this.refs.length)
    }
    this.refs.push(new WeakRef(item))
  }

  /**
   * Returns the live items for which `isOver` is false, and drops the others. Costs time linear in their
   * number.
   */
  list(): ReadonlyArray<X> {
    const items: Array<X> = []
    this.refs = this.refs.filter((ref) => {
      const item = ref.deref()
      if (item === undefined || this.isOver(item)) return false
      items.push(item)
      return true
    })
    return items
  }

  /** The number of entries, dead references included. */
  get places(): number {
    return this.refs.length
  }
}
