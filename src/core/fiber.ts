/** What others may do with a running fiber. The record behind it belongs to the runtime. */
import type { Option } from 'fp-ts/lib/Option.js'
import type { Exit } from '../data/exit.js'
import type { FiberId } from '../data/reasons.js'
import type { Task } from './node.js'

export type FiberStatus =
  | { readonly _tag: 'Ready' | 'Running' | 'Done' }
  | { readonly _tag: 'Waiting'; readonly on: string }

/** One run of a Task: it can be joined, waited for, looked at and interrupted. */
export interface Fiber<out E, out A> {
  /** Unique within the process; also in the `by` of an `Interrupt`. */
  readonly id: FiberId
  readonly name: string | undefined
  /**
   * Waits for the end of the fiber and succeeds with its value or fails with its cause. Interrupting the join
   * leaves the fiber running. A fiber that joins itself dies with a defect.
   */
  join(): Task<E, A>
  /**
   * Waits for the end of the fiber and succeeds with its Exit. Cannot fail. Interrupting the wait leaves the
   * fiber running.
   */
  wait(): Task<never, Exit<E, A>>
  /** Asks it to stop, waits until its finalizers have run, and gives how it ended. */
  interrupt(): Task<never, Exit<E, A>>
  /** Asks it to stop and does not wait. Safe to call from anywhere, any number of times. */
  interruptNowait(): void
  /** How it ended, or None while it has not. */
  poll(): Option<Exit<E, A>>
  /**
   * For dumps and tests: what it is doing, and if it waits, for what (`Queue.get`, `sleep 500ms`, `join #12
   * loader`).
   */
  status(): FiberStatus
}
