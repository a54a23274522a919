/**
 * What time it is, at little cost: where fibers come and go by the hundred thousand, a look at the clock for each would cost more
 * than all else that is noted of them.
 *
 * A number of looks in each twentieth of a second is for whoever asks first, which is all that most programs ever need; those who ask
 * more often than that share one look by sixteen.
 */
import type { HostTimer } from '../data/host.js'
import { clearHostTimer, hostNow, setHostTimer } from '../runtime/clock.js'

const looksAtOnce = 100
const refillMs = 50
const sharers = 16

export class HostTime {
  /** What is to be added for milliseconds since the epoch. Steady, whatever happens to the system's date. */
  private readonly epoch: number = Date.now() - hostNow()
  /** When this process began. */
  readonly ofProcess: number = performance.timeOrigin
  /** How many looks are left until the next refill. */
  private left = looksAtOnce
  private asked = 0
  private seen: number = this.look()
  /** Set exactly while there are fewer than `looksAtOnce` left. */
  private timer: HostTimer | undefined = undefined

  /** Now, read anew. */
  look(): number {
    this.seen = this.epoch + hostNow()
    return this.seen
  }

  /** Now, or for those who ask very often a little earlier. */
  about(): number {
    if (this.left > 0) {
      if (this.left-- === looksAtOnce) this.refillLater()
      return this.look()
    }
    return ++this.asked % sharers === 0 ? this.look() : this.seen
  }

  private refillLater(): void {
    this.timer = setHostTimer(refillMs, this.refill)
    this.timer.unref?.()
  }

  private readonly refill = (): void => {
    this.timer = undefined
    this.left = looksAtOnce
  }

  /** Nothing of it is left behind. */
  stop(): void {
    if (this.timer !== undefined) clearHostTimer(this.timer)
    this.timer = undefined
  }
}
