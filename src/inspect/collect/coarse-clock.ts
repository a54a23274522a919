/**
 * Coarse clock. With hundreds of thousands of fibers a second, reading the host's clock for each event would
 * cost more than recording the event.
 *
 * The first 100 reads in each 50 ms are exact, which suffices for most programs; beyond that 256 events share
 * one reading.
 */
import type { HostTimer } from '../../data/host.js'
import { clearHostTimer, hostNow, setHostTimer } from '../../runtime/host/clock.js'

const looksAtOnce = 100
const refillMs = 50
const sharers = 256

export class CoarseClock {
  /** What is to be added for milliseconds since the epoch. Steady, whatever happens to the system's date. */
  private readonly epoch: number = Date.now() - hostNow()
  /** When this process began. */
  readonly ofProcess: number = performance.timeOrigin
  /** How many looks are left until the next refill. */
  private left = looksAtOnce
  /** Of how many that ask the next one is to look. */
  private rest = 0
  /** What was last read, */
  seen: number = this.epoch + hostNow()
  /** and the whole seconds of it. */
  second: number = Math.floor(this.seen / 1000)
  /** Set exactly while there are fewer than `looksAtOnce` left. */
  private timer: HostTimer | undefined = undefined

  /** Now, read anew. */
  look(): number {
    this.seen = this.epoch + hostNow()
    this.second = Math.floor(this.seen / 1000)
    return this.seen
  }

  /** Asked wherever something happens: whether it is to look, or what was last read is good enough. */
  isDue(): boolean {
    return --this.rest <= 0 && this.isDueNow()
  }

  private isDueNow(): boolean {
    if (this.left === looksAtOnce) this.refillLater()
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
    this.left = looksAtOnce
    this.rest = 0
  }

  /** Nothing of it is left behind. */
  stop(): void {
    if (this.timer !== undefined) clearHostTimer(this.timer)
    this.timer = undefined
  }
}
