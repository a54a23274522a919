/**
 * The threads of an executor: started when there is work for them, used one job at a time, replaced when they
 * die.
 */
import { ExecutorError } from '../data/errors.js'
import { captureContext, runIn } from '../data/host-context.js'
import type { PiscinaClass } from './piscina.js'
import { Thread, type ThreadOptions } from './worker-thread.js'

const startPooledThread = (piscina: PiscinaClass, options: ThreadOptions): Thread =>
  new Thread(piscina, options)

/** The last used first, so that few jobs keep few threads warm. */
export class ThreadPool {
  private readonly idle: Array<Thread> = []
  private readonly all = new Set<Thread>()
  /** That in which the pool is made: a thread lives longer than the request whose job is its first. */
  private readonly context = captureContext()

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
      const thread = runIn(this.context, startPooledThread, this.piscina, this.options)
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
    // Else the next job tries again, and its call fails.
    if (thread instanceof Thread) this.idle.push(thread)
  }

  /** Ends every thread, and waits until each has exited. */
  async end(): Promise<void> {
    await Promise.all([...this.all].map((thread) => this.discard(thread)))
  }
}
