/**
 * The FIFO wait queue in which all fibers wait: joiners, getters, putters, and fibers that wait for permits.
 *
 * A waiter leaves from any position in O(1), because it is itself the link: closing a group of 100,000 fibers
 * that wait on one thing is linear in any order. (In Effect it is near-quadratic.)
 */
import type { Task } from '../core/node.js'
import { SuspendedWait } from './cancellation.js'
import type { Branch, Parkable } from './wait.js'

/** A FIFO wait queue. Invariant: every entry is a suspended fiber. */
export interface WaitQueue<P> {
  /** The first waiter. The others are linked to it in a ring. */
  first: Waiter<P> | undefined
  /** What fibers wait for here, as text for a dump. */
  readonly waitsFor: string
  /** Called when a waiter has left unserved, so that the waiters behind it can be checked again. */
  readonly onLeave?: (() => void) | undefined
  /** What has to end before the fibers here can continue, if it is something that contains fibers. */
  readonly until?: Branch | undefined
  /** The group whose closing, or whose end, the fibers here wait for. */
  readonly group?: Branch
}

/** The place of one fiber in a wait queue, with what it requests. */
export class Waiter<P> extends SuspendedWait {
  /** Its neighbors in the ring; the waiter itself if it is alone. */
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

  /** Leaves the queue. The caller wakes the fiber in the same step. */
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

  /** Leaves the queue with nothing, because the fiber was interrupted. */
  cancel(): undefined {
    this.leave()
    this.queue.onLeave?.()
  }
}

/** Suspends `fiber` at the end of the queue. */
export function park<P>(queue: WaitQueue<P>, fiber: Parkable, payload: P): undefined {
  const waiter = new Waiter(queue, fiber, payload)
  const { first } = queue
  if (first === undefined) queue.first = waiter
  else {
    const last = first.previous
    waiter.previous = last
    waiter.next = first
    last.next = waiter
    first.previous = waiter
  }
  fiber.waiting = waiter
}

/** Removes the oldest waiter. The caller wakes its fiber in the same step. */
export function dequeue<P>(queue: WaitQueue<P>): Waiter<P> | undefined {
  const { first } = queue
  first?.leave()
  return first
}

/** Wakes all waiters with `task`. */
export function wakeAll(queue: WaitQueue<unknown>, task: Task<unknown, unknown>): void {
  for (let waiter = dequeue(queue); waiter !== undefined; waiter = dequeue(queue)) waiter.fiber.wake(task)
}

/** The waiters, oldest first. */
export function waitersIn<P>(queue: WaitQueue<P>): ReadonlyArray<Waiter<P>> {
  const found: Array<Waiter<P>> = []
  for (let waiter = queue.first; waiter !== undefined && waiter !== found[0]; waiter = waiter.next)
    found.push(waiter)
  return found
}

/** A wait queue that belongs to another object. */
export class OwnedWaitQueue<P> implements WaitQueue<P> {
  first: Waiter<P> | undefined = undefined

  constructor(
    readonly waitsFor: string,
    readonly onLeave?: () => void
  ) {}
}
