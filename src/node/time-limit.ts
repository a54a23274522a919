/**
 * The hard time limit of a job on a thread, on the executor's side.
 *
 * A job that is a Task is interrupted on its thread, by a time-out around it, as it is where it runs without
 * threads. This side is for jobs that hold their threads: at the limit they may learn of it by
 * `jobInterrupted`, and after the grace period the thread is terminated. It holds whatever becomes of the
 * caller, so it is a timer of its own and no part of the caller's fiber. It counts from the moment when the
 * thread begins the job: a new thread takes long to start, and longer on a busy machine.
 */
import { ExecutorError } from '../data/errors.js'
import * as Exits from '../data/exit.js'
import type { AnyExit } from '../executor/any-exit.js'
import type { Limits } from '../executor/limit.js'
import type { Clock } from '../runtime/host/clock.js'
import { CallbackTimer, startTimer, stopTimer } from '../runtime/host/timers.js'
import { Cell } from './messages.js'
import { onceChanged } from './shared-cells.js'
import { ExitOrigin, type Thread } from './worker-thread.js'

/**
 * A thread that is in use takes its next job at once. One that has not for so long, beside the limits, is
 * held up by what an earlier job left.
 */
const stuckMs = 1000

export class TimeLimit {
  /** The timer that runs. */
  private alarm: CallbackTimer | undefined = undefined
  /** Whether the job has reached its limit. */
  private isReached = false
  /** Whether nothing is to happen any more. */
  private isOff = false

  constructor(
    private readonly thread: Thread,
    private readonly number: number,
    private readonly limits: Limits,
    private readonly clock: Clock | undefined
  ) {}

  /** To be called once the job has been sent. */
  start(): void {
    const { maxMs, graceMs } = this.limits
    if (this.thread.lastBegun !== 0) {
      const ms = maxMs + graceMs + stuckMs
      this.after(ms, () => this.thread.endStuck(ms))
    }
    this.awaitBegin()
  }

  private awaitBegin(): void {
    if (this.isOff) return
    const { lastBegun, cells } = this.thread
    if (lastBegun === this.number) this.after(this.limits.maxMs, () => this.reach())
    else onceChanged(cells, Cell.Begun, lastBegun, () => this.awaitBegin())
  }

  private reach(): void {
    this.isReached = true
    this.thread.mark(this.number)
    this.after(this.limits.graceMs, () => void this.thread.end())
  }

  private after(ms: number, fire: () => void): void {
    this.stopAlarm()
    this.alarm = new CallbackTimer(fire)
    startTimer(this.clock, this.alarm, ms)
  }

  private stopAlarm(): void {
    if (this.alarm !== undefined) stopTimer(this.clock, this.alarm)
    this.alarm = undefined
  }

  /** The job is over. */
  end(): void {
    this.isOff = true
    this.stopAlarm()
  }

  /** The job is stopped for another reason, which is what counts unless the limit was reached before. */
  stopForAnotherReason(): void {
    if (!this.isReached) this.end()
  }

  /**
   * The exit of a job that was terminated because it did not end in time; undefined where it has one of its
   * own.
   */
  exitAtLimit(name: string, origin: ExitOrigin): AnyExit | undefined {
    if (!this.isReached || origin !== ExitOrigin.Terminated) return undefined
    const { maxMs, graceMs } = this.limits
    const words = `the job ${name} did not end within its limit of ${maxMs} ms, nor within ${graceMs} ms of being interrupted: its thread was terminated`
    return Exits.fail(new ExecutorError('TimedOut', words))
  }
}
