/**
 * The interface of a suspended wait, as the primitives that wake it and the functions that print it need it.
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
  /** The next one of its owner's. */
  readonly next: Parkable | undefined
  /** Goes on with `task` at its next turn. It must be waiting, and its waiter in no line any more. */
  wake(task: Task<unknown, unknown>): void
}

/** What a parked fiber waits for. */
export interface Wait {
  /** In words, for a dump. */
  readonly on: string
  /**
   * The fiber was interrupted and waits no more. Gives what has to be run, uninterruptibly, before the
   * interruption goes on.
   */
  cancel(): Task<unknown, unknown> | undefined
  /** Whether the value of that task is a `Stopped`. */
  readonly carries?: boolean
  /** The fibers that it waits for, where they are its own. */
  readonly branch?: Branch
  /** Whether it ends by itself in time, whatever the fibers do. */
  readonly endsByItself?: boolean
  /** Whether only an interruption of the fiber ends it, as with `Task.never`. */
  readonly isEndless?: boolean
  /**
   * The fiber, which is parked, is interrupted: it goes on at its turn, and nothing can be handed to it any
   * more.
   */
  interrupt(fiber: Parkable): void
  /** The fiber leaves it. Gives how it goes on. */
  abandon(fiber: Parkable): Node
}

/** How children ended that were stopped because their parent was interrupted. */
export interface Stopped {
  /** What they had still given, for the `Interrupt` to carry. */
  readonly carried: Option<Exit<unknown, unknown>>
  /** What had gone wrong in them. */
  readonly failedCleanups: Cause<unknown> | undefined
}

/** A part of the tree of what runs. */
export interface Branch {
  /** Its title in a dump; left out if its fibers are shown directly. */
  readonly title?: string
  /** Left out if its fibers are shown directly. */
  readonly group?: LiveGroup
  /** The first of them, on which the others hang. */
  readonly fibers: { readonly first: Parkable | undefined }
  readonly branches: Iterable<Branch>
  /** Whether the fiber that waits for them goes on once one of them has ended. */
  readonly isAny?: boolean
}
