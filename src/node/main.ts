/** A whole program: from its first fiber to the exit code. */

import { isTask, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import { describeError } from '../data/describe.js'
import type { Exit } from '../data/exit.js'
import type { HostTimer } from '../data/host.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { startProgram } from '../runtime/edge.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { clearHostTimer, longestHostTimer, setHostTimer } from '../runtime/host/clock.js'
import { dump } from '../runtime/observe/dump.js'
import { tracing } from '../runtime/tracing.js'
import { exitBySignal, exitFlushed, exitWithOthers, writeError } from './exit-process.js'
import { IdleWatch } from './idle.js'
import { type MainOptions, type MainSettings, mainSettingsOf, restartSignal } from './main-options.js'
import { exitCodeOf, type Signal, type Taker, takeSignals } from './signals.js'
import { type UncaughtListener, watchUncaught } from './uncaught.js'

const mainFailureCode = 1

/** What shells show of a filter whose reader is gone: 128 and the number of SIGPIPE, which Node ignores. */
const brokenPipeCode = 141

class MainProgram implements Taker, UncaughtListener {
  readonly isExclusive = false
  private readonly main: FiberState
  private readonly idle: IdleWatch
  /** Undoes what was registered for the program. */
  private readonly undo: Array<() => void> = []
  private readonly giveSignalsBack: () => void
  /** The first signal. */
  private received: Signal | undefined = undefined
  /** Whether listeners of the program's own were called at that signal, too. */
  private isShared = false
  /** Whether an uncaught exception or rejection has interrupted it. */
  private isCrashed = false
  /** Whether it was interrupted because nobody reads stdout or stderr any more. */
  private isPipeBroken = false
  /** What these streams have emitted about it: a failure that consists of them is no news. */
  private readonly pipeErrors = new Set<unknown>()
  /** Set while finalizers run after an uncaught exception or rejection, if their time is limited. */
  private deadline: HostTimer | undefined = undefined
  private hasEnded = false

  constructor(
    task: Task<unknown, unknown>,
    private readonly settings: MainSettings
  ) {
    // It begins at its turn, when all else is ready.
    this.main = startProgram(task, (exit) => this.ended(exit))
    this.idle = new IdleWatch(this.main, () => this.isCrashed)
    this.giveSignalsBack = takeSignals(settings.signals, this)
    if (!settings.isUncaughtLeft) this.undo.push(watchUncaught(this))
    const { dumpOn } = settings
    if (dumpOn === undefined) return
    const print = (): void => writeError(`${dumpOn}: this is running\n${dump()}`)
    process.on(dumpOn, print)
    this.undo.push(() => process.off(dumpOn, print))
  }

  // ---- what comes from outside

  onSignal(signal: Signal, isShared: boolean): void {
    // The program has a use of its own for it, as Node has with --report-on-signal.
    if (signal === restartSignal && isShared && this.settings.isRestartUsual) return
    if (this.hasEnded) process.exit()
    if (this.received !== undefined) {
      writeError(`a second signal (${signal}): exiting at once, with this still running\n${dump()}`)
      process.exit(exitCodeOf(signal))
    }
    this.received = signal
    this.isShared = isShared
    this.interrupt()
  }

  /**
   * Around everything that runs: signals are meant for what runs within, as long as neither that nor the
   * whole program has had one.
   */
  isAround({ isSpent }: Taker): boolean {
    return this.received === undefined && isSpent !== true
  }

  onUncaught(error: unknown, isRejection: boolean): void {
    const what = isRejection ? 'unhandled rejection' : 'uncaught exception'
    // At once, and not in the end: finalizers may take long, or for ever.
    writeError(`${what} outside of every fiber, which interrupts the program: ${describeError(error)}`)
    if (this.isCrashed) return
    this.isCrashed = true
    this.limitFinalizers(what)
    this.interrupt()
  }

  /** Nobody may be there to send a second signal. */
  private limitFinalizers(what: string): void {
    const ms = this.settings.uncaughtGraceMs
    if (ms > longestHostTimer) return
    this.deadline = setHostTimer(ms, () => {
      writeError(`finalizers still run ${ms} ms after an ${what}: exiting at once, with this still running`)
      writeError(dump())
      process.exit(mainFailureCode)
    })
    // Where the event loop runs empty before, the process ends with the report of a deadlock.
    this.deadline.unref?.()
  }

  onBrokenPipe(error: unknown, isHandled: boolean): void {
    this.pipeErrors.add(error)
    if (isHandled || this.isPipeBroken) return
    this.isPipeBroken = true
    this.interrupt()
  }

  private interrupt(): void {
    this.idle.release()
    this.main.requestInterruption(0)
  }

  // ---- the end

  private ended(exit: Exit<unknown, unknown>): void {
    this.hasEnded = true
    this.idle.stop()
    if (this.deadline !== undefined) clearHostTimer(this.deadline)
    const problem = exit._tag === 'Left' ? this.problemIn(exit.left) : undefined
    if (problem !== undefined) writeError(`the program ${tracing.pretty(problem)}`)
    for (const undo of this.undo) undo()
    this.leave(this.exitCode(exit, problem !== undefined))
  }

  private leave(code: number | undefined): void {
    const isLeftToOthers = code !== undefined && this.isShared
    // While the process waits for them, another signal ends it at once.
    if (!isLeftToOthers) this.giveSignalsBack()
    if (code === undefined) return
    if (isLeftToOthers) exitWithOthers(code)
    else if (this.received === restartSignal && code === exitCodeOf(restartSignal))
      exitBySignal(restartSignal, code)
    else exitFlushed(code)
  }

  /**
   * Undefined after a success: then the process ends by itself, with the code that the program may have set.
   */
  private exitCode(exit: Exit<unknown, unknown>, isTrouble: boolean): number | undefined {
    if (isTrouble || this.isCrashed) return mainFailureCode
    if (this.isPipeBroken) return brokenPipeCode
    if (this.received !== undefined) return exitCodeOf(this.received)
    return exit._tag === 'Left' ? brokenPipeCode : undefined
  }

  /**
   * What has to be printed: not that the program was interrupted from here, nor what the streams have said
   * already.
   */
  private problemIn(cause: Cause<unknown>): Cause<unknown> | undefined {
    const news = Reasons.combineAll(
      Reasons.apart(cause).filter(({ reasons: [reason] }) => !this.isPipeError(reason))
    )
    const isInterrupted = this.received !== undefined || this.isCrashed || this.isPipeBroken
    return news === undefined || (isInterrupted && !Reasons.isWorthTelling(news)) ? undefined : news
  }

  private isPipeError(reason: Reason<unknown>): boolean {
    if (reason._tag === 'Interrupt') {
      const { result } = reason
      if (result._tag === 'None' || result.value._tag === 'Right') return false
      return result.value.left.reasons.every((inner) => this.isPipeError(inner))
    }
    const error = reason._tag === 'Fail' ? reason.error : reason.defect
    return this.pipeErrors.has(error) || (error instanceof Error && this.pipeErrors.has(error.cause))
  }
}

/**
 * Runs a whole program, from its first fiber to the exit code.
 *
 * - The first SIGINT or SIGTERM (on Windows also SIGBREAK) interrupts it, finalizers run, and the exit code
 *   is 128 + the signal's number. The same signal again within a second counts as the first one, since tsx,
 *   npm and process groups deliver one twice; a later one prints what is still running (`dump()`) and exits
 *   at once. Listeners of the program's own are called as well, and what they have begun has five seconds
 *   after the program's end. SIGUSR2, by which nodemon restarts, does the same unless somebody else listens
 *   for it, and ends the process by that signal.
 * - A failure or a defect is printed with its cause and trace on stderr, exit code 1; with `AIO_TRACE=1` in
 *   the environment also the line where each failing operation was built.
 * - An exception that nobody catches, or a rejection that nobody handles, is printed and interrupts it;
 *   finalizers run, for ten seconds (`uncaughtGraceMs`) at most, and the exit code is 1. If nobody reads
 *   stdout or stderr any more (`program | head -1`), and the program does not listen for errors of that
 *   stream, it is interrupted and says nothing, exit code 141, as filters do. `onUncaught: 'leave'` leaves
 *   all of this to Node.
 * - While it waits for an interruption (`Task.never`, `callOnCancel`), it stays alive until a signal comes.
 *   If nothing else can happen and it waits in a cycle, or for something that no fiber can give, it prints
 *   which fibers wait for what, exit code 13.
 * - `dumpOn: 'SIGUSR2'` has that signal print what is running; the program goes on.
 * - A program that has succeeded leaves no handle behind, and `process.exitCode` as it set it.
 *
 * Throws a TypeError if `task` is not a Task, and for options that make no sense; a RangeError for a negative
 * `uncaughtGraceMs`.
 */
export function runMain<E, A>(task: Task<E, A>, options?: MainOptions): void {
  if (!isTask(task)) throw expected('runMain', 'a Task', task)
  new MainProgram(task, mainSettingsOf(options))
}
