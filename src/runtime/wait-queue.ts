/**
 * The one line in which everybody waits: joiners, getters, putters, holders of nothing yet.
 *
 * First come, first served, and leaving it costs O(1) from any place, because the waiter is itself the link:
 * closing a group of 100,000 fibers that wait on one thing is linear in any order. (In Effect it is
 * near-quadratic.)
 */
import type { Task } from '../core/node.js'
import { SuspendedWait } from './cancellation.js'
import type { Branch, Parkable } from './wait.js'

/** Where fibers wait in order of arrival. Nobody is in it that does not wait. */
export interface WaitQueue<P> {
  /** Who came first. The others hang on it in a ring. */
  first: Waiter<P> | undefined
  /** What one waits for here, in words for a dump. */
  readonly waitsFor: string
  /** Called when a waiter has left unserved, so that those behind it can be looked at again. */
  readonly onLeave?: (() => void) | undefined
  /** What has to end before those who wait here go on, where it is something with fibers in it. */
  readonly until?: Branch | undefined
  /** The group for whose closing, or whose end, one waits here. */
  readonly group?: Branch
}

/** One fiber's place in a line, with what it asks for. */
export class Waiter<P> extends SuspendedWait {
  /** Its neighbours in the ring; itself where it is alone. */
  previous: Waiter<P> = this
  next: Waiter<P> = this

  constructor(
    readonly queue: WaitQueue<P>,
    readonly fiber: Parkable,
    readonly payload: P
  ) {
    super()
  }

  get on(): string {
    return this.queue.waitsFor
  }

  /** Its place is free; the caller wakes its fiber in the same step. */
  leave(): void {
    const { queue, previous, next } = this
    if (next === this) queue.first = undefined
    else {
      previous.next = next
      next.previous = previous
      if (queue.first === this) queue.first = next
      this.previous = this
      this.next = this
    }
  }

  /** It was interrupted: it leaves the line with nothing. */
  cancel(): undefined {
    this.leave()
    this.queue.onLeave?.()
  }
}

/** `fiber` waits in `line` from now on. */
export function park<P>(line: WaitQueue<P>, fiber: Parkable, payload: P): undefined {
  const waiter = new Waiter(line, fiber, payload)
  const { first } = line
  if (first === undefined) line.first = waiter
  else {
    const last = first.previous
    waiter.previous = last
    waiter.next = first
    last.next = waiter
    first.previous = waiter
  }
  fiber.waiting = waiter
}

/** Takes the first out of the line; the caller wakes its fiber in the same step. */
export function dequeue<P>(line: WaitQueue<P>): Waiter<P> | undefined {
  const { first } = line
  first?.leave()
  return first
}

/** Everybody in `line` goes on with `task`. */
export function wakeAll(line: WaitQueue<unknown>, task: Task<unknown, unknown>): void {
  for (let waiter = dequeue(line); waiter !== undefined; waiter = dequeue(line)) waiter.fiber.wake(task)
}

/** Who waits in `line` now, in order. */
export function waitersIn<P>(line: WaitQueue<P>): ReadonlyArray<Waiter<P>> {
  const found: Array<Waiter<P>> = []
  for (let waiter = line.first; waiter !== undefined && waiter !== found[0]; waiter = waiter.next)
    found.push(waiter)
  return found
}

/** A line that belongs to something else. */
export class OwnedWaitQueue<P> implements WaitQueue<P> {
  first: Waiter<P> | undefined = undefined

  constructor(
    readonly waitsFor: string,
    readonly onLeave?: () => void
  ) {}
}
