/**
 * Things that are looked at now and then and are kept alive by nobody here: what measures a program must not
 * be what makes it grow.
 */

/** A list shorter than this is not searched for collected entries. */
const fewestWeakRefs = 64

export class WeakList<X extends WeakKey> {
  private refs: Array<WeakRef<X>> = []
  /** At this length collected entries are removed, so that adding costs amortized O(1). */
  private limit = fewestWeakRefs

  /** `isOver` says which are of no interest any more. */
  constructor(private readonly isOver: (item: X) => boolean) {}

  add(item: X): void {
    if (this.refs.length >= this.limit) {
      this.list()
      this.limit = Math.max(fewestWeakRefs, 2 * this.refs.length)
    }
    this.refs.push(new WeakRef(item))
  }

  /** Those that are there and not over. Costs time linear in their number. */
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

  /** How many places it takes. */
  get places(): number {
    return this.refs.length
  }
}
