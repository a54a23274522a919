/**
 * The faults that a test can find in a program. Each message says what happened, which fiber ran when, and
 * how to replay it.
 */

/**
 * Nothing can ever run again, or nothing can run and the host has not answered within `hostWaitMs`; and the
 * program has not ended. The message says which fiber waits for what.
 */
export class DeadlockError extends Error {
  readonly _tag = 'DeadlockError' as const
  override readonly name = 'DeadlockError'
}

/**
 * The main fiber has ended, and fibers or timers that were started on its behalf have not; or a group holds a
 * resource that it has acquired for one of its fibers (`Group.acquire`), since it was not closed.
 */
export class LeakError extends Error {
  readonly _tag = 'LeakError' as const
  override readonly name = 'LeakError'
}

/** The program has taken more steps than a test is meant to have: it runs in an endless loop. */
export class LivelockError extends Error {
  readonly _tag = 'LivelockError' as const
  override readonly name = 'LivelockError'
}

/** The program has not ended within the virtual time that the test gives it. */
export class TimeLimitError extends Error {
  readonly _tag = 'TimeLimitError' as const
  override readonly name = 'TimeLimitError'
}

/**
 * A fiber failed or died and nobody heard of it but the runtime's reporter. `cause` is the error, or what was
 * thrown.
 */
export class UnseenFailureError extends Error {
  readonly _tag = 'UnseenFailureError' as const
  override readonly name = 'UnseenFailureError'
}

/** A schedule that cannot be read, or that is one of another program. */
export class ScheduleError extends Error {
  readonly _tag = 'ScheduleError' as const
  override readonly name = 'ScheduleError'
}

/**
 * The program did something else under the very same schedule, so that no search can say anything about it.
 */
export class NondeterminismError extends Error {
  readonly _tag = 'NondeterminismError' as const
  override readonly name = 'NondeterminismError'
}

/**
 * A search found a failing run. `cause` is the fault, `schedule` the shortest schedule found that still
 * fails; the message shows both, and which fiber ran when.
 */
export class ExploreError extends Error {
  readonly _tag = 'ExploreError' as const
  override readonly name = 'ExploreError'
  override readonly cause: unknown
  constructor(
    message: string,
    cause: unknown,
    readonly schedule: string,
    /** How many runs there had been when it was found, this one included. */
    readonly runs: number
  ) {
    super(message)
    this.cause = cause
  }
}
