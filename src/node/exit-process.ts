/**
 * The end of the process: the last words on stderr, and the exit code, once everything that was written has
 * gone out.
 */
import { writeSync } from 'node:fs'
import { setHostTimer } from '../runtime/host/clock.js'

/**
 * How long listeners of the program's own may go on after a signal has ended it, in milliseconds. A telemetry
 * SDK may still have to send what it has collected.
 */
const othersMs = 5000

/**
 * How long a signal that the process sends to itself may take, in milliseconds. It has no effect on the first
 * process of a container.
 */
const raiseMs = 1000

/**
 * Writes at once, also while the process ends. If nobody can read stderr any more, nothing is written, and
 * nothing fails.
 */
export function writeError(text: string): void {
  try {
    writeSync(2, `${text}\n`)
  } catch {
    // EPIPE or EAGAIN: nobody is left to report it to.
  }
}

/**
 * Listens for errors of stdout and stderr in place of the program. The same function everywhere, so that it
 * can be distinguished from listeners of the program.
 */
export const ignoreError = (): void => undefined

/** Calls `end` once what was written to stdout and stderr has gone out. */
function whenFlushed(end: () => void): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreError)
  process.stdout.write('', () => process.stderr.write('', end))
}

/** Ends the process, whatever handles are still open. */
export function exitFlushed(code: number): void {
  process.exitCode = code
  whenFlushed(() => process.exit(code))
}

/**
 * Exits with `code` as soon as nothing keeps the process alive any more: what other listeners have started
 * gets some time to end.
 */
export function exitWithOthers(code: number): void {
  process.exitCode = code
  whenFlushed(() => setHostTimer(othersMs, () => process.exit(code)).unref?.())
}

/** Ends the process by `signal`, as if nobody had listened for it, so that its parent sees what ended it. */
export function exitBySignal(signal: NodeJS.Signals, code: number): void {
  process.exitCode = code
  whenFlushed(() => {
    if (process.listenerCount(signal) > 0) process.exit(code)
    setHostTimer(raiseMs, () => process.exit(code))
    process.kill(process.pid, signal)
  })
}
