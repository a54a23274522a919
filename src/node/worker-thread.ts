/**
 * One thread: the pool of one that piscina needs for it, and the port by which it is sent jobs and answers
 * them.
 *
 * The port is ours. piscina posts a result where no code can catch what copying it throws, which ends the
 * thread; and where a message can be written but not be read, Node emits `messageerror`, for which piscina
 * does not listen, so that the job would never end. Here both are errors of the job. A thread has one job at
 * a time, so that what cannot be read belongs to that job.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads'
import { describeValue } from '../data/check-input.js'
import { ExecutorError } from '../data/errors.js'
import * as Exits from '../data/exit.js'
import type { AnyExit } from '../executor/any-exit.js'
import { deserializeExit } from '../executor/serialize-exit.js'
import {
  byModule,
  Cell,
  type ExitMessage,
  type JobMessage,
  type Kind,
  type ThreadData,
  unread
} from './messages.js'
import type { ResourceLimits } from './options.js'
import type { PiscinaClass } from './piscina.js'
import { setCell } from './shared-cells.js'

/** Where piscina loads from what runs on a thread. */
const threadFile = new URL('./thread.js', import.meta.url)

/** So many jobs of a thread are known by their names when it dies. */
const mostNames = 64

export interface ThreadOptions {
  readonly module: string | undefined
  readonly resourceLimits: ResourceLimits | undefined
  /** A thread has died of something that a job had left running, and no call can report that. */
  readonly onLeftover: (error: ExecutorError) => void
}

/** What a thread is sent of one call. */
export interface SentJob {
  readonly kind: Kind
  /** The export, or the text. */
  readonly source: string
  readonly args: ReadonlyArray<unknown>
  /** For messages and dumps. */
  readonly name: string
  readonly transfer: ReadonlyArray<object> | undefined
  /** How many milliseconds it may run; undefined for any number. */
  readonly maxMs: number | undefined
}

/** Where the exit of a job comes from, which the exit itself does not say. */
export const enum ExitOrigin {
  /** From the job, or from what its thread died of. */
  Own,
  /** The thread was terminated by its executor. */
  Terminated,
  /**
   * The thread died before it had begun the job, and not because of it: the job can be sent to another one.
   */
  NotBegun
}

/** Called once with the exit of a job. */
export type Done = (exit: AnyExit, origin: ExitOrigin) => void

/** A job that has been sent and is not answered. */
interface PendingJob {
  readonly number: number
  readonly job: SentJob
  readonly done: Done
}

const crash = (words: string, thrown: unknown): AnyExit =>
  Exits.fail(new ExecutorError('Crashed', words, thrown))

const uncloneableInput = (words: string, thrown: unknown): AnyExit =>
  Exits.fail(new ExecutorError('NotCloneable', `${words}: ${describeValue(thrown)}`, thrown))

/** What was received may be anything: to look at it may throw. */
function exitIn([, exit]: ExitMessage): AnyExit {
  try {
    return deserializeExit(exit)
  } catch (thrown) {
    return Exits.die(thrown)
  }
}

export class Thread {
  private readonly pool: InstanceType<PiscinaClass>
  private readonly worker: Worker | undefined
  readonly cells: Int32Array = new Int32Array(new SharedArrayBuffer(4 * Cell.Count))
  /** Keeps the program alive while a job is pending. */
  private readonly port: MessagePort
  private pending: PendingJob | undefined = undefined
  private readonly exited: Promise<void>
  /** Whether it has thrown an error that was not caught, or has exited. */
  private hasDied = false
  /** Whether it has been asked to end: it may still answer its last job. */
  private isEnding = false
  /** How long it had not begun its last job, where it is ended for that. */
  private stuckMs: number | undefined = undefined
  /** The last jobs: the numbers at the same places as the names. */
  private readonly numbers: Array<number> = []
  private readonly names: Array<string> = []
  private jobs = 0

  constructor(
    piscina: PiscinaClass,
    private readonly options: ThreadOptions
  ) {
    const data: ThreadData = { module: options.module, cells: this.cells }
    this.pool = new piscina({
      filename: threadFile.href,
      name: 'startThread',
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      // Else a thread sleeps until piscina sends something: it could neither receive jobs nor go on with what
      // they leave running.
      atomics: 'disabled',
      workerData: data,
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits })
    })
    // It has started its one thread: none is to take its place when that dies, which is ours to see to.
    this.pool.options.minThreads = 0
    // The worker emits the same error as an event.
    this.pool.on('error', () => {})
    this.worker = this.pool.threads[0]
    this.exited = new Promise((resolve) => {
      if (this.worker === undefined) resolve()
      else this.worker.once('exit', () => resolve())
    })
    this.worker?.once('error', (thrown) => this.died(thrown))
    this.worker?.once('exit', (code) => this.died(new Error(`it exited with code ${code}`)))
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    port1.on('message', (message: ExitMessage) => this.answered(message[0], exitIn(message)))
    port1.on('messageerror', (thrown) => this.answered(unread, this.unreadable(thrown)))
    port1.unref()
    // Where it does not take the port, it dies, which is an event of the worker.
    this.pool.run(port2, { transferList: [port2] }).catch(() => {})
  }

  /** Whether it can run no further job: it has exited or will, or piscina has given it up. */
  get isDead(): boolean {
    return this.isEnding || this.hasDied || this.worker === undefined || this.pool.threads[0] !== this.worker
  }

  /** The number of the job that began last; 0 before the first. */
  get lastBegun(): number {
    return Atomics.load(this.cells, Cell.Begun)
  }

  /**
   * Sends a job, which may run code of the caller's: getters of arguments, a transfer list. Never throws.
   * `done` is called once, and never from within.
   */
  run(number: number, job: SentJob, isInterruptible: boolean, done: Done): void {
    const { kind, source, args, name, transfer, maxMs } = job
    this.pending = { number, job, done }
    const message: JobMessage = [number, kind, source, isInterruptible, maxMs, ...args]
    try {
      this.port.postMessage(message, transfer === undefined ? [] : transferListOf(transfer))
    } catch (thrown) {
      const exit = uncloneableInput(
        `an argument of the job ${name} cannot be copied or moved to another thread`,
        thrown
      )
      void Promise.resolve().then(() => this.answered(number, exit))
      return
    }
    this.port.ref()
    const at = this.jobs++ % mostNames
    this.numbers[at] = number
    this.names[at] = name
  }

  /** The job of that number has ended, or where that could not be read, the one that is pending. */
  private answered(number: number, exit: AnyExit, origin: ExitOrigin = ExitOrigin.Own): void {
    const { pending } = this
    if (pending === undefined || (number !== pending.number && number !== unread)) return
    this.pending = undefined
    this.port.unref()
    pending.done(exit, origin)
  }

  private unreadable(thrown: unknown): AnyExit {
    return uncloneableInput(`the result of the job ${this.pending?.job.name} cannot be read here`, thrown)
  }

  /** It threw an error that was not caught, or it has exited; the first is followed by the second. */
  private died(thrown: unknown): void {
    if (this.hasDied) return
    this.hasDied = true
    // What waits for a job to begin waits in vain.
    Atomics.notify(this.cells, Cell.Begun)
    // A call that gets an answer from a dead thread discards the thread, which is ending then.
    const { isEnding } = this
    this.drain()
    const { pending } = this
    if (pending !== undefined) this.lost(pending, thrown)
    else if (!isEnding) this.reportDeath(thrown)
  }

  /** Takes the answer that has come and is not an event yet: its job had ended. */
  private drain(): void {
    try {
      const received = receiveMessageOnPort(this.port)
      if (received !== undefined) this.answered(received.message[0], exitIn(received.message))
    } catch (thrown) {
      this.answered(unread, this.unreadable(thrown))
    }
  }

  /** It died without an answer. */
  private lost({ number, job: { name, transfer } }: PendingJob, thrown: unknown): void {
    const last = this.lastBegun
    const isStuck = this.stuckMs !== undefined && last !== number
    if (this.isEnding && !isStuck) {
      this.answered(
        number,
        crash(`the thread of the job ${name} was terminated`, thrown),
        ExitOrigin.Terminated
      )
    } else if (Object(thrown).code === 'ERR_WORKER_OUT_OF_MEMORY') {
      const words = `the thread ran out of memory in the job ${name}, where what earlier jobs have kept counts as well`
      this.answered(number, Exits.fail(new ExecutorError('OutOfMemory', words, thrown)))
    } else if (last === number) {
      const words = `the thread ended in the middle of the job ${name}: ${this.why(thrown)}`
      this.answered(number, crash(words, thrown))
    } else if (last === 0) {
      // Whatever a new thread died of, the next one would die of it as well.
      this.answered(
        number,
        crash(`the thread ended before it had begun the job ${name}: ${this.why(thrown)}`, thrown)
      )
    } else {
      this.reportDeath(thrown)
      const lost = transfer === undefined ? '' : ', and what was moved with it is lost'
      const words = `the thread ended before it had begun the job ${name}${lost}: ${this.why(thrown)}`
      this.answered(
        number,
        crash(words, thrown),
        transfer === undefined ? ExitOrigin.NotBegun : ExitOrigin.Own
      )
    }
  }

  private reportDeath(thrown: unknown): void {
    const words = `a thread ended while it ran no job: ${this.why(thrown)}`
    this.options.onLeftover(new ExecutorError('Crashed', words, thrown))
  }

  /** What it died of, and which jobs may be the cause, as far as that is known. */
  private why(thrown: unknown): string {
    if (this.stuckMs !== undefined) {
      return `for ${this.stuckMs} ms it did not begin the next one, held up by something that an earlier job had left running`
    }
    const words = thrown instanceof Error ? thrown.message : `${describeValue(thrown)} was thrown`
    const culprit = Atomics.load(this.cells, Cell.Culprit)
    const suspect = Atomics.load(this.cells, Cell.Suspect)
    if (culprit === byModule) {
      return `${words}; it came from something that the module of the jobs created while it was loaded`
    }
    if (culprit !== 0)
      return `${words}; it came from something that was created while ${this.nameOf(culprit)} ran`
    if (suspect !== 0)
      return `${words}; it may come from something that ${this.nameOf(suspect)} had left running`
    return words
  }

  private nameOf(number: number): string {
    const at = this.numbers.indexOf(number)
    return at < 0 ? 'an earlier job' : `the job ${this.names[at]}`
  }

  /** Interrupts the job of that number, if it is still the one that runs. */
  interrupt(number: number): void {
    setCell(this.cells, Cell.Interrupted, number)
  }

  /** Marks the job as interrupted for `jobInterrupted`, without interrupting a job that is a Task. */
  mark(number: number): void {
    Atomics.store(this.cells, Cell.Interrupted, number)
  }

  /** Ends it, whatever it does, and waits until it has exited. */
  async end(): Promise<void> {
    // piscina learns of an exit only where it is not just ending the pool.
    const isLeaving = this.isDead
    this.isEnding = true
    if (isLeaving) await this.exited
    await this.pool.destroy()
    await this.exited
    this.port.close()
  }

  /**
   * Ends it because it has not begun its job for `ms` milliseconds: something that an earlier one left
   * running holds it.
   */
  endStuck(ms: number): void {
    this.stuckMs = ms
    void this.end()
  }
}

/** Holds as far as the caller's list does: what is no transferable is refused when it is posted. */
const transferListOf = (transfer: ReadonlyArray<object>): ReadonlyArray<MessagePort> =>
  [...transfer] as Array<MessagePort>
