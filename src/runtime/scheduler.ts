/**
 * Choice, as an interface, so that a test brings its own; and the host's queue behind it, the one place that
 * touches microtasks.
 *
 * Ready fibers run in order of becoming ready, within a microtask: that is as fast as promises are. So that
 * timers and I/O are served while fibers keep each other busy, the queue gives way to the event loop after a
 * few milliseconds. Microtasks that only make microtasks would starve it as well (cats-effect#953), so it
 * counts turns across them.
 */

import type { Fiber } from '../core/fiber.js'
import { builtin, type HostChannel, host } from '../data/host.js'
import { type FiberState, hostContextOf } from './fiber-state.js'
import { hostNow, setHostTimer } from './host/clock.js'
import { RingBuffer } from './ring-buffer.js'
import { runObservedSlice } from './time-slice.js'

/**
 * Decides in which order ready fibers run. `schedule` is called for each fiber that becomes ready, and must
 * call `run` exactly once, later, never from within `schedule`.
 */
export interface Scheduler {
  schedule(fiber: Fiber<unknown, unknown>, run: () => void): void
  /**
   * Called in place of `schedule` for a fiber that ran `Task.yieldNow`: every other ready fiber should run
   * first. `schedule` if left out.
   */
  scheduleLater?(fiber: Fiber<unknown, unknown>, run: () => void): void
}

/**
 * Its reactions are microtasks; cheaper in Node than `queueMicrotask`, which makes an async resource each
 * time.
 */
const settled: Promise<void> = /* @__PURE__ */ Promise.resolve()

/**
 * How long fibers may keep the event loop waiting: twice that many milliseconds. After the first half it is
 * asked whether it has had a turn meanwhile, as it has a hundred times where fibers wait for I/O: those need
 * not wait for another one.
 */
const halfSliceMs = 2.5

/** The clock is looked at once in this many turns. */
const turnsPerLook = 16

/**
 * Runs `task` once the event loop has had its turn. Keeps the process alive until then.
 *
 * As the host was when this was loaded: test runners replace what it has for a while, and what they replace
 * may never come.
 */
export const onNextMacrotask: (task: () => void) => void = /* @__PURE__ */ makeDefer()

/**
 * Where there is `setImmediate` nothing else is looked at: Node takes two milliseconds to find its
 * `MessageChannel`.
 */
function makeDefer(): (task: () => void) => void {
  const { setImmediate } = host
  if (setImmediate !== undefined) return setImmediate
  const { MessageChannel } = host
  if (MessageChannel === undefined) return (task) => void setHostTimer(0, task)
  const tasks: Array<() => void> = []
  let channel: HostChannel | undefined
  return (task) => {
    if (channel === undefined) {
      channel = new MessageChannel()
      channel.port1.onmessage = () => tasks.shift()?.()
    }
    tasks.push(task)
    channel.port2.postMessage(undefined)
  }
}

/** `defer`, also where a test runner had replaced what the host has before this was loaded. */
export const makeRealDefer = (): ((task: () => void) => void) =>
  builtin('node:timers')?.setImmediate ?? onNextMacrotask

// ---- the host's queue of ready fibers: one for all who have no scheduler of their own

const ready: RingBuffer<FiberState> = /* @__PURE__ */ new RingBuffer()

/** Fibers that let everybody else go first; they are ready once the event loop has had its turn. */
let later: Array<FiberState> = []

/** Whether `drain` will be called, or is running. */
let drainScheduled = false

/** Whether `onMacrotask` will be called, and has not been. */
let macrotaskScheduled = false

let turns = 0

/** When the half of the slice began that runs. */
let sliceBegan = 0

/** Whether the event loop must have had its turn before the next fiber has its own. */
let isSliceUsed = false

/**
 * Whole milliseconds, as of the first look at the clock while the queue is being drained; -1 before that, and
 * else.
 */
let seen = -1
let isDraining = false

/**
 * The host's time in whole milliseconds. Fibers that begin to wait in one go share one look at the clock,
 * which is dear.
 */
export function coarseNow(): number {
  if (!isDraining) return Math.trunc(hostNow())
  if (seen < 0) seen = Math.trunc(hostNow())
  return seen
}

/**
 * With `isAlone` its turn is now where no other is before it: a microtask is saved. The first one to become
 * ready has its turn in the host's async context of this call, which the host keeps for reactions to
 * promises; else a new fiber's is captured here.
 */
export function queueReady(fiber: FiberState, isAlone?: boolean): void {
  const isFirst = !drainScheduled && !isSliceUsed
  if (!isFirst) hostContextOf(fiber)
  if (!isFirst || !isAlone) ready.push(fiber)
  if (drainScheduled) return
  drainScheduled = true
  if (!isFirst) yieldToEventLoop()
  else if (isAlone) drain(fiber)
  else settled.then(drain)
}

export function queueLater(fiber: FiberState): void {
  later.push(fiber)
  yieldToEventLoop()
}

const nextReady = (): FiberState | undefined => (ready.size === 0 ? undefined : ready.shift())

/**
 * Gives turns to all that are ready; before them to `alone`, which is in no queue and whose async context is
 * that of this call.
 */
function drain(alone?: FiberState | void): void {
  isDraining = true
  try {
    let fiber = alone ? giveTurns(alone) : nextReady()
    while (fiber) fiber = fiber.context ? fiber.context.run(giveTurns, fiber) : giveTurns(fiber)
  } finally {
    isDraining = false
    seen = -1
    // Also where a turn has thrown: the others must not wait for ever because of it.
    if (ready.size === 0) drainScheduled = false
    else yieldToEventLoop()
  }
}

/**
 * Gives turns to `first`, whose async context has been entered, and to those behind it in the same one:
 * entering it costs a tenth of a short turn. Gives the next one, in another.
 */
function giveTurns(first: FiberState): FiberState | undefined {
  const { context } = first
  let fiber: FiberState | undefined = first
  for (; fiber && fiber.context === context; fiber = nextReady()) {
    // One that has used up its budget may have taken long; of the others it takes many.
    const hasUsedUp = runObservedSlice(fiber)
    if (!hasUsedUp && ++turns % turnsPerLook !== 0) continue
    const now = hostNow()
    if (now - sliceBegan < halfSliceMs) continue
    isSliceUsed = hasUsedUp || macrotaskScheduled
    if (isSliceUsed) return undefined
    sliceBegan = now
    yieldToEventLoop()
    // The next look comes after the next turn: where turns are long, it must not be that many again.
    turns = -1
  }
  return fiber
}

function yieldToEventLoop(): void {
  if (macrotaskScheduled) return
  onNextMacrotask(onMacrotask)
  macrotaskScheduled = true
}

function onMacrotask(): void {
  macrotaskScheduled = false
  isSliceUsed = false
  for (const fiber of later) ready.push(fiber)
  later = []
  sliceBegan = hostNow()
  drainScheduled = true
  drain()
}
