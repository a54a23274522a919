/**
 * All timers of the host's clock.
 *
 * However many fibers sleep, the host has one timer. The timers that are due in the same millisecond are
 * in one `DueLine`, which is found by its time, and the lines are on a heap. Adding or canceling a timer
 * does not move any other, and most timers are canceled, because they are time-outs. (Node's own timers
 * are in lines by their duration.)
 */
import type { HostTimer } from '../../data/host.js'
import { type Clock, clearHostTimer, hostNow, longestHostTimer, setHostTimer } from './clock.js'

/** A timer. A sleeping fiber is its own timer. */
export interface Timer {
  /** The line that contains it; undefined if none does, or if the clock is not the host's. */
  line: DueLine | undefined
  /** Its neighbors in the line, in order of arrival. */
  previous: Timer | undefined
  next: Timer | undefined
  /** Cancels it, if the clock is not the host's. */
  undo: (() => void) | undefined
  fire(): void
}

/** Timers that are due in the same millisecond, in order of arrival. */
class DueLine {
  first: Timer | undefined = undefined
  last: Timer | undefined = undefined

  constructor(readonly at: number) {}
}

/**
 * A timer of the host that is overdue by more than this many milliseconds is
 * replaced when another timer is added.
 */
const overdueMs = 50

/** The number of empty lines that is always tolerated. */
const mostEmpty = 64

export class HostTimers {
  private readonly lines: Map<number, DueLine> = new Map()
  /**
   * A heap: no line is due before its parent, which is at half its index. An empty line is
   * removed when it reaches the top.
   */
  private heap: Array<DueLine> = []
  private size = 0
  /** The number of empty lines. */
  private empty = 0
  /**
   * The host's timer. If it is no longer needed, it is left to fire without effect: clearing it
   * and creating another costs more.
   */
  private timer: HostTimer | undefined = undefined
  /** When the host's timer fires; infinite if there is none. Never after the first timer. */
  private armedFor = Number.POSITIVE_INFINITY

  /** The number of lines, including the empty ones. */
  get length(): number {
    return this.heap.length
  }

  /** Fires `timer` in `ms` milliseconds: never before, and up to one millisecond later. */
  add(timer: Timer, ms: number): void {
    const now = hostNow()
    const at = Math.ceil(now + ms)
    let line = this.lines.get(at)
    if (line === undefined) {
      line = new DueLine(at)
      this.lines.set(at, line)
      this.rise(line)
    } else if (line.first === undefined) this.empty--
    timer.line = line
    timer.previous = line.last
    if (line.last === undefined) line.first = timer
    else line.last.next = timer
    line.last = timer
    this.size++
    // A timer of the host that is overdue may never fire, because it belonged to a test runner.
    if (this.armedFor < now - overdueMs) this.arm(this.firstLine()?.at ?? at)
    else if (at < this.armedFor) this.arm(at)
    else if (this.size === 1) this.timer?.ref?.()
  }

  /** Cancels `timer`, if it has not fired yet. */
  cancel(timer: Timer): void {
    if (timer.line === undefined) return
    this.remove(timer, timer.line)
    if (this.empty > mostEmpty && this.empty > this.heap.length / 2) this.sweep()
    // Without any timer, the host's timer does not keep the process alive.
    if (this.size === 0) this.timer?.unref?.()
  }

  private remove(timer: Timer, line: DueLine): void {
    const { previous, next } = timer
    if (previous === undefined) line.first = next
    else previous.next = next
    if (next === undefined) line.last = previous
    else next.previous = previous
    timer.line = undefined
    timer.previous = undefined
    timer.next = undefined
    this.size--
    if (line.first === undefined) this.empty++
  }

  /**
   * Removes the empty lines. Canceled time-outs leave empty lines far ahead, which would
   * otherwise stay until their time comes.
   */
  private sweep(): void {
    this.heap = this.heap.filter((line) => line.first !== undefined).sort((one, other) => one.at - other.at)
    this.lines.clear()
    for (const line of this.heap) this.lines.set(line.at, line)
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
      for (let line = this.firstLine(); line !== undefined && line.at <= now; line = this.firstLine()) {
        const { first } = line
        if (first === undefined) continue
        this.remove(first, line)
        first.fire()
      }
    } finally {
      const line = this.firstLine()
      if (line !== undefined && line.at < this.armedFor) this.arm(line.at)
    }
  }

  /** Returns the first line that is not empty, and removes the empty lines before it. */
  private firstLine(): DueLine | undefined {
    for (;;) {
      const line = this.heap[0]
      if (line === undefined || line.first !== undefined) return line
      this.lines.delete(line.at)
      this.empty--
      const last = this.heap.pop()
      if (last !== undefined && last !== line) this.sink(last)
    }
  }

  /** Moves `line` to its place in the heap, from the bottom up. */
  private rise(line: DueLine): void {
    const { heap } = this
    let place = heap.length
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.at <= line.at) break
      heap[place] = parent
      place = above
    }
    heap[place] = line
  }

  /** Moves `line` to its place in the heap, from the top down. */
  private sink(line: DueLine): void {
    const { heap } = this
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      const left = heap[below]
      const right = heap[below + 1]
      if (left !== undefined && right !== undefined && right.at < left.at) below++
      const child = heap[below]
      if (child === undefined || child.at >= line.at) break
      heap[place] = child
      place = below
    }
    heap[place] = line
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
export class Alarm implements Timer {
  line: DueLine | undefined = undefined
  previous: Timer | undefined = undefined
  next: Timer | undefined = undefined
  undo: (() => void) | undefined = undefined

  constructor(readonly fire: () => void) {}
}

/** The host's time as a `Clock`. */
export const hostClock: Clock = {
  now: hostNow,
  setTimer: (ms, fire) => {
    const alarm = new Alarm(fire)
    hostTimers.add(alarm, ms)
    return () => hostTimers.cancel(alarm)
  }
}
