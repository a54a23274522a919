/**
 * The state of a fiber of the model: finalizers that it has yet to run, whether an interruption was requested, whether it may be
 * masked. Child fibers that another one waits for (sides of a race, a timed task) are below it.
 */

export class Owner {
  /** Regions with a finalizer that were entered and whose finalizer has not ended: 0 for whoever has ended. */
  open = 0
  /** Regions of its own and of those below it in which no interruption is seen. */
  masked = 0
  /** How often somebody has asked it to stop. */
  strikes = 0
  /** Of those so many were forgotten, or may have been. */
  absorbed = 0
  /** The same, where that is certain. */
  forgotten = 0
  /** Whether it, or one below it, was to interrupt itself, or failed while being stopped: it may end with an interruption unasked. */
  isSelfInterrupted = false
  /** Whether somebody is about to ask it to stop, or has: when exactly cannot be seen. */
  isBeingStopped = false
  /** How often each of those who wait for its end was told of it. */
  readonly told: Array<number> = []

  constructor(
    readonly id: number,
    readonly above: Owner | undefined,
    /** Whether two fibers are this one at once, so that nothing can be said about the end of either. */
    readonly isDouble: boolean
  ) {}

  /** It starts; it may have run before. */
  begin(): void {
    if (this.isDouble) return
    this.strikes = 0
    this.absorbed = 0
    this.forgotten = 0
  }

  enter(): void {
    this.open++
  }

  leave(): void {
    this.open--
  }

  /** `by` is 1 where a mask is put on, -1 where it is taken off. */
  mask(by: 1 | -1): void {
    for (let owner: Owner | undefined = this; owner !== undefined; owner = owner.above) owner.masked += by
  }

  interruptsItself(): void {
    for (let owner: Owner | undefined = this; owner !== undefined; owner = owner.above) {
      owner.isSelfInterrupted = true
    }
  }

  /** Somebody has asked for its end, and it was not allowed to forget that. */
  get mustEnd(): boolean {
    return !this.isDouble && this.strikes > this.absorbed && this.masked === 0
  }

  /** It is at the end of a region that lets it forget whatever has asked for its end. */
  absorb(): void {
    // One that is waited for is asked once, and by whom cannot be seen from here. Whoever stands above waits for it all the same.
    this.absorbed = this.above === undefined ? this.strikes : Number.POSITIVE_INFINITY
    for (let owner = this.above; owner !== undefined; owner = owner.above) {
      owner.absorbed = Number.POSITIVE_INFINITY
    }
    if (this.masked === 0) this.forgotten = this.strikes
  }
}
