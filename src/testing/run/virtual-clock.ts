/**
 * A clock whose time passes only on command: `jump` advances to the next timer at once, however far away it
 * is.
 *
 * The clock fires nothing by itself. Timers whose time has come are in `due`, where the driver of the run
 * chooses among them: those of the same millisecond may fire in any order.
 */
import type { Clock } from '../../runtime/host/clock.js'
import { IndexedPool, type Pooled } from './indexed-pool.js'

/** A timer of the virtual clock. */
export interface VirtualTimer extends Pooled {
  /** The virtual time at which the timer is due, in ms. */
  readonly at: number
  /** Orders timers of the same time by their creation. */
  readonly order: number
  /** The index of the timer in the heap, or -1 if it is not in the heap. */
  heapPlace: number
  readonly fire: () => void
}

const isBefore = (one: VirtualTimer, other: VirtualTimer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

export class VirtualClock implements Clock {
  private time = 0
  private made = 0
  /**
   * Future timers, as a binary heap. Invariant: no timer is before its parent, which is at half its index.
   */
  private readonly heap: Array<VirtualTimer> = []
  /** Timers whose time has come and that have not fired. */
  readonly due: IndexedPool<VirtualTimer> = new IndexedPool()

  now(): number {
    return this.time
  }

  setTimer(ms: number, fire: () => void): () => void {
    const at = this.time + Math.max(0, ms)
    const timer: VirtualTimer = { at, order: this.made++, place: -1, heapPlace: -1, fire }
    if (at <= this.time) this.due.add(timer)
    else {
      timer.heapPlace = this.heap.length
      this.heap.push(timer)
      this.rise(timer)
    }
    return () => this.cancel(timer)
  }

  /** How many timers have not fired, due ones included. */
  get size(): number {
    return this.heap.length + this.due.size
  }

  /** The time of the next timer that is not yet due, or undefined if there is none. */
  get next(): number | undefined {
    return this.heap[0]?.at
  }

  /**
   * Advances to the next timer. That timer and all timers of the same time are then due. Returns false if
   * there is none.
   */
  jump(): boolean {
    const [first] = this.heap
    if (first === undefined) return false
    this.time = first.at
    for (let next: VirtualTimer | undefined = first; next?.at === this.time; next = this.heap[0]) {
      this.remove(next)
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
    else if (timer.heapPlace >= 0) this.remove(timer)
  }

  private remove(timer: VirtualTimer): void {
    const last = this.heap.pop()
    if (last !== undefined && last !== timer) {
      this.put(last, timer.heapPlace)
      this.rise(last)
      this.sink(last)
    }
    timer.heapPlace = -1
  }

  private put(timer: VirtualTimer, place: number): void {
    timer.heapPlace = place
    this.heap[place] = timer
  }

  private rise(timer: VirtualTimer): void {
    for (;;) {
      const place = timer.heapPlace
      const above = place > 0 ? this.heap[(place - 1) >> 1] : undefined
      if (above === undefined || !isBefore(timer, above)) return
      this.put(timer, above.heapPlace)
      this.put(above, place)
    }
  }

  private sink(timer: VirtualTimer): void {
    for (;;) {
      const place = timer.heapPlace
      const left = this.heap[2 * place + 1]
      const right = this.heap[2 * place + 2]
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (below === undefined || !isBefore(below, timer)) return
      this.put(timer, below.heapPlace)
      this.put(below, place)
    }
  }
}
