/** A whole program: from its first fiber to the exit code. */
import { writeSync } from 'node:fs'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import { show } from '../data/show.js'
import { dump } from '../runtime/dump.js'
import { startProgram } from '../runtime/edge.js'
import { tracing } from '../runtime/tracing.js'
import { isTask, type Task } from '../task/task.js'
import { exitCodeOf, type Signal, type SignalOptions, signalsOf, takeSignals } from './signals.js'

/** Node's own code for a main module that waits for what can never come. */
const deadlockCode = 13

/** Asks what is running; the program goes on. */
const lookSignal = 'SIGUSR2'

/** At once, also where the process is about to end. A stderr that nobody reads any more is no reason to fail. */
function writeError(text: string): void {
  try {
    writeSync(2, `${text}\n`)
  } catch {
    // EPIPE or EAGAIN: there is nobody to tell.
  }
}

/** Ends the process once what was written has gone out, whatever handles others have left open. */
function exitFlushed(code: number): void {
  process.exitCode = code
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}

function conclude(exit: Exit<unknown, unknown>, received: Signal | undefined): void {
  if (exit._tag === 'Left' && (received === undefined || Reasons.isWorthTelling(exit.left))) {
    writeError(`the program ${tracing.pretty(exit.left)}`)
    exitFlushed(1)
  } else if (received !== undefined) exitFlushed(exitCodeOf(received))
}

/**
 * A whole program. The first SIGINT or SIGTERM interrupts it, its finalizers run, and the exit code is 128 + the signal's number; a
 * second one prints what is still running and exits at once. A failure or a defect is printed with its cause and trace on stderr,
 * with exit code 1; with `AIO_TRACE=1` in the environment also the line where each failing operation was built. Where nothing is left
 * that could ever wake the program, it says which fibers wait for what, with exit code 13. SIGUSR2 prints what is running, and changes
 * nothing. A program that has succeeded leaves no handle behind, and `process.exitCode` as it set it.
 *
 * Throws a TypeError at what is no Task, and at signals that it does not know.
 */
export function runMain<E, A>(task: Task<E, A>, options?: SignalOptions): void {
  if (!isTask(task)) throw new TypeError(`runMain: expected a Task, got ${show(task)}`)
  const signals = signalsOf('runMain', options)
  if (signals instanceof TypeError) throw signals
  let received: Signal | undefined
  const fiber = startProgram(task, (exit) => {
    putBack()
    process.off(lookSignal, tell)
    process.off('beforeExit', noteIdle)
    process.off('exit', explain)
    conclude(exit, received)
  })
  const onSignal = (signal: Signal): void => {
    if (received === undefined) {
      received = signal
      fiber.requestInterruption(0)
      return
    }
    writeError(`a second signal (${signal}): exiting at once, with this still running\n${dump()}`)
    process.exit(exitCodeOf(signal))
  }
  // Around everything that runs, while it has not been interrupted: then the second signal is its own.
  const putBack = takeSignals(signals, { onSignal, isAround: () => received === undefined })
  // Only where the event loop has run empty by itself: a `process.exit` of the program's own is its own affair.
  let isIdle = false
  const noteIdle = (): void => {
    isIdle = true
  }
  const explain = (): void => {
    if (!isIdle) return
    writeError(`nothing can wake the program any more, and it has not ended\n${dump()}`)
    process.exitCode = deadlockCode
  }
  process.on('beforeExit', noteIdle)
  process.on('exit', explain)
  const tell = (): void => writeError(`${lookSignal}: this is running\n${dump()}`)
  // Windows has none, and Node refuses to listen for it there.
  if (process.platform !== 'win32') process.on(lookSignal, tell)
}
