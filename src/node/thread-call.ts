/** One call of an executor on threads, from the moment when it is let in. */

import { make, Op } from '../core/node.js'
import type { AnyExit } from '../executor/any-exit.js'
import type { Parkable } from '../runtime/wait.js'
import { OwnedWaitQueue, park, wakeAll } from '../runtime/wait-queue.js'
import * as Task from '../Task.js'
import type { TimeLimit } from './time-limit.js'
import { ExitOrigin, type SentJob, type Thread } from './worker-thread.js'

/** What is called. */
export interface ThreadJob extends SentJob {
  /** What is left to do with its exit, on the caller's side. */
  readonly receive: ((exit: AnyExit) => AnyExit) | undefined
}

/** What a call has a thread for. */
export interface CallRun {
  readonly thread: Thread
  readonly number: number
  readonly limit: TimeLimit | undefined
}

export class ThreadCall {
  /** Undefined until it has a thread. */
  run: CallRun | undefined = undefined
  /** Whether its job is being stopped: it is not to be sent once more. */
  isStopped = false
  /** How its job ended. */
  exit: AnyExit | undefined = undefined
  /** Whether the exit is not its own: its thread was terminated, or never began it. */
  isCutOff = false
  /** The fibers that wait for the exit. Empty once it is there. */
  readonly waiters: OwnedWaitQueue<undefined> = new OwnedWaitQueue('the end of a job')

  constructor(readonly job: ThreadJob) {}

  wait(): Task.Task<never, AnyExit> {
    return make(Op.Park, ThreadCall.look, this)
  }

  end(exit: AnyExit, origin: ExitOrigin): void {
    this.exit = exit
    this.isCutOff = origin !== ExitOrigin.Own
    wakeAll(this.waiters, Task.succeed(exit))
  }

  private static look(fiber: Parkable, { exit, waiters }: ThreadCall): Task.Task<never, AnyExit> | undefined {
    return exit === undefined ? park(waiters, fiber, undefined) : Task.succeed(exit)
  }
}
