/**
 * A clock whose time passes only on command: `jump` advances to the next timer at once, however far away it
 * is.
 *
 * The clock fires nothing by itself. Timers whose time has come are in `due`, where the driver of the run
 * chooses among them: those of the same millisecond may fire in any order.
 */
import type { Clock } from '../../runtime/host/clock.js'
import { type HeapEntry, TimerHeap } from '../../runtime/host/timer-heap.js'
import { IndexedPool, type Pooled } from './indexed-pool.js'

/** A timer of the virtual clock. */
export interface VirtualTimer extends Pooled, HeapEntry {
  readonly fire: () => void
}

export class VirtualClock implements Clock {
  private time = 0
  private made = 0
  /** Future timers. Those of the same time are in order of their creation. */
  private readonly heap: TimerHeap<VirtualTimer> = new TimerHeap()
  /** Timers whose time has come and that have not fired. */
  readonly due: IndexedPool<VirtualTimer> = new IndexedPool()

  now(): number {
    return this.time
  }

  setTimer(ms: number, fire: () => void): () => void {
    const at = this.time + Math.max(0, ms)
    const timer: VirtualTimer = { at, order: this.made++, place: -1, heapPlace: -1, fire }
    if (at <= this.time) this.due.add(timer)
    else this.heap.add(timer)
    return () => this.cancel(timer)
  }

  /** How many timers have not fired, due ones included. */
  get size(): number {
    return this.heap.size + this.due.size
  }

  /** The time of the next timer that is not yet due, or undefined if there is none. */
  get next(): number | undefined {
    return this.heap.first?.at
  }

  /**
   * Advances to the next timer. That timer and all timers of the same time are then due. Returns false if
   * there is none.
   */
  jump(): boolean {
    const { first } = this.heap
    if (first === undefined) return false
    this.time = first.at
    for (let next: VirtualTimer | undefined = first; next?.at === this.time; next = this.heap.first) {
      this.heap.remove(next)
      this.due.add(next)
    }
    return true
  }

  /** Fires a due timer. */
  fire(timer: VirtualTimer): void {
    this.due.remove(timer)
    timer.fire()
  }

  private cancel(timer: VirtualTimer): void {
    if (timer.place >= 0) this.due.remove(timer)
    else if (timer.heapPlace >= 0) this.heap.remove(timer)
  }
}
