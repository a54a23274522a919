/**
 * The interface of a wait, as far as the code that serves waiters and the code that prints the tree need it.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import type { Node, Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import type { Cause, FiberId } from '../data/reasons.js'
import type { LiveGroup } from './hooks.js'

/** A fiber that may wait. */
export interface Parkable {
  readonly id: FiberId
  /** Set exactly while it waits. */
  waiting: Wait | undefined
  /** The next fiber of the same owner. */
  readonly next: Parkable | undefined
  /**
   * Continues with `task` at its next turn. The fiber must be waiting, and its
   * waiter must have left its queue.
   */
  wake(task: Task<unknown, unknown>): void
}

/** What a parked fiber waits for. */
export interface Wait {
  /** What the fiber waits for, as text for a dump. */
  readonly on: string
  /**
   * Called when the fiber was interrupted and waits no more. Returns what has to run, uninterruptibly, before
   * the interruption is delivered.
   */
  cancel(): Task<unknown, unknown> | undefined
  /** Whether the value of the Task that `cancel` returns is a `Stopped`. */
  readonly returnsStopped?: boolean
  /** The fibers that the fiber waits for, if they are its own. */
  readonly branch?: Branch
  /** Whether the wait ends by itself in time, whatever the fibers do. */
  readonly endsByItself?: boolean
  /** Whether only an interruption of the fiber ends the wait, as with `Task.never`. */
  readonly isEndless?: boolean
  /** Interrupts the parked fiber: it continues at its turn, and nothing can be passed to it any more. */
  interrupt(fiber: Parkable): void
  /** Ends the wait of the fiber. Returns the node that it continues with. */
  abandon(fiber: Parkable): Node
}

/**
 * What to report about fibers that were interrupted because the fiber that waited for them was interrupted.
 */
export interface Stopped {
  /** Their late result, for the `Interrupt` of the waiting fiber. */
  readonly lateResult: Option<Exit<unknown, unknown>>
  /** What had gone wrong in them. */
  readonly failedCleanups: Cause<unknown> | undefined
}

/** A part of the tree of running fibers. */
export interface Branch {
  /** A title for a dump; left out if the fibers need none. */
  readonly title?: string
  /** The group that the fibers belong to; left out if there is none. */
  readonly group?: LiveGroup
  /** The first of the fibers, to which the others are linked. */
  readonly fibers: { readonly first: Parkable | undefined }
  readonly branches: Iterable<Branch>
  /** Whether the fiber that waits for them continues once one of them has ended. */
  readonly isAny?: boolean
}
