/**
 * Choice, as an interface, so that a test brings its own; and the host's queue behind it, the one place that touches microtasks.
 *
 * Ready fibers run in order of becoming ready, within a microtask: that is as fast as promises are. So that timers and I/O are
 * served while fibers keep each other busy, the queue gives way to the event loop after a few milliseconds. Microtasks that only
 * make microtasks would starve it as well (cats-effect#953), so it counts turns across them.
 */
import { host } from '../data/host.js'
import type { Fiber } from '../task/fiber.js'
import { hostNow, setHostTimer } from './clock.js'
import type { FiberState } from './fiber-state.js'

/**
 * Told of each fiber that has become ready; calls `run`, once, when it is that fiber's turn, never from within `schedule`. The
 * choice of whose turn it is lies here alone.
 */
export interface Scheduler {
  schedule(fiber: Fiber<unknown, unknown>, run: () => void): void
  /** The same for a fiber that has run `Task.yieldNow`: every other ready one is to go first. Left out, it is `schedule`. */
  scheduleLater?(fiber: Fiber<unknown, unknown>, run: () => void): void
}

/** Its reactions are microtasks; cheaper in Node than `queueMicrotask`, which makes an async resource each time. */
const settled: Promise<void> = /* @__PURE__ */ Promise.resolve()

/**
 * How long fibers may keep the event loop waiting: twice that many milliseconds. After the first half it is asked whether it has had a
 * turn meanwhile, as it has a hundred times where fibers wait for I/O: those need not wait for another one.
 */
const halfSliceMs = 2.5

/** The clock is looked at once in this many turns. */
const turnsPerLook = 16

/** A first-in-first-out queue on a ring, which shrinks again once it is empty. */
export class Ring {
  private items: Array<FiberState | undefined> = new Array(64)
  private first = 0
  size = 0

  push(fiber: FiberState): void {
    const { length } = this.items
    if (this.size === length) this.grow()
    this.items[(this.first + this.size++) & (this.items.length - 1)] = fiber
  }

  shift(): FiberState | undefined {
    if (this.size === 0) return undefined
    const fiber = this.items[this.first]
    this.items[this.first] = undefined
    this.first = (this.first + 1) & (this.items.length - 1)
    if (--this.size === 0 && this.items.length > 4096) {
      this.items = new Array(64)
      this.first = 0
    }
    return fiber
  }

  private grow(): void {
    const { items, first } = this
    const grown: Array<FiberState | undefined> = new Array(items.length * 2)
    for (let index = 0; index < items.length; index++)
      grown[index] = items[(first + index) & (items.length - 1)]
    this.items = grown
    this.first = 0
  }
}

/** As they were when this was loaded: test runners replace them for a while, and what they replace may never come. */
const { setImmediate, MessageChannel } = /* @__PURE__ */ hostTurns()

/** A copy: `host` is the global object itself. */
function hostTurns(): Pick<typeof host, 'setImmediate' | 'MessageChannel'> {
  return {
    ...(host.setImmediate && { setImmediate: host.setImmediate }),
    ...(host.MessageChannel && { MessageChannel: host.MessageChannel })
  }
}

/** Runs `task` when the event loop has had its turn. Keeps the process alive until then. */
function makeDefer(): (task: () => void) => void {
  if (setImmediate !== undefined) return (task) => setImmediate(task)
  if (MessageChannel === undefined) return (task) => void setHostTimer(0, task)
  const channel = new MessageChannel()
  const tasks: Array<() => void> = []
  channel.port1.onmessage = () => tasks.shift()?.()
  return (task) => {
    tasks.push(task)
    channel.port2.postMessage(undefined)
  }
}

let deferred: ((task: () => void) => void) | undefined

/** Runs `task` once the event loop has had its turn. */
export const defer = (task: () => void): void => {
  deferred ??= makeDefer()
  deferred(task)
}

/** The host's queue of ready fibers. `run` gives one its turn. */
export class HostQueue {
  private readonly ready = new Ring()
  /** Fibers that let everybody else go first; they are ready once the event loop has had its turn. */
  private later: Array<FiberState> = []
  /** Whether `drain` will be called, or is running. */
  private coming = false
  /** Whether `afterEventLoop` will be called, and has not been. */
  private deferred = false
  private turns = 0
  /** When the half of the slice began that runs. */
  private sliceBegan = 0
  /** Whether the event loop must have had its turn before the next fiber has its own. */
  private isSliceUsed = false
  /** Whole milliseconds, as of the first look at the clock while the queue is being drained; -1 before that, and else. */
  private seen = -1
  private isDraining = false

  /** `run` says whether the fiber has used up its budget. */
  constructor(
    private readonly run: (fiber: FiberState) => boolean,
    /** What is to stay alive as long as this. */
    readonly keeps: unknown
  ) {}

  /** The host's time in whole milliseconds. Fibers that begin to wait in one go share one look at the clock, which is dear. */
  about(): number {
    if (!this.isDraining) return Math.trunc(hostNow())
    if (this.seen < 0) this.seen = Math.trunc(hostNow())
    return this.seen
  }

  push(fiber: FiberState): void {
    this.ready.push(fiber)
    if (this.coming) return
    this.coming = true
    if (this.isSliceUsed) this.giveWay()
    else settled.then(this.drain)
  }

  /** From the bottom of the stack: with nobody before it, its turn is now, and a microtask is saved. */
  pushAlone(fiber: FiberState): void {
    if (this.coming || this.isSliceUsed) {
      this.push(fiber)
      return
    }
    this.coming = true
    this.drainFrom(fiber)
  }

  pushLater(fiber: FiberState): void {
    this.later.push(fiber)
    this.giveWay()
  }

  private readonly drain = (): void => this.drainFrom(this.ready.shift())

  private drainFrom(first: FiberState | undefined): void {
    this.isDraining = true
    try {
      for (let fiber = first; fiber !== undefined; fiber = this.ready.shift()) {
        // One that has used up its budget may have taken long; of the others it takes many.
        const hasUsedUp = this.run(fiber)
        if (!hasUsedUp && ++this.turns % turnsPerLook !== 0) continue
        const now = hostNow()
        if (now - this.sliceBegan < halfSliceMs) continue
        if (hasUsedUp || this.deferred) {
          this.isSliceUsed = true
          break
        }
        this.sliceBegan = now
        this.giveWay()
        // Where turns are long, it must not be that many again.
        this.turns = turnsPerLook - 1
      }
    } finally {
      this.isDraining = false
      this.seen = -1
      // Also where a run has thrown: the others must not wait for ever because of it.
      if (this.ready.size === 0) this.coming = false
      else this.giveWay()
    }
  }

  private giveWay(): void {
    if (this.deferred) return
    defer(this.afterEventLoop)
    this.deferred = true
  }

  private readonly afterEventLoop = (): void => {
    this.deferred = false
    this.isSliceUsed = false
    const { later, ready } = this
    if (later.length > 0) {
      this.later = []
      for (const fiber of later) ready.push(fiber)
    }
    this.sliceBegan = hostNow()
    this.coming = true
    this.drain()
  }
}
