/** A doubly linked list whose entries are themselves its links: adding and removing allocate nothing. */

/** An entry of at most one list at a time. */
export interface Linked<T> {
  /** Its neighbors; undefined at the ends of the list, and outside of it. */
  previous: T | undefined
  next: T | undefined
}

/** Entries in order of addition. Adding and removing cost O(1). */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined
  last: T | undefined = undefined
  size = 0

  add(entry: T): void {
    const { last } = this
    entry.previous = last
    if (last === undefined) this.first = entry
    else last.next = entry
    this.last = entry
    this.size++
  }

  /** Removes `entry`, which must be in the list. */
  remove(entry: T): void {
    const { previous, next } = entry
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    entry.previous = undefined
    entry.next = undefined
    this.size--
  }
}
