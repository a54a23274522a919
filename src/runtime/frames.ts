/**
 * The frames of a fiber, that is, its continuations, and where they are stored.
 *
 * A frame takes two slots of an array: the value that it keeps, and then a code. The code is an `Op`
 * or, for operations that not every program uses, a function. A frame keeps no more than it needs,
 * mostly a function, so that the description can be collected while it runs: deep recursions spend
 * their time in the garbage collector.
 *
 * A running fiber has its frames on a work array, which fibers share in turn, so that it has already grown. A
 * fiber that waits leaves them there: if it also has the next turn, as in a program that waits for one thing
 * after the other, nothing is copied. Before another fiber has its turn, the frames move to their fiber, as a
 * copy of just the size needed, because programs park fibers by the hundred thousand.
 */
import { type Frames, Node, Op } from '../core/node.js'
import { slice } from '../core/slice.js'
import type { Continuation } from './continuation.js'

/** Pushes a frame at `depth`, above all existing frames: the value that it keeps, and its code. */
export function push<K>(
  frames: Frames,
  depth: number,
  kept: K,
  code: Continuation<K> | Op.Kept | Op.Named
): void {
  frames[depth] = kept
  frames[depth + 1] = code
  slice.depth = depth + 2
}

/**
 * Counts the next step of a loop against the budget, whatever the step is: otherwise a loop of
 * results might never yield. A region is not counted here but counts its own first operation, so that
 * there is no checkpoint before it.
 */
export const countStep = (node: Node): Node => (beginsWithRegion(node) ? node : countStepWithin(node))

/**
 * Counts the next step of a loop within a region, where a checkpoint delivers nothing. The first operation of
 * the step counts, even if that is a region itself.
 */
export function countStepWithin(node: Node): Node {
  if (node.taskOp > Op.Deliver) return node
  if (slice.budget === 0) return new Node(Op.Suspend, () => node, undefined, undefined)
  slice.budget--
  return node
}

/**
 * Returns the task with which `node` begins, in the same fiber and before any operation of its
 * own. Undefined if there is none.
 */
function innerOf(node: Node): Node | undefined {
  const { taskOp: op } = node
  const isPlain = op >= Op.FlatMap && op <= Op.Handle
  const inner = isPlain || op === Op.Named ? node.a : op === Op.Enter || op === Op.Region ? node.b : undefined
  return inner instanceof Node ? inner : undefined
}

/** How many nodes `beginsWithRegion` follows: a chain may be arbitrarily long. */
const mostNodesLooked = 32

/**
 * Whether the first thing that `node` does is to enter a region (a mask, the acquisition of a bracket).
 * The budget is not checked before a region: what the fiber has just received, an item for example, is
 * safe once the region has begun.
 */
export function beginsWithRegion(node: Node): boolean {
  let current: Node | undefined = node
  for (let depth = 0; current !== undefined && depth < mostNodesLooked; depth++) {
    if (current.taskOp === Op.Region) return true
    current = innerOf(current)
  }
  return false
}

/**
 * Returns `node`, and raises the budget so that its first operation begins without a checkpoint before it,
 * even if the budget is used up: what was taken for it, an item for example, must not be lost in between. A
 * caller that does this in a loop counts each round before it takes something.
 */
export function startNow(node: Node): Node {
  let needed = 0
  for (let current: Node | undefined = node; current !== undefined; current = innerOf(current)) {
    if (current.taskOp === Op.Region) break
    if (current.taskOp > Op.Deliver) needed++
  }
  if (slice.budget < needed) slice.budget = needed
  return node
}

/** Returns the names in the frames of a parked fiber, innermost first. */
export function namesOfFiber(fiber: Framed): ReadonlyArray<string> {
  const frames = framesOf(fiber) ?? []
  return namesOnFrames(frames, frames.length)
}

/** Returns the names in the first `depth` slots of `frames`, innermost first. */
export function namesOnFrames(frames: ArrayLike<unknown>, depth: number): ReadonlyArray<string> {
  const names: Array<string> = []
  for (let index = depth - 1; index > 0; index -= 2) {
    if (frames[index] === Op.Named) names.push(String(frames[index - 1]))
  }
  return names
}

/**
 * The fields in which a fiber keeps its frames. They are undefined while it runs, and while
 * its frames are on the work array.
 */
interface Framed {
  /** All frames or, if there is only one, as in most fibers that wait, the value that it keeps. */
  frames: unknown
  /** The code of the frame, if there is only one. */
  code: unknown
}

/**
 * The work array; undefined while a fiber uses it. A run nested in a run, by `runSync`, creates another one.
 */
let work: Frames | undefined

/** The fiber that has left frames on the work array, and how many slots they take. */
let parkedFiber: Framed | undefined
let parkedSlots = 0

/** Up to this many slots are copied from and to the work array; a fiber with more keeps the array itself. */
const mostCopied = 256

/**
 * The number of slots that the work array retains between turns: growing it again takes a third
 * of the time of a chain of maps.
 */
const retainedRoom = 10_000

/**
 * Returns the frames of `fiber` on a work array; `slice.depth` is set to the number of slots that they take.
 */
export function takeFrames(fiber: Framed): Frames {
  if (parkedFiber !== fiber) {
    bringBack()
    work ??= []
    parkedSlots = 0
    if (fiber.code !== undefined) {
      work[parkedSlots++] = fiber.frames
      work[parkedSlots++] = fiber.code
    } else if (fiber.frames !== undefined) {
      const kept = fiber.frames as Frames
      if (kept.length > mostCopied) {
        parkedSlots = kept.length
        work = kept
      } else for (; parkedSlots < kept.length; parkedSlots++) work[parkedSlots] = kept[parkedSlots]
    }
    fiber.frames = fiber.code = undefined
  }
  // SAFETY: frames are left nowhere else.
  const frames = work as Frames
  work = parkedFiber = undefined
  slice.depth = parkedSlots
  return frames
}

/**
 * Leaves the frames of `fiber` on its work array, of which `slice.depth` slots are used, until its next turn.
 */
export function leaveFrames(fiber: Framed, frames: Frames): void {
  // A run that was nested in this turn may have left frames as well.
  bringBack()
  parkedSlots = slice.depth
  clear(frames, parkedSlots)
  work = frames
  parkedFiber = fiber
}

/** Moves the frames left on the work array into their fiber. */
function bringBack(): void {
  if (parkedFiber === undefined) return
  // SAFETY: frames are left nowhere else.
  const frames = work as Frames
  if (parkedSlots === 2) {
    parkedFiber.frames = frames[0]
    parkedFiber.code = frames[1]
  } else if (parkedSlots > 0)
    parkedFiber.frames = parkedSlots > mostCopied ? frames : frames.slice(0, parkedSlots)
  work = parkedFiber = undefined
  if (parkedSlots <= mostCopied) releaseFrames(frames)
}

/** Returns the frames of `fiber`, if it has any. Only the run loop knows those of a running fiber. */
export function framesOf(fiber: Framed): Frames | undefined {
  bringBack()
  // SAFETY: without a code beside it, this field contains the array of frames.
  return fiber.code === undefined ? (fiber.frames as Frames | undefined) : [fiber.frames, fiber.code]
}

/** Makes an array of frames that are no longer needed available as the work array. */
export function releaseFrames(frames: Frames): void {
  if (work !== undefined) return
  clear(frames, 0)
  work = frames
}

/**
 * Clears the slots from `depth` on, because what a fiber is done with may be large. Used slots are
 * contiguous, up to the first without a code, or to the end. Frames that are too many to copy fill their
 * array exactly, because the length of an array that moves to a fiber is the number of its slots.
 */
function clear(frames: Frames, depth: number): void {
  if (frames.length > retainedRoom || depth > mostCopied) frames.length = depth
  for (let code = depth + 1; frames[code] !== undefined; code += 2) {
    frames[code - 1] = undefined
    frames[code] = undefined
  }
}
