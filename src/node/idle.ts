/**
 * What `runMain` does when the event loop runs empty before the program has ended: it keeps the process alive
 * if the program waits for an interruption, which a signal can bring; else the process ends, and it reports a
 * deadlock.
 */
import type { HostTimer } from '../data/host.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { clearHostTimer, setHostTimer } from '../runtime/host/clock.js'
import { dump } from '../runtime/observe/dump.js'
import { awaitsInterruption } from '../runtime/observe/idle.js'
import { writeError } from './exit-process.js'

/** Node's own exit code for a main module whose top-level await is never settled. */
const deadlockCode = 13
const failedExitCode = 1

/**
 * How long the process is kept alive before it looks again what the program waits for; each time twice as
 * long. The program may have come to a deadlock meanwhile: a listener for some other signal, or a timer that
 * keeps no process alive, may have woken it.
 */
const firstLookMs = 1000
const longestLookMs = 60_000

/** Whether a call of `process.exit` is on the stack: an `exit` listener receives no sign of it. */
function isExitCalled(): boolean {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 100
  const stack = String(new Error().stack)
  Error.stackTraceLimit = stackTraceLimit
  return /^\s*at (?:\w+\.)*exit \(/m.test(stack)
}

export class IdleWatch {
  /** Keeps the process alive. Set exactly while it has to. */
  private timer: HostTimer | undefined = undefined
  /** Whether the event loop ran empty, and nothing could wake the program. */
  private isDeadlock = false
  /** `process.exitCode` at that time. */
  private exitCode: typeof process.exitCode = undefined

  constructor(
    private readonly main: FiberState,
    private readonly hasFailed: () => boolean
  ) {
    process.on('beforeExit', this.onBeforeExit)
    process.on('exit', this.onExit)
  }

  /** The program has ended. */
  stop(): void {
    this.release()
    process.off('beforeExit', this.onBeforeExit)
    process.off('exit', this.onExit)
  }

  /**
   * The program has been interrupted: what it waits for from now on keeps the process alive, or nothing does.
   */
  release(): void {
    if (this.timer !== undefined) clearHostTimer(this.timer)
    this.timer = undefined
  }

  private readonly onBeforeExit = (): void => {
    this.isDeadlock = !awaitsInterruption(this.main)
    this.exitCode = process.exitCode
    if (!this.isDeadlock) this.hold(firstLookMs)
  }

  private hold(ms: number): void {
    this.release()
    this.timer = setHostTimer(ms, () => {
      this.timer = undefined
      if (awaitsInterruption(this.main)) this.hold(Math.min(2 * ms, longestLookMs))
    })
  }

  /**
   * Other `beforeExit` listeners may have woken the event loop, and the program may have called
   * `process.exit` since, or thrown what nobody has caught: then it has ended by its own decision, or for
   * another reason.
   */
  private readonly onExit = (): void => {
    if (!this.isDeadlock || process.exitCode !== this.exitCode || isExitCalled()) return
    writeError(`nothing can wake the program any more, and it has not ended\n${dump()}`)
    process.exitCode = this.hasFailed() ? failedExitCode : deadlockCode
  }
}
