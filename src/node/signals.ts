/**
 * Signals of the operating system as interruptions: hat.aio.run_asyncio's signal handling.
 *
 * Who takes a signal puts aside the handlers that stood before, and puts them back.
 */
import { constants } from 'node:os'
import { show } from '../data/show.js'
import { type ChildHandle, inOwnFiber } from '../structure/one-child.js'
import { die } from '../task/construct.js'
import { isTask, type Task } from '../task/task.js'

/** A signal that can be taken. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGBREAK'

/** Which signals interrupt: SIGINT and SIGTERM if left out. */
export interface SignalOptions {
  readonly signals?: ReadonlyArray<Signal>
}

const known: ReadonlyArray<Signal> = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']

const isSignal = (value: unknown): value is Signal => known.some((signal) => signal === value)

/** The signals that are asked for; the error where one is none of them. */
export function signalsOf(
  where: string,
  options: SignalOptions | undefined
): ReadonlyArray<Signal> | TypeError {
  const signals: unknown = options?.signals ?? ['SIGINT', 'SIGTERM']
  if (Array.isArray(signals) && signals.every(isSignal)) return [...new Set<Signal>(signals)]
  const got = Array.isArray(signals) ? show(signals.find((signal) => !isSignal(signal))) : show(signals)
  return new TypeError(`${where}: expected signals to be among ${known.join(', ')}, got ${got}`)
}

/** What a shell shows of a program that the signal ended. */
export const exitCodeOf = (signal: Signal): number =>
  128 + ((constants.signals as Readonly<Record<string, number>>)[signal] ?? 0)

/** Who takes signals. */
export interface Taker {
  readonly onSignal: (signal: Signal) => void
  /** Whether `other` runs within what this one interrupts, so that signals are meant for that one. */
  readonly isAround: (other: Taker) => boolean
}

/** One signal, as long as somebody takes it. The handlers that stood before are put aside for that time. */
class Taken {
  readonly takers: Set<Taker> = new Set()
  private readonly before: ReadonlyArray<NodeJS.SignalsListener>

  constructor(private readonly signal: Signal) {
    this.before = process.rawListeners(signal) as Array<NodeJS.SignalsListener>
    process.on(signal, this.listener)
    for (const other of this.before) process.off(signal, other)
  }

  /** The innermost get it, each of them where several run side by side. */
  private readonly listener = (): void => {
    const all = [...this.takers]
    for (const taker of all)
      if (!all.some((other) => other !== taker && taker.isAround(other))) taker.onSignal(this.signal)
  }

  /** Those that stood before stand again, and come first, whatever was added meanwhile. */
  putBack(): void {
    const { signal } = this
    const since = (process.rawListeners(signal) as Array<NodeJS.SignalsListener>).filter(
      (other) => other !== this.listener
    )
    for (const other of since) process.off(signal, other)
    for (const other of [...this.before, ...since]) process.on(signal, other)
    process.off(signal, this.listener)
  }
}

const taken = new Map<Signal, Taken>()

/** `taker` takes the signals from now on. Gives back what ends that. */
export function takeSignals(signals: ReadonlyArray<Signal>, taker: Taker): () => void {
  for (const signal of signals) {
    const one = taken.get(signal) ?? new Taken(signal)
    taken.set(signal, one)
    one.takers.add(taker)
  }
  return () => {
    for (const signal of signals) {
      const one = taken.get(signal)
      if (one === undefined || !one.takers.delete(taker) || one.takers.size > 0) continue
      taken.delete(signal)
      one.putBack()
    }
  }
}

/** Takes signals for a child that waits in a fiber of its own. */
class ChildTaker implements Taker {
  private isInterrupted = false
  constructor(private readonly child: ChildHandle) {}

  readonly onSignal = (): void => {
    if (this.isInterrupted) return
    this.isInterrupted = true
    this.child.interrupt()
  }

  readonly isAround = (other: Taker): boolean =>
    other instanceof ChildTaker && this.child.contains(other.child.parent)
}

/**
 * hat.aio.run_asyncio's signal handling: the first SIGINT or SIGTERM interrupts `self`, once, however many come. The handlers that
 * stood before stand again when `self` has ended. Of two around one another the inner one is interrupted. `self` runs in a fiber of its own; its interruption is an ordinary cause to who
 * comes after.
 */
export const interruptOnSignals =
  (options?: SignalOptions) =>
  <E, A>(self: Task<E, A>): Task<E, A> => {
    const signals = signalsOf('interruptOnSignals', options)
    if (signals instanceof TypeError) return die(signals)
    if (!isTask(self)) return die(new TypeError(`interruptOnSignals: expected a Task, got ${show(self)}`))
    return inOwnFiber('interruptOnSignals', self, (child) => takeSignals(signals, new ChildTaker(child)))
  }
