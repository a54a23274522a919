/**
 * Which job had created what ends a thread.
 *
 * A job may leave something running: a timer, a connection, a promise that is not awaited. If that throws
 * later, Node ends the thread, and with it the job that runs by then. Node numbers timers, sockets and file
 * operations as they are created, and says in which of them an error was thrown. So where a job begins while
 * more is active than at first, a number is reserved: what has a lower one was created before. A rejected
 * promise has no number, and what something left behind creates later has a high one: then the job is
 * suspected that had left something running.
 *
 * To look costs less than a microsecond a job. AsyncLocalStorage would be exact, but slows every promise of a
 * job on Node 20 and 22.
 */
import { AsyncResource, executionAsyncId } from 'node:async_hooks'
import process from 'node:process'
import { byModule } from './messages.js'

/** Where a job began while something was active. */
interface JobBoundary {
  /** The job before it. */
  readonly after: number
  /** What that one had created, and those before, has a lower number. */
  readonly asyncId: number
  /** Whether that one had left something running. */
  readonly hasLeft: boolean
}

export interface Blame {
  /**
   * The job that had created what throws, `byModule`, or 0 where that is not known or it is the running one.
   */
  readonly culprit: number
  /** The number of a job that may have ended the thread; 0 if there is none. */
  readonly suspect: number
}

/** Older boundaries are merged. */
const mostBoundaries = 64

const nextAsyncId = (): number => new AsyncResource('aio-ts.job', { requireManualDestroy: true }).asyncId()

/** The jobs that began on this thread. */
export class JobHistory {
  private boundaries: Array<JobBoundary> = []
  /** The job that began last; 0 before the first. */
  private last = 0
  /** What the module of the jobs created while it was loaded has a lower number. */
  private firstAsyncId = 0
  /** In what the last job began: also a number where something has enabled them for promises. */
  private context = 0
  /** How many timers and sockets there were at the fewest when a job began: they are no job's. */
  private base = Number.POSITIVE_INFINITY
  /** How many there were when the last one began. */
  private lasting = 0
  /** Whether there was more than that, or an operation under way. */
  private isAmongOthers = false

  begin(number: number): void {
    const active = process.getActiveResourcesInfo()
    const lasting = active.reduce((sum, type) => (type.includes('Req') ? sum : sum + 1), 0)
    this.isAmongOthers = active.length > this.base
    if (this.last === 0) this.firstAsyncId = nextAsyncId()
    else if (this.isAmongOthers) {
      // Operations that were under way when it began, for it the module had just been read say, are not
      // looked at.
      const hasLeft = active.length > this.lasting
      this.boundaries.push({ after: this.last, asyncId: nextAsyncId(), hasLeft })
      if (this.boundaries.length > mostBoundaries) this.boundaries.shift()
    }
    this.base = Math.min(this.base, lasting)
    this.lasting = lasting
    this.context = executionAsyncId()
    this.last = number
  }

  /**
   * To be called where an error was not caught, or where the thread exits. `running` is 0 where no job runs.
   */
  blame(running: number): Blame {
    const creator = this.creatorOf(executionAsyncId())
    return creator === running || creator === 0
      ? { culprit: 0, suspect: this.suspect(running) }
      : { culprit: creator, suspect: 0 }
  }

  /** The job that ran when what has that number was created; 0 where there is no number. */
  private creatorOf(asyncId: number): number {
    if (asyncId === 0 || asyncId === this.context || this.last === 0) return 0
    if (asyncId < this.firstAsyncId) return byModule
    return this.boundaries.find((boundary) => asyncId < boundary.asyncId)?.after ?? this.last
  }

  private suspect(running: number): number {
    const suspect = this.boundaries.findLast(({ hasLeft }) => hasLeft)
    if (suspect !== undefined && this.isAmongOthers) return suspect.after
    return running === 0 ? this.last : 0
  }
}
