/**
 * Threads: started when there is work for them, used one job at a time, replaced when they die.
 */
import type { Worker } from 'node:worker_threads'
import { ExecutorError } from '../data/errors.js'
import { type Exit, fail as failure } from '../data/exit.js'
import { show } from '../data/show.js'
import { type Outcome, unpackOutcome } from '../executor/portable.js'
import type { JobMessage, ThreadData } from './messages.js'
import type { ResourceLimits } from './options.js'
import type { PiscinaClass } from './piscina.js'

/** Where piscina loads from what runs on a thread. */
const threadFile = new URL('./thread.js', import.meta.url)

export interface ThreadOptions {
  readonly module: string | undefined
  readonly isInterruptible: boolean
  readonly resourceLimits: ResourceLimits | undefined
}

/** One thread, and the pool of one that piscina needs for it. */
export class Thread {
  private readonly pool: InstanceType<PiscinaClass>
  private readonly worker: Worker | undefined
  private readonly flags = new Int32Array(new SharedArrayBuffer(4))
  private readonly exited: Promise<void>
  private hasExited = false
  /** Whether it has been asked to end: it may still tell of its last job. */
  private isEnding = false

  constructor(piscina: PiscinaClass, options: ThreadOptions) {
    const data: ThreadData = {
      module: options.module,
      flags: this.flags,
      isInterruptible: options.isInterruptible
    }
    this.pool = new piscina({
      filename: threadFile.href,
      name: 'run',
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      workerData: data,
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits })
    })
    // It has started its one thread: none is to take its place when that dies, which is ours to see to.
    this.pool.options.minThreads = 0
    // What happens to a thread between jobs is looked at when the next one comes.
    this.pool.on('error', () => {})
    this.worker = this.pool.threads[0]
    this.exited = new Promise((resolve) => {
      if (this.worker === undefined) resolve()
      else
        this.worker.once('exit', () => {
          this.hasExited = true
          resolve()
        })
    })
  }

  /** Whether it can run no further job: it has exited or will, or piscina has given it up. */
  get isDead(): boolean {
    return (
      this.isEnding || this.hasExited || this.worker === undefined || this.pool.threads[0] !== this.worker
    )
  }

  /** Runs a job. Rejects where the thread died, or the message could not be sent. Never throws, whatever the caller's list does. */
  run(message: JobMessage, transfer: ReadonlyArray<object> | undefined): Promise<Outcome> {
    try {
      const options = transfer === undefined ? {} : { transferList: transferListOf(transfer) }
      return answering(this.pool).run(message, options)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  /** Tells the job of that number that it is interrupted. */
  interrupt(number: number): void {
    Atomics.store(this.flags, 0, number)
    Atomics.notify(this.flags, 0)
  }

  /** Ends it, whatever it does, and waits until it has exited. */
  async end(): Promise<void> {
    const wasDead = this.isDead
    this.isEnding = true
    // piscina hears of an exit only where it is not just ending the pool.
    if (wasDead) await this.exited
    await this.pool.destroy()
    await this.exited
  }
}

type TransferList = NonNullable<NonNullable<Parameters<InstanceType<PiscinaClass>['run']>[1]>['transferList']>

/** Holds because what piscina calls is `run` of `thread.ts`. */
const answering = (pool: InstanceType<PiscinaClass>): { run: Run } => pool as { run: Run }

type Run = (message: JobMessage, options: RunOptions) => Promise<Outcome>

type RunOptions = NonNullable<Parameters<InstanceType<PiscinaClass>['run']>[1]>

/** Holds as far as the caller's list does: what is no transferable is refused when it is posted. */
const transferListOf = (transfer: ReadonlyArray<object>): TransferList => [...transfer] as TransferList

/** The last used first, so that few jobs keep few threads warm. */
export class ThreadPool {
  private readonly idle: Array<Thread> = []
  private readonly all = new Set<Thread>()

  constructor(
    private readonly piscina: PiscinaClass,
    private readonly options: ThreadOptions
  ) {}

  /** A thread for one job; the caller sees to it that there are not too many. */
  take(): Thread | ExecutorError {
    for (let thread = this.idle.pop(); thread !== undefined; thread = this.idle.pop()) {
      if (!thread.isDead) return thread
      void this.discard(thread)
    }
    return this.start()
  }

  private start(): Thread | ExecutorError {
    try {
      const thread = new Thread(this.piscina, this.options)
      this.all.add(thread)
      return thread
    } catch (thrown) {
      return new ExecutorError('Crashed', 'a thread could not be started', thrown)
    }
  }

  /** The job is over. */
  giveBack(thread: Thread): void {
    this.idle.push(thread)
  }

  /** A thread that is of no use any more: waits until it has exited. */
  async discard(thread: Thread): Promise<void> {
    await thread.end()
    this.all.delete(thread)
  }

  /** One for the next job, in place of one that was discarded. */
  replace(): void {
    const thread = this.start()
    // Else the next job tries again, and is told.
    if (thread instanceof Thread) this.idle.push(thread)
  }

  /** Ends every thread, and waits until each has exited. */
  async end(): Promise<void> {
    await Promise.all([...this.all].map((thread) => this.discard(thread)))
  }
}

/** How a job ended, as its thread told it. piscina gives null, or nothing, where null was thrown on the way to or from there. */
export const exitOf = (
  outcome: Outcome | null | undefined,
  thread: Thread,
  name: string
): Exit<unknown, unknown> =>
  outcome === null || outcome === undefined ? failure(errorOf(null, thread, name)) : unpackOutcome(outcome)

/** What piscina, or Node, said of a thread. */
export function errorOf(thrown: unknown, thread: Thread, name: string): ExecutorError {
  const { name: kind, code } = Object(thrown)
  if (kind === 'DataCloneError') {
    const what = thread.isDead ? 'the result' : 'an argument'
    return new ExecutorError(
      'NotCloneable',
      `${what} of the job ${name} cannot be copied to another thread`,
      thrown
    )
  }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new ExecutorError('OutOfMemory', `the thread ran out of memory in the job ${name}`, thrown)
  }
  const words = thrown instanceof Error ? thrown.message : `${show(thrown)} was thrown`
  // A transfer list that is none, with the thread unharmed.
  return thread.isDead
    ? new ExecutorError('Crashed', `the thread ended in the middle of the job ${name}: ${words}`, thrown)
    : new ExecutorError('NotCloneable', `the job ${name} could not be sent to a thread: ${words}`, thrown)
}
