/** The public interface of a running fiber. The record behind it (`FiberState`) belongs to the runtime. */
import type { Option } from 'fp-ts/lib/Option.js'
import type { Exit } from '../data/exit.js'
import type { FiberId } from '../data/reasons.js'
import type { Task } from './node.js'

export type FiberStatus =
  | { readonly _tag: 'Ready' | 'Running' | 'Done' }
  | { readonly _tag: 'Waiting'; readonly on: string }

/** One run of a Task. It can be joined, awaited, inspected and interrupted. */
export interface Fiber<out E, out A> {
  /** Unique within the process. The `by` field of an `Interrupt` contains it as well. */
  readonly id: FiberId
  readonly name: string | undefined
  /**
   * Waits until the fiber ends, then succeeds with its value or fails as it failed. Interrupting the joining
   * fiber leaves the joined fiber running. A fiber that joins itself fails with a defect that says so.
   */
  join(): Task<E, A>
  /**
   * Waits until the fiber ends, then succeeds with its Exit. Cannot fail. Interrupting the waiting fiber
   * leaves the other fiber running.
   */
  wait(): Task<never, Exit<E, A>>
  /** Requests interruption of the fiber, waits until its finalizers have run, and succeeds with its Exit. */
  interrupt(): Task<never, Exit<E, A>>
  /** Requests interruption of the fiber without waiting. Safe to call from anywhere, any number of times. */
  interruptNowait(): void
  /** Returns the Exit of the fiber, or None while the fiber has not ended. */
  poll(): Option<Exit<E, A>>
  /**
   * Returns the state of the fiber and, if it waits, what it waits for (`Queue.get`, `sleep 500ms`, `join #12
   * loader`). For dumps and tests.
   */
  status(): FiberStatus
}
