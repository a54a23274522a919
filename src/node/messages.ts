/** What an executor and its threads send to one another. */
import type { SerializedExit } from '../executor/serialize-exit.js'

/** What a thread is given when it starts. */
export interface ThreadData {
  /** The module of the jobs; undefined where functions are sent as text. */
  readonly module: string | undefined
  /**
   * Shared with the executor, one cell for each `Cell`: a loop that holds the thread can read it, and it
   * outlives the thread.
   */
  readonly cells: Int32Array
}

/**
 * The cells that an executor and a thread share. Jobs are referred to by their numbers, which count up from
 * 1.
 */
export const enum Cell {
  /** The job that is interrupted. */
  Interrupted,
  /** The job that began last: the thread has taken it and has found its function. */
  Begun,
  /**
   * Why the thread dies: the job that had created what threw, where that is known and it was not the running
   * one; `byModule`.
   */
  Culprit,
  /** The job that may have ended the thread, since it had left something running; 0 if there is none. */
  Suspect,
  Count
}

/** In `Culprit`: what the module of the jobs created while it was loaded. */
export const byModule = -1

/** What the name of a job is, and how its values cross. A number, since small jobs are mostly messages. */
export const enum Kind {
  /** An export of the module; values as they are. */
  Plain,
  /** An export of the module; values encoded by its codecs. */
  Encoded,
  /** The text of a function. */
  Text
}

/**
 * One job: its number, so that an interruption that comes late reaches no other job; its kind; its name;
 * whether its Task gets a signal; how many milliseconds it may run; its arguments.
 */
export type JobMessage = readonly [
  number: number,
  kind: Kind,
  name: string,
  isInterruptible: boolean,
  maxMs: number | undefined,
  ...args: ReadonlyArray<unknown>
]

/**
 * How the job of that number ended. The number is `unread` where the thread could not read the job that was
 * sent last.
 */
export type ExitMessage = readonly [number: number, exit: SerializedExit]

export const unread = 0
