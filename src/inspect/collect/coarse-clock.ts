/**
 * A clock that is cheap to read: if hundreds of thousands of fibers start and end, reading the clock for each
 * would cost more than everything else that is recorded of them.
 *
 * The first 100 reads per 50 ms are exact, which is all that most programs ever need. Beyond that every 256
 * events share one reading.
 */
import type { HostTimer } from '../../data/host.js'
import { clearHostTimer, hostNow, setHostTimer } from '../../runtime/host/clock.js'

const readsAtOnce = 100
const refillMs = 50
const sharers = 256

export class CoarseClock {
  /**
   * Offset from the host's monotonic time to milliseconds since the epoch. Constant, even if the system's
   * date changes.
   */
  private readonly epoch: number = Date.now() - hostNow()
  /** When this process started. */
  readonly ofProcess: number = performance.timeOrigin
  /** How many exact reads are left until the next refill. */
  private left = readsAtOnce
  /** How many further events share the last reading. */
  private rest = 0
  /** The last reading, in milliseconds since the epoch. */
  seen: number = this.epoch + hostNow()
  /** The last reading in whole seconds. */
  second: number = Math.floor(this.seen / 1000)
  /** Invariant: set exactly while fewer than `readsAtOnce` reads are left. */
  private timer: HostTimer | undefined = undefined

  /** Reads the clock and returns the current time in milliseconds since the epoch. */
  read(): number {
    this.seen = this.epoch + hostNow()
    this.second = Math.floor(this.seen / 1000)
    return this.seen
  }

  /**
   * Called at each event: returns whether to read the clock, or false if the last reading is accurate enough.
   */
  isDue(): boolean {
    return --this.rest <= 0 && this.isDueNow()
  }

  private isDueNow(): boolean {
    if (this.left === readsAtOnce) this.refillLater()
    if (this.left > 0) this.left--
    else this.rest = sharers
    return true
  }

  private refillLater(): void {
    this.timer = setHostTimer(refillMs, this.refill)
    this.timer.unref?.()
  }

  private readonly refill = (): void => {
    this.timer = undefined
    this.left = readsAtOnce
    this.rest = 0
  }

  /** Cancels the timer. */
  stop(): void {
    if (this.timer !== undefined) clearHostTimer(this.timer)
    this.timer = undefined
  }
}
