/**
 * The locks of the jobs that run here: renewed while they run, and lost where Redis has given the job to
 * another worker or this one was cut off for too long.
 *
 * BullMQ can renew locks, but knows them by the ids of their jobs alone. A job that lost its lock may be
 * taken again by the same worker while its first run has not ended; when that ends, BullMQ stops renewing the
 * lock of the second run as well. And BullMQ does not notice that a lock has run out while Redis cannot be
 * reached, although every other worker may have taken the job by then.
 */
import { hostClock } from '../runtime/host/timers.js'

/**
 * Extends these locks in Redis, and resolves to the ids of the jobs whose lock is not that of the token any
 * more.
 */
export type ExtendLocks = (ids: Array<string>, tokens: Array<string>, ms: number) => Promise<Array<string>>

/** The lock of one run. */
export interface Lock {
  readonly id: string
  readonly token: string
  /** Called once, when the lock is lost. Not after `release`. */
  readonly lose: () => void
  /** When it expires if Redis does not respond any more, in milliseconds of the host's clock. */
  lasts: number
}

export class Locks {
  /** Those that are neither lost nor released, each of another job. */
  private readonly held = new Set<Lock>()
  private isRenewing = false
  /** Undefined exactly while no lock is held. */
  private stopTimer: (() => void) | undefined

  constructor(
    private readonly lockMs: number,
    private readonly extend: ExtendLocks,
    /** Called with the reason for which Redis refused to renew locks. They are lost once they expire. */
    private readonly onError: (thrown: unknown) => void
  ) {}

  /**
   * To be called when the job has just been taken. A lock of the same job that is held has been lost then:
   * Redis gave it again.
   */
  hold(id: string, token: string, lose: () => void): Lock {
    for (const lock of this.held) if (lock.id === id) this.lose(lock)
    const lock = { id, token, lose, lasts: hostClock.now() + this.lockMs }
    this.held.add(lock)
    if (this.stopTimer === undefined) this.renewLater()
    return lock
  }

  release(lock: Lock): void {
    this.held.delete(lock)
    if (this.held.size > 0) return
    this.stopTimer?.()
    this.stopTimer = undefined
  }

  private lose(lock: Lock): void {
    if (!this.held.delete(lock)) return
    lock.lose()
  }

  private renewLater(): void {
    this.stopTimer = hostClock.setTimer(this.lockMs / 4, () => {
      this.stopTimer = undefined
      const now = hostClock.now()
      for (const lock of this.held) if (lock.lasts <= now) this.lose(lock)
      if (this.held.size === 0) return
      this.renewLater()
      void this.renew()
    })
  }

  /** One at a time: while Redis is away the command waits, and is sent when it is back. */
  private async renew(): Promise<void> {
    if (this.isRenewing) return
    this.isRenewing = true
    const locks = [...this.held]
    const asked = hostClock.now()
    try {
      const ids = locks.map(({ id }) => id)
      const tokens = locks.map(({ token }) => token)
      const lost = new Set(await this.extend(ids, tokens, this.lockMs))
      for (const lock of locks) {
        if (lost.has(lock.id)) this.lose(lock)
        // From when it was asked, at the earliest.
        else lock.lasts = asked + this.lockMs
      }
    } catch (thrown) {
      this.onError(thrown)
    } finally {
      this.isRenewing = false
    }
  }
}
