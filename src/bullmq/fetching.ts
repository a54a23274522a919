/**
 * Keeps a worker from asking Redis without end for jobs that it refuses to give.
 *
 * Where Redis answers at all, BullMQ asks again at once: a Redis that is out of memory, or that cannot write
 * to its disk, was asked some two thousand times a second by each worker (bullmq#3834).
 */
import type { Worker } from 'bullmq'
import { hostClock } from '../runtime/host/timers.js'

const pauseMs = 1000

export class Fetching {
  private stopTimer: (() => void) | undefined
  private isOver = false

  constructor(private readonly worker: Worker) {}

  /** No job is fetched for a second. Those that run go on. */
  pause(): void {
    if (this.isOver || this.stopTimer !== undefined) return
    // Without waiting for the jobs that run. What it throws comes by `error`.
    void this.worker.pause(true)
    this.stopTimer = hostClock.setTimer(pauseMs, () => {
      this.stopTimer = undefined
      void this.worker.resume()
    })
  }

  /** The worker closes: it fetches nothing more. */
  stop(): void {
    this.isOver = true
    this.stopTimer?.()
  }
}
