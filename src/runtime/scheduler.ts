/**
 * Scheduling as an interface, so that a test can provide its own, and the host's ready queue behind it. This
 * is the only file that uses microtasks.
 *
 * Ready fibers run in the order in which they became ready, within a microtask, which is as fast as promises.
 * So that timers and I/O are served while fibers keep each other busy, the queue yields to the event loop
 * after a few milliseconds. Microtasks that only create microtasks would starve the event loop as well
 * (cats-effect#953), so turns are counted across microtasks.
 */

import type { Fiber } from '../core/fiber.js'
import { slice } from '../core/slice.js'
import { builtin, type HostChannel, host } from '../data/host.js'
import { type FiberState, hostContextOf } from './fiber-state.js'
import { hookDispatcher } from './hooks.js'
import { hostNow, setHostTimer } from './host/clock.js'
import { RingBuffer } from './ring-buffer.js'
import { runObservedSlice } from './time-slice.js'

/**
 * Decides which fiber runs next. `schedule` receives each fiber that has become ready, and calls `run` once,
 * when it is that fiber's turn, and never within `schedule`. Only the scheduler makes this choice.
 */
export interface Scheduler {
  schedule(fiber: Fiber<unknown, unknown>, run: () => void): void
  /**
   * Schedules a fiber that has run `Task.yieldNow`: every other ready fiber is to run
   * first. Defaults to `schedule`.
   */
  scheduleLater?(fiber: Fiber<unknown, unknown>, run: () => void): void
}

/**
 * Reactions to this promise are microtasks. In Node they are cheaper than `queueMicrotask`, which
 * creates an async resource each time.
 */
const settled: Promise<void> = /* @__PURE__ */ Promise.resolve()

/**
 * Half a time slice, in milliseconds: fibers may block the event loop for twice as long. After the first
 * half, the queue checks whether the event loop has had a turn meanwhile. If fibers wait for I/O it has had a
 * hundred, so that they need not wait for another one.
 */
const halfSliceMs = 2.5

/** The clock is read once in this many turns. */
const turnsPerLook = 16

/**
 * Runs `task` on the next macrotask, once the event loop has had its turn.
 * Keeps the process alive until then.
 *
 * Uses the host's functions as they were when this module was loaded: test runners replace them for a while,
 * and tasks given to a replacement may never run.
 */
export const onNextMacrotask: (task: () => void) => void = /* @__PURE__ */ makeDefer()

/**
 * If `setImmediate` exists, nothing else is read: Node takes two milliseconds to load its `MessageChannel`.
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

/**
 * Returns a function like `onNextMacrotask` that works even if a test runner had replaced the host's
 * functions before this module was loaded.
 */
export const makeRealDefer = (): ((task: () => void) => void) =>
  builtin('node:timers')?.setImmediate ?? onNextMacrotask

// ---- the host's ready queue: one for all runtimes without a scheduler of their own

const ready: RingBuffer<FiberState> = /* @__PURE__ */ new RingBuffer()

/** Fibers that let all others run first. They become ready once the event loop has had its turn. */
let later: Array<FiberState> = []

/** Whether `drain` is scheduled or running. */
let drainScheduled = false

/** Whether `onMacrotask` is scheduled and has not run yet. */
let macrotaskScheduled = false

let turns = 0

/** When the current half of the time slice began. */
let sliceBegan = 0

/** Whether the event loop must have its turn before the next fiber has its own. */
let isSliceUsed = false

/**
 * Whole milliseconds, as first read from the clock in the current drain of the queue; -1
 * before that, and outside a drain.
 */
let seen = -1
let isDraining = false

/**
 * Returns the host's time in whole milliseconds. Fibers that begin to wait in one drain share one reading of
 * the clock, because reading it is expensive.
 */
export function coarseNow(): number {
  if (!isDraining) return Math.trunc(hostNow())
  if (seen < 0) seen = Math.trunc(hostNow())
  return seen
}

/**
 * Queues a ready fiber. With `isAlone` its turn starts at once if no other fiber is before it, which saves a
 * microtask. The first fiber to become ready runs in the host's async context of this call, which the host
 * keeps for reactions to promises; that of any other new fiber is captured here.
 */
export function queueReady(fiber: FiberState, isAlone?: boolean): void {
  const isFirst = !drainScheduled && !isSliceUsed
  if (!isFirst) hostContextOf(fiber)
  if (!isFirst || !isAlone) ready.push(fiber)
  if (drainScheduled) return
  drainScheduled = true
  if (isFirst && isAlone) drain(fiber)
  else settled.then(drain)
}

/**
 * Gives a new fiber its first turn within the call, in the async context of the call, as an async function
 * starts. If a fiber, a hook or a reporter is on the stack, or if the event loop must have its turn first, the
 * fiber is queued instead. Fibers that are ready already have their turns after it.
 */
export function startWithinCall(fiber: FiberState): void {
  if (slice.isOnStack || isSliceUsed) {
    fiber.begin()
    return
  }
  hookDispatcher.bound?.fiberStarted.emit(fiber.runtime, fiber)
  isDraining = true
  try {
    if (endsSlice(runObservedSlice(fiber))) yieldToEventLoop()
  } catch (thrown) {
    // A clock of the user has thrown. The host receives the error as from any later turn, and not the caller.
    void Promise.reject(thrown)
  }
  isDraining = false
  seen = -1
}

export function queueLater(fiber: FiberState): void {
  later.push(fiber)
  yieldToEventLoop()
}

const nextReady = (): FiberState | undefined => (ready.size === 0 ? undefined : ready.shift())

/**
 * Gives turns to all ready fibers. `alone` is first: it is in no queue, and its
 * async context is that of this call.
 */
function drain(alone?: FiberState | void): void {
  // The slice may have been used up since the last drain, or by a fiber that started within a call.
  if (isSliceUsed) {
    // The host keeps the async context of the first fiber for this call, but not for a macrotask.
    const { oldest } = ready
    if (oldest !== undefined) hostContextOf(oldest)
    yieldToEventLoop()
    return
  }
  isDraining = true
  try {
    let fiber = alone ? giveTurns(alone) : nextReady()
    while (fiber) fiber = fiber.context ? fiber.context.run(giveTurns, fiber) : giveTurns(fiber)
  } finally {
    isDraining = false
    seen = -1
    // This also runs if a turn has thrown: the other fibers must not wait forever because of it.
    if (ready.size === 0) drainScheduled = false
    else yieldToEventLoop()
  }
}

/**
 * Gives turns to `first`, whose async context has been entered, and to the fibers behind it in the same
 * context: entering it costs a tenth of a short turn. Returns the next fiber, which is in another context.
 */
function giveTurns(first: FiberState): FiberState | undefined {
  const { context } = first
  let fiber: FiberState | undefined = first
  for (; fiber && fiber.context === context; fiber = nextReady()) {
    if (endsSlice(runObservedSlice(fiber))) return undefined
  }
  return fiber
}

/** Counts a turn. Returns whether the event loop must have its turn before the next fiber has its own. */
function endsSlice(hasUsedUp: boolean): boolean {
  // One fiber that has used up its budget may have taken long; of other turns, only many take long.
  if (!hasUsedUp && ++turns % turnsPerLook !== 0) return false
  const now = hostNow()
  if (now - sliceBegan < halfSliceMs) return false
  isSliceUsed = hasUsedUp || macrotaskScheduled
  if (isSliceUsed) return true
  sliceBegan = now
  yieldToEventLoop()
  // The clock is read again after the next turn: if turns are long, it must not take that many turns again.
  turns = -1
  return false
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
