/**
 * Signals of the operating system as interruptions: hat.aio.run_asyncio's signal handling.
 *
 * One listener per signal serves all that take it at the same time, and gives it to the innermost. It also
 * recognizes a signal that is delivered twice: tsx, npm and process groups do that with one Ctrl-C.
 */
import { constants } from 'node:os'
import { type ChildHandle, runInOwnFiber } from '../concurrency/own-fiber.js'
import { die } from '../core/construct.js'
import { isTask, type Task } from '../core/node.js'
import { describeValue } from '../data/check-input.js'
import type { HostTimer } from '../data/host.js'
import { clearHostTimer, setHostTimer } from '../runtime/host/clock.js'
import { onNextMacrotask } from '../runtime/scheduler.js'

/** A signal that can interrupt. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGBREAK' | 'SIGUSR2'

/** Which signals interrupt. */
export interface SignalOptions {
  /**
   * SIGINT and SIGTERM if left out, on Windows also SIGBREAK; with `runMain` SIGUSR2, too, where no other
   * listener takes it.
   */
  readonly signals?: ReadonlyArray<Signal>
}

const allSignals: ReadonlyArray<Signal> = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK', 'SIGUSR2']

const isSignal = (value: unknown): value is Signal => allSignals.some((signal) => signal === value)

const usualSignals = (): ReadonlyArray<Signal> =>
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK'] : ['SIGINT', 'SIGTERM']

/**
 * The signals that are asked for, each once, or the usual ones; an error if one of them is not in the list.
 */
export function signalsOf(
  where: string,
  options: SignalOptions | undefined
): ReadonlyArray<Signal> | TypeError {
  const signals: unknown = options?.signals ?? usualSignals()
  if (Array.isArray(signals) && signals.every(isSignal)) return [...new Set<Signal>(signals)]
  const got = Array.isArray(signals)
    ? describeValue(signals.find((signal) => !isSignal(signal)))
    : describeValue(signals)
  return new TypeError(`${where}: expected signals to be among ${allSignals.join(', ')}, got ${got}`)
}

/** The operating system's number of a signal; 0 if this system has no such signal. */
const numberOf = (signal: Signal): number =>
  (constants.signals as Readonly<Record<string, number>>)[signal] ?? 0

/** The exit code that shells show for a program that the signal has ended. */
export const exitCodeOf = (signal: Signal): number => 128 + numberOf(signal)

/** Takes signals, as `runMain` and `interruptOnSignals` do. */
export interface Taker {
  /** `isShared` if the program has listeners of its own for the signal, which are called as well. */
  onSignal(signal: Signal, isShared: boolean): void
  /** Whether `other` runs within what this taker interrupts, so that signals are meant for `other`. */
  isAround(other: Taker): boolean
  /** Whether it takes signals in place of the program's own listeners, which are put aside meanwhile. */
  readonly isExclusive: boolean
  /** Whether it has interrupted already, and does nothing at later signals. */
  readonly isSpent?: boolean
}

type SignalListener = NodeJS.SignalsListener & { readonly listener?: NodeJS.SignalsListener }

/** How long the same signal counts as the one that came before, in milliseconds. */
const repeatMs = 1000

/** One signal, as long as at least one taker takes it. */
class Taken {
  private readonly takers: Set<Taker> = new Set()
  /** The program's own listeners. Set exactly while there is an exclusive taker. */
  private putAside: ReadonlyArray<SignalListener> | undefined = undefined
  /** Set exactly while the same signal counts as a repetition. */
  private repeating: HostTimer | true | undefined = undefined

  constructor(private readonly signal: Signal) {
    process.on(signal, this.listener)
  }

  add(taker: Taker): void {
    this.takers.add(taker)
    if (!taker.isExclusive || this.putAside !== undefined) return
    this.putAside = this.others()
    for (const other of this.putAside) process.off(this.signal, other)
  }

  /** True if no taker is left. */
  remove(taker: Taker): boolean {
    this.takers.delete(taker)
    if (![...this.takers].some(({ isExclusive }) => isExclusive)) this.putBack()
    if (this.takers.size > 0) return false
    process.off(this.signal, this.listener)
    this.endRepeating()
    return true
  }

  private readonly listener = (): void => {
    if (this.repeating !== undefined) return
    this.beginRepeating()
    const takers = [...this.takers]
    const innermost = takers.filter(
      (taker) => !takers.some((other) => other !== taker && taker.isAround(other))
    )
    const isShared = this.others().length > 0 || (this.putAside ?? []).length > 0
    for (const taker of innermost) taker.onSignal(this.signal, isShared)
    if (innermost.some(({ isExclusive }) => !isExclusive)) this.callPutAside()
  }

  /**
   * A second is over once a timer has fired and the event loop has looked for signals again after it: so a
   * repetition that had to wait while the program kept the event loop busy is still one.
   */
  private beginRepeating(): void {
    const timer = setHostTimer(repeatMs, () => {
      this.repeating = true
      onNextMacrotask(() => {
        this.repeating = undefined
      })
    })
    timer.unref?.()
    this.repeating = timer
  }

  private endRepeating(): void {
    if (typeof this.repeating === 'object') clearHostTimer(this.repeating)
    this.repeating = undefined
  }

  /**
   * The program's own listeners, in order. A listener that hides from `process.listeners` is left alone: by
   * such a one tsx learns that a signal has reached the program, and does not need to be sent on.
   */
  private others(): ReadonlyArray<SignalListener> {
    const visible = process.listeners(this.signal)
    return (process.rawListeners(this.signal) as Array<SignalListener>).filter(
      (other) => other !== this.listener && visible.includes(other.listener ?? other)
    )
  }

  /** Listeners that were put aside come first again, before those that were added meanwhile. */
  private putBack(): void {
    if (this.putAside === undefined) return
    const { signal } = this
    const since = this.others()
    for (const other of since) process.off(signal, other)
    for (const other of [...this.putAside, ...since]) process.on(signal, other)
    this.putAside = undefined
  }

  /** The signal is for the whole program after all. */
  private callPutAside(): void {
    for (const other of this.putAside ?? [])
      Reflect.apply(other, process, [this.signal, numberOf(this.signal)])
  }
}

const taken = new Map<Signal, Taken>()

/** `taker` takes the signals from now on. Returns what ends that. */
export function takeSignals(signals: ReadonlyArray<Signal>, taker: Taker): () => void {
  for (const signal of signals) {
    const one = taken.get(signal) ?? new Taken(signal)
    taken.set(signal, one)
    one.add(taker)
  }
  return () => {
    for (const signal of signals) if (taken.get(signal)?.remove(taker) === true) taken.delete(signal)
  }
}

/** Takes signals for a child that waits in a fiber of its own. */
class ChildTaker implements Taker {
  isSpent = false
  readonly isExclusive = true
  constructor(private readonly child: ChildHandle) {}

  onSignal(): void {
    if (this.isSpent) return
    this.isSpent = true
    this.child.interrupt()
  }

  isAround(other: Taker): boolean {
    return other instanceof ChildTaker && this.child.contains(other.child.parent)
  }
}

/**
 * hat.aio.run_asyncio's signal handling: the first SIGINT or SIGTERM (on Windows also SIGBREAK) interrupts
 * `self`, once, however many come. The program's own listeners for these signals are put aside meanwhile, and
 * put back when `self` has ended. If one such task runs within another, the inner one is interrupted. `self`
 * runs in a fiber of its own; its interruption is an ordinary cause to what follows.
 *
 * ```ts
 * import { Exit, runTask, Task } from 'aio-ts'
 * import { interruptOnSignals } from 'aio-ts/node'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * setTimeout(() => process.kill(process.pid, 'SIGINT'), 10)
 * const stopped = pipe(Task.never, interruptOnSignals(), Task.exit)
 * const keepAlive = setInterval(() => {}, 1000)
 * console.log(pipe(await runTask(stopped), (exit) => exit._tag === 'Right' && exit.right._tag)) // => Left
 * clearInterval(keepAlive)
 * ```
 */
export const interruptOnSignals =
  (options?: SignalOptions) =>
  <E, A>(self: Task<E, A>): Task<E, A> => {
    const signals = signalsOf('interruptOnSignals', options)
    if (signals instanceof TypeError) return die(signals)
    if (!isTask(self))
      return die(new TypeError(`interruptOnSignals: expected a Task, got ${describeValue(self)}`))
    return runInOwnFiber('interruptOnSignals', self, (child) => takeSignals(signals, new ChildTaker(child)))
  }
