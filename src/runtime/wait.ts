/** What waiting is, as far as those who serve the waiters and those who print the tree have to know. */
import type { Option } from 'fp-ts/lib/Option.js'
import type { Exit } from '../data/exit.js'
import type { Cause, FiberId } from '../data/reasons.js'
import type { FiberStatus } from '../task/fiber.js'
import type { Task } from '../task/task.js'
import type { LiveGroup } from './hooks.js'

/** A fiber that may wait. */
export interface Parkable {
  readonly id: FiberId
  /** `#12 loader`. */
  readonly title: string
  /** The names of the tasks that it is in, innermost first, as far as they are known while it does not run. */
  readonly path: ReadonlyArray<string>
  /** The clock's time when it first waited or gave way; -1 until then. */
  readonly began: number
  /** Set exactly while it waits. */
  waiting: Wait | undefined
  /** The fibers of its own that have not ended: those for which it waits, or did until it was interrupted. */
  readonly branch: Branch | undefined
  /** Goes on with `task` at its next turn. It must be waiting, and its waiter in no line any more. */
  wake(task: Task<unknown, unknown>): void
  status(): FiberStatus
  now(): number
}

/** What a parked fiber waits for. */
export interface Wait {
  /** In words, for a dump. */
  readonly on: string
  /** The fiber was interrupted and waits no more. Gives what has to be run, uninterruptibly, before the interruption goes on. */
  cancel(): Task<unknown, unknown> | undefined
  /** Whether the value of that task is a `Stopped`. */
  readonly carries: boolean
  /** The fibers that it waits for, where they are its own. */
  readonly branch: Branch | undefined
}

/** What is to be told of fibers that were stopped because the one who waited for them was interrupted. */
export interface Stopped {
  /** What they had still given, for the `Interrupt` to carry. */
  readonly carried: Option<Exit<unknown, unknown>>
  /** What had gone wrong in them. */
  readonly troubles: Cause<unknown> | undefined
}

/** A part of the tree of what runs. */
export interface Branch {
  /** In words, for a dump; undefined where the fibers stand for themselves. */
  readonly title: string | undefined
  /** Undefined where the fibers stand for themselves. */
  readonly group: LiveGroup | undefined
  readonly fibers: Iterable<Parkable>
  readonly branches: Iterable<Branch>
}
