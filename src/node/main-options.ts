/** What `runMain` takes beside the program. */
import { describeValue, expected } from '../data/check-input.js'
import { type Signal, type SignalOptions, signalsOf } from './signals.js'

/** A signal that can ask for a dump. */
export type DumpSignal = 'SIGUSR2' | 'SIGQUIT'

/** How a whole program is run. */
export interface MainOptions extends SignalOptions {
  /**
   * Prints what is running (`dump()`) on stderr whenever it comes; the program goes on. None if left out.
   * Windows has neither.
   */
  readonly dumpOn?: DumpSignal
  /**
   * What happens at an exception that nobody catches, a rejection that nobody handles, and when nobody reads
   * stdout or stderr any more: 'interrupt' (if left out) interrupts the program, so that finalizers run
   * before the process ends; 'leave' leaves it to Node and to listeners of the program's own.
   */
  readonly onUncaught?: 'interrupt' | 'leave'
  /**
   * How long finalizers may run after an uncaught exception or rejection, in ms: 10,000 if left out; Infinity
   * for no limit.
   */
  readonly uncaughtGraceMs?: number
}

export interface MainSettings {
  readonly signals: ReadonlyArray<Signal>
  /** Whether SIGUSR2 interrupts only where the program has no listener for it. */
  readonly isRestartUsual: boolean
  readonly dumpOn: DumpSignal | undefined
  readonly isUncaughtLeft: boolean
  readonly uncaughtGraceMs: number
}

/** The signal by which nodemon restarts a program. */
export const restartSignal = 'SIGUSR2'

const dumpSignals: ReadonlyArray<unknown> = ['SIGUSR2', 'SIGQUIT', undefined]
const reactions: ReadonlyArray<unknown> = ['interrupt', 'leave', undefined]
const usualGraceMs = 10_000

/** Throws a TypeError or a RangeError where an option makes no sense. */
export function mainSettingsOf(options: MainOptions | undefined): MainSettings {
  const { dumpOn, onUncaught, uncaughtGraceMs = usualGraceMs } = options ?? {}
  const asked = signalsOf('runMain', options)
  if (asked instanceof TypeError) throw asked
  if (!dumpSignals.includes(dumpOn)) throw expected('runMain', "dumpOn to be 'SIGUSR2' or 'SIGQUIT'", dumpOn)
  if (!reactions.includes(onUncaught))
    throw expected('runMain', "onUncaught to be 'interrupt' or 'leave'", onUncaught)
  if (typeof uncaughtGraceMs !== 'number' || !(uncaughtGraceMs >= 0)) {
    throw new RangeError(
      `runMain: expected uncaughtGraceMs, a time of 0 or more milliseconds, got ${describeValue(uncaughtGraceMs)}`
    )
  }
  if (options?.signals !== undefined && asked.some((signal) => signal === dumpOn))
    throw new TypeError(`runMain: ${dumpOn} can interrupt or ask for a dump, but not both`)
  // Windows has no such signals, and Node refuses to listen for them there.
  const isWindows = process.platform === 'win32'
  const isRestartUsual = options?.signals === undefined && dumpOn !== restartSignal && !isWindows
  return {
    signals: isRestartUsual ? [...asked, restartSignal] : asked,
    isRestartUsual,
    dumpOn: isWindows ? undefined : dumpOn,
    isUncaughtLeft: onUncaught === 'leave',
    uncaughtGraceMs
  }
}
