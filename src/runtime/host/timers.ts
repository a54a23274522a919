/**
 * All timers of the host's clock.
 *
 * However many fibers sleep, the host has one timer. The timers that are due in the same millisecond are
 * in one bucket, which is found by its time, and the buckets are on a heap. Adding or canceling a timer
 * does not move any other, and most timers are canceled, because they are time-outs. (Node's own timers
 * are in buckets by their duration.)
 */
import type { HostTimer } from '../../data/host.js'
import { type Linked, LinkedList } from '../../data/linked-list.js'
import { type Clock, clearHostTimer, hostNow, longestHostTimer, setHostTimer } from './clock.js'
import { type HeapEntry, TimerHeap } from './timer-heap.js'

/** A timer. A sleeping fiber is its own timer. */
export interface Timer extends Linked<Timer> {
  /** The bucket that contains it; undefined if none does, or if the clock is not the host's. */
  bucket: TimerBucket | undefined
  /** Cancels it, if the clock is not the host's. */
  undo: (() => void) | undefined
  fire(): void
}

/** Timers that are due in the same millisecond, in order of arrival. */
class TimerBucket extends LinkedList<Timer> implements HeapEntry {
  readonly order = 0
  heapPlace = -1

  constructor(readonly at: number) {
    super()
  }
}

/**
 * A timer of the host that is overdue by more than this many milliseconds is
 * replaced when another timer is added.
 */
const overdueMs = 50

/** The number of empty buckets that is always tolerated. */
const mostEmpty = 64

export class HostTimers {
  private readonly buckets: Map<number, TimerBucket> = new Map()
  /** An empty bucket is removed when it is the first. */
  private readonly heap: TimerHeap<TimerBucket> = new TimerHeap()
  private size = 0
  /** The number of empty buckets. */
  private empty = 0
  /**
   * The host's timer. If it is no longer needed, it is left to fire without effect: clearing it
   * and creating another costs more.
   */
  private timer: HostTimer | undefined = undefined
  /** When the host's timer fires; infinite if there is none. Never after the first timer. */
  private armedFor = Number.POSITIVE_INFINITY

  /** The number of buckets, including the empty ones. */
  get length(): number {
    return this.heap.size
  }

  /** Fires `timer` in `ms` milliseconds: never before, and up to one millisecond later. */
  add(timer: Timer, ms: number): void {
    const now = hostNow()
    const at = Math.ceil(now + ms)
    let bucket = this.buckets.get(at)
    if (bucket === undefined) {
      bucket = new TimerBucket(at)
      this.buckets.set(at, bucket)
      this.heap.add(bucket)
    } else if (bucket.first === undefined) this.empty--
    timer.bucket = bucket
    bucket.add(timer)
    this.size++
    // A timer of the host that is overdue may never fire, because it belonged to a test runner.
    if (this.armedFor < now - overdueMs) this.arm(this.firstBucket()?.at ?? at)
    else if (at < this.armedFor) this.arm(at)
    else if (this.size === 1) this.timer?.ref?.()
  }

  /** Cancels `timer`, if it has not fired yet. */
  cancel(timer: Timer): void {
    if (timer.bucket === undefined) return
    this.remove(timer, timer.bucket)
    if (this.empty > mostEmpty && this.empty > this.heap.size / 2) this.sweep()
    // Without any timer, the host's timer does not keep the process alive.
    if (this.size === 0) this.timer?.unref?.()
  }

  private remove(timer: Timer, bucket: TimerBucket): void {
    bucket.remove(timer)
    timer.bucket = undefined
    this.size--
    if (bucket.first === undefined) this.empty++
  }

  /**
   * Removes the empty buckets. Canceled time-outs leave empty buckets far ahead, which would
   * otherwise stay until their time comes.
   */
  private sweep(): void {
    this.buckets.clear()
    for (const bucket of this.heap.keep(({ first }) => first !== undefined))
      this.buckets.set(bucket.at, bucket)
    this.empty = 0
  }

  private arm(at: number): void {
    if (this.timer !== undefined) clearHostTimer(this.timer)
    this.armedFor = at
    // Later entries are checked again then.
    const ms = Math.min(longestHostTimer, Math.max(0, Math.ceil(at - hostNow())))
    this.timer = setHostTimer(ms, () => this.fireDue())
  }

  private fireDue(): void {
    this.timer = undefined
    this.armedFor = Number.POSITIVE_INFINITY
    const now = hostNow()
    try {
      for (
        let bucket = this.firstBucket();
        bucket !== undefined && bucket.at <= now;
        bucket = this.firstBucket()
      ) {
        const { first } = bucket
        if (first === undefined) continue
        this.remove(first, bucket)
        first.fire()
      }
    } finally {
      const bucket = this.firstBucket()
      if (bucket !== undefined && bucket.at < this.armedFor) this.arm(bucket.at)
    }
  }

  /** Returns the first bucket that is not empty, and removes the empty buckets before it. */
  private firstBucket(): TimerBucket | undefined {
    for (;;) {
      const bucket = this.heap.first
      if (bucket === undefined || bucket.first !== undefined) return bucket
      this.buckets.delete(bucket.at)
      this.empty--
      this.heap.remove(bucket)
    }
  }
}

const hostTimers = /* @__PURE__ */ new HostTimers()

/** Fires `timer` in `ms` milliseconds of `clock`, or of the host's clock if that is undefined. */
export function startTimer(clock: Clock | undefined, timer: Timer, ms: number): void {
  if (clock === undefined) hostTimers.add(timer, ms)
  else timer.undo = clock.setTimer(ms, () => timer.fire())
}

/** Cancels `timer`, if it has not fired yet. */
export function stopTimer(clock: Clock | undefined, timer: Timer): void {
  if (clock === undefined) hostTimers.cancel(timer)
  else timer.undo?.()
}

/** A timer that calls `fire`. */
export class CallbackTimer implements Timer {
  bucket: TimerBucket | undefined = undefined
  previous: Timer | undefined = undefined
  next: Timer | undefined = undefined
  undo: (() => void) | undefined = undefined

  constructor(readonly fire: () => void) {}
}

/** The host's time as a `Clock`. */
export const hostClock: Clock = {
  now: hostNow,
  setTimer: (ms, fire) => {
    const timer = new CallbackTimer(fire)
    hostTimers.add(timer, ms)
    return () => hostTimers.cancel(timer)
  }
}
