/**
 * Signals of the operating system as interruptions: hat.aio.run_asyncio's signal handling.
 *
 * Who takes a signal puts aside the handlers that stood before, and puts them back.
 */
import { constants } from 'node:os'
import { show } from '../data/show.js'
import { die } from '../task/construct.js'
import { isTask, type Task } from '../task/task.js'
import { inOwnFiber } from '../structure/one-child.js'

/** A signal that can be taken. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGBREAK'

/** Which signals interrupt: SIGINT and SIGTERM if left out. */
export interface SignalOptions {
  readonly signals?: ReadonlyArray<Signal>
}

const known: ReadonlyArray<Signal> = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']

const isSignal = (value: unknown): value is Signal => known.some((signal) => signal === value)

/** The signals that are asked for; the error where one is none of them. */
export function signalsOf(where: string, options: SignalOptions | undefined): ReadonlyArray<Signal> | TypeError {
  const signals: unknown = options?.signals ?? ['SIGINT', 'SIGTERM']
  if (Array.isArray(signals) && signals.every(isSignal)) return [...new Set<Signal>(signals)]
  const got = Array.isArray(signals) ? show(signals.find((signal) => !isSignal(signal))) : show(signals)
  return new TypeError(`${where}: expected signals to be among ${known.join(', ')}, got ${got}`)
}

/** What a shell shows of a program that the signal ended. */
export const exitCodeOf = (signal: Signal): number =>
  128 + ((constants.signals as Readonly<Record<string, number>>)[signal] ?? 0)

/** Calls `onSignal` at each of the signals, in place of the handlers that stand now. Gives back what puts them back. */
export function takeSignals(signals: ReadonlyArray<Signal>, onSignal: (signal: Signal) => void): () => void {
  const undo = signals.map((signal) => {
    const before = process.rawListeners(signal) as Array<NodeJS.SignalsListener>
    const listener = (): void => onSignal(signal)
    process.on(signal, listener)
    for (const other of before) process.off(signal, other)
    return () => {
      // Those that stood before come first again, whatever was added meanwhile.
      const since = (process.rawListeners(signal) as Array<NodeJS.SignalsListener>).filter((other) => other !== listener)
      for (const other of since) process.off(signal, other)
      for (const other of [...before, ...since]) process.on(signal, other)
      process.off(signal, listener)
    }
  })
  return () => {
    for (const putBack of undo) putBack()
  }
}

/**
 * hat.aio.run_asyncio's signal handling: the first SIGINT or SIGTERM interrupts `self`, once, however many come. The handlers that
 * stood before stand again when `self` has ended. `self` runs in a fiber of its own; its interruption is an ordinary cause to who
 * comes after.
 */
export const interruptOnSignals =
  (options?: SignalOptions) =>
  <E, A>(self: Task<E, A>): Task<E, A> => {
    const signals = signalsOf('interruptOnSignals', options)
    if (signals instanceof TypeError) return die(signals)
    if (!isTask(self)) return die(new TypeError(`interruptOnSignals: expected a Task, got ${show(self)}`))
    return inOwnFiber('interruptOnSignals', self, (interrupt) => takeSignals(signals, interrupt))
  }
