/**
 * How much there is to do: what an executor or a server knows itself, and how many jobs of the whole queue
 * are in Redis.
 */
import type { ExecutorLoad } from '../executor/job-executor.js'
import { hostClock } from '../runtime/host/timers.js'
import type { Client } from './connections.js'

/** How much a ClusterExecutor or a JobServer has to do, and its queue. */
export interface ClusterLoad extends ExecutorLoad {
  /** Of an executor: the calls that are not over. Of a server: the jobs that it has. */
  readonly calls: number
  /** Of an executor: the jobs of its calls that run on some worker. Of a server: the jobs that run here. */
  readonly running: number
  /**
   * Of an executor: the jobs of its calls that no worker has taken yet. Of a server: those of the whole
   * queue, as Redis is asked every five seconds; undefined while it does not answer.
   */
  readonly waiting: number | undefined
  /**
   * The jobs of the whole queue that are not over, as Redis is asked every five seconds; undefined while it
   * does not answer.
   */
  readonly depth: number | undefined
  /**
   * How often a job was begun again since the start: at an executor one of its calls, at a server one that
   * runs here, also by `retry`.
   */
  readonly retried: number
  /**
   * How often since the start a worker that had a job was found dead: at an executor of its calls, at a
   * server those that it found.
   */
  readonly stalled: number
  /** Whether the connections to Redis are made. */
  readonly connected: boolean
}

/** How many jobs of a queue there are. */
export interface QueueCounts {
  /** Those that are not over. */
  readonly depth: number
  /** Of these, those that no worker has. */
  readonly waiting: number
}

const everyMs = 5000

/** Asks Redis from time to time how many jobs there are: five lengths, which Redis knows without counting. */
export class CountsOfQueue {
  /** Undefined where Redis has not answered the last question. */
  counts: QueueCounts | undefined
  private isAsking = false
  private stopTimer: (() => void) | undefined

  constructor(
    private readonly client: Client,
    private readonly keyOf: (name: string) => string
  ) {}

  /** Resolves once it has been asked for the first time. Never rejects. */
  async start(): Promise<void> {
    this.stopTimer = hostClock.setTimer(everyMs, () => void this.start())
    // Else the question would wait for Redis to come back, or for a connection that has gone silent.
    if (this.isAsking || this.client.status !== 'ready') {
      this.counts = undefined
      return
    }
    this.isAsking = true
    this.counts = await this.ask()
    this.isAsking = false
  }

  private async ask(): Promise<QueueCounts | undefined> {
    const { keyOf } = this
    try {
      const answers = await this.client
        .pipeline()
        .llen(keyOf('active'))
        .llen(keyOf('wait'))
        .llen(keyOf('paused'))
        .zcard(keyOf('prioritized'))
        .zcard(keyOf('delayed'))
        .exec()
      const [active, ...others] = (answers ?? []).map(([error, count]) =>
        error === null ? Number(count) : 0
      )
      if (active === undefined) return undefined
      const waiting = others.reduce((sum, count) => sum + count, 0)
      return { depth: active + waiting, waiting }
    } catch {
      // The connection has gone; the next answer will do.
      return undefined
    }
  }

  stop(): void {
    this.stopTimer?.()
  }
}
