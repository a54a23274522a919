/**
 * The one line in which everybody waits: joiners, getters, putters, holders of nothing yet.
 *
 * First come, first served, and leaving it costs O(1) from any place, because the waiter is itself the link: closing a group of
 * 100,000 fibers that wait on one thing is linear in any order. (In Effect it is near-quadratic.)
 */
import type { Parkable, Wait } from './wait.js'

/** One fiber's place in a line, with what it asks for. */
export class Waiter<P> implements Wait {
  /** Both undefined when it is alone in its line, or in none any more. */
  previous: Waiter<P> | undefined = undefined
  next: Waiter<P> | undefined = undefined

  constructor(
    readonly line: WaiterLine<P>,
    readonly fiber: Parkable,
    readonly payload: P
  ) {}

  get on(): string {
    const { what } = this.line
    return typeof what === 'string' ? what : `join ${what.title}`
  }

  // Getters, since a place of its own in every waiter would cost memory.
  get carries(): boolean {
    return false
  }

  get branch(): undefined {
    return undefined
  }

  /** It was interrupted: it leaves the line with nothing. */
  cancel(): undefined {
    this.line.remove(this)
    this.line.left?.()
  }
}

/** Fibers in order of arrival. Nobody is in it that does not wait. */
export class WaiterLine<P> {
  first: Waiter<P> | undefined = undefined
  private last: Waiter<P> | undefined = undefined
  size = 0

  constructor(
    /** What one waits for here, in words for a dump, or the fiber whose end it is. */
    readonly what: string | Parkable,
    /** Called when a waiter has left unserved, so that those behind it can be looked at again. */
    readonly left?: () => void
  ) {}

  /** `fiber` waits here from now on. */
  enter(fiber: Parkable, payload: P): undefined {
    const waiter = new Waiter(this, fiber, payload)
    if (this.last === undefined) this.first = waiter
    else {
      waiter.previous = this.last
      this.last.next = waiter
    }
    this.last = waiter
    this.size++
    fiber.waiting = waiter
  }

  /** Takes the first out of the line; the caller wakes its fiber in the same step. */
  shift(): Waiter<P> | undefined {
    const { first } = this
    if (first !== undefined) this.remove(first)
    return first
  }

  remove(waiter: Waiter<P>): void {
    const { previous, next } = waiter
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    waiter.previous = undefined
    waiter.next = undefined
    this.size--
  }
}
