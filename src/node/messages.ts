/** What an executor and its threads say to one another. */
/** What a thread is told when it starts. */
export interface ThreadData {
  /** The module of the jobs; undefined where functions are sent as text. */
  readonly module: string | undefined
  /** At place 0, the number of the job that is interrupted. Shared, so that a loop can look. */
  readonly flags: Int32Array
  /** Whether jobs can be interrupted at all. */
  readonly isInterruptible: boolean
}

/** What the name of a job is, and how its values cross. Numbers, since small jobs are mostly messages. */
export const enum Kind {
  /** An export of the module; values as they are. */
  Plain,
  /** An export of the module; values encoded by its codecs. */
  Encoded,
  /** The text of a function. */
  Text
}

/**
 * One job: its number, which counts up from 1, so that an interruption that comes late means nobody else; its kind; its name; its
 * arguments.
 */
export type JobMessage = readonly [number: number, kind: Kind, name: string, ...args: ReadonlyArray<unknown>]
