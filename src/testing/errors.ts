/**
 * The errors that a controlled run reports beside the program's own exit. Each message says what happened,
 * shows the execution trace, and explains how to reproduce the run.
 */

/**
 * The program has not ended, and either nothing can ever run again, or nothing can run and the host has not
 * answered within `hostWaitMs`. The message says which fiber waits for what.
 */
export class DeadlockError extends Error {
  readonly _tag = 'DeadlockError' as const
  override readonly name = 'DeadlockError'
}

/**
 * The main fiber has ended, but fibers or timers that were started on its behalf have not, or a group that
 * was not closed still holds a resource that it acquired for one of its fibers (`Group.acquire`).
 */
export class LeakError extends Error {
  readonly _tag = 'LeakError' as const
  override readonly name = 'LeakError'
}

/** The program exceeded the maximum number of steps (`maxSteps`): it runs in a loop without end. */
export class LivelockError extends Error {
  readonly _tag = 'LivelockError' as const
  override readonly name = 'LivelockError'
}

/** The program did not end within the limit of virtual time (`maxMs`). */
export class TimeLimitError extends Error {
  readonly _tag = 'TimeLimitError' as const
  override readonly name = 'TimeLimitError'
}

/**
 * A fiber failed or died and only the runtime's reporter received it. `cause` is the error, or the thrown
 * value.
 */
export class UnseenFailureError extends Error {
  readonly _tag = 'UnseenFailureError' as const
  override readonly name = 'UnseenFailureError'
}

/** A schedule cannot be parsed, or it belongs to another program. */
export class ScheduleError extends Error {
  readonly _tag = 'ScheduleError' as const
  override readonly name = 'ScheduleError'
}

/** The program behaved differently under the same schedule, so no search can make a statement about it. */
export class NondeterminismError extends Error {
  readonly _tag = 'NondeterminismError' as const
  override readonly name = 'NondeterminismError'
}

/**
 * A search found a run that went wrong. `cause` is what went wrong, `schedule` is the shortest schedule found
 * that still reproduces it. The message shows both, and the execution trace.
 */
export class ExploreError extends Error {
  readonly _tag = 'ExploreError' as const
  override readonly name = 'ExploreError'
  override readonly cause: unknown
  constructor(
    message: string,
    cause: unknown,
    readonly schedule: string,
    /** How many runs were made until it was found, this one included. */
    readonly runs: number
  ) {
    super(message)
    this.cause = cause
  }
}
