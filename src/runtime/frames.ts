/**
 * The frames of a fiber, that is, its continuations, and where they are stored.
 *
 * A frame takes two slots of an array: the value that it keeps, and then a code. The code is an `Op`
 * or, for operations that not every program uses, a function. A frame keeps no more than it needs,
 * mostly a function, so that the description can be collected while it runs: deep recursions spend
 * their time in the garbage collector.
 *
 * A running fiber has its frames on a work array, which fibers share in turn, so that it has already grown. A
 * fiber that waits leaves them there: if it runs again soon, as fibers do that wait for each other, nothing is
 * copied. There are a few work arrays. When a fiber needs one and none is free, the frames on one of them move
 * to their fiber, as a copy of just the size needed, because programs park fibers by the hundred thousand.
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

/** The fields in which a fiber keeps its frames. They are undefined while it runs. */
interface Framed {
  /**
   * All frames or, if there is only one, as in most fibers that wait, the value that it keeps. With the code
   * `onWorkArray`, the work array that they are on.
   */
  frames: unknown
  /** The code of the frame, if there is only one. */
  code: unknown
}

/** The code of a fiber that has left its frames on a work array. No frame has it. */
const onWorkArray = -1

/** An array for the frames of a running fiber, and for those that the fiber leaves there when it waits. */
class WorkArray {
  frames: Frames = []
  /** The fiber that has left frames here, and how many slots they take. */
  fiber: Framed | undefined = undefined
  slots = 0
}

/** Enough for sixteen fibers that work side by side and those around them; more gained nothing measurable. */
const mostWorkArrays = 24

/** All work arrays that fibers share, and those of them that no fiber uses. */
const workArrays: Array<WorkArray> = []
const unused: Array<WorkArray> = []

/** The index of the work array that was the last to be taken from the fiber that had left frames there. */
let lastTaken = 0

/** Up to this many slots are copied from and to a work array; a fiber with more keeps the array itself. */
const mostCopied = 256

/**
 * The number of slots that a work array retains between turns: growing it again takes a third
 * of the time of a chain of maps.
 */
const retainedRoom = 10_000

/**
 * Returns a work array with the frames of `fiber`; `slice.depth` is set to the number of slots that they take.
 */
export function takeFrames(fiber: Framed): WorkArray {
  let work: WorkArray
  if (fiber.code === onWorkArray) {
    // SAFETY: that is what the code says.
    work = fiber.frames as WorkArray
    work.fiber = undefined
  } else {
    work = unused.pop() ?? unusedArray()
    work.slots = 0
    if (fiber.code !== undefined) {
      work.frames[work.slots++] = fiber.frames
      work.frames[work.slots++] = fiber.code
    } else if (fiber.frames !== undefined) {
      const kept = fiber.frames as Frames
      if (kept.length > mostCopied) {
        work.slots = kept.length
        work.frames = kept
      } else for (; work.slots < kept.length; work.slots++) work.frames[work.slots] = kept[work.slots]
    }
  }
  fiber.frames = fiber.code = undefined
  slice.depth = work.slots
  return work
}

/** Takes the work array whose fiber has had it for longest, or makes one while there are few. */
function unusedArray(): WorkArray {
  const most = workArrays.length
  for (let tries = 0; most >= mostWorkArrays && tries < most; tries++) {
    lastTaken = (lastTaken + 1) % most
    // SAFETY: the index is within the array.
    const work = workArrays[lastTaken] as WorkArray
    if (work.fiber === undefined) continue
    bringBack(work.fiber)
    return work
  }
  // More than `mostWorkArrays` are made only if the fibers of all run, each within the next one, by `runSync`.
  const work = new WorkArray()
  workArrays.push(work)
  return work
}

/**
 * Leaves the frames of `fiber` on its work array, of which `slice.depth` slots are used, until its next turn.
 */
export function leaveFrames(fiber: Framed, work: WorkArray): void {
  work.slots = slice.depth
  clear(work.frames, work.slots)
  work.fiber = fiber
  fiber.frames = work
  fiber.code = onWorkArray
}

/** Moves the frames that `fiber` has left on a work array into the fiber. */
function bringBack(fiber: Framed): void {
  // SAFETY: this is called only with such a fiber.
  const work = fiber.frames as WorkArray
  const { frames, slots } = work
  work.fiber = fiber.frames = fiber.code = undefined
  if (slots > mostCopied) {
    fiber.frames = frames
    work.frames = []
    return
  }
  if (slots === 2) {
    fiber.frames = frames[0]
    fiber.code = frames[1]
  } else if (slots > 0) fiber.frames = frames.slice(0, slots)
  clear(frames, 0)
}

/** Returns the frames of `fiber`, if it has any. Only the run loop knows those of a running fiber. */
export function framesOf(fiber: Framed): Frames | undefined {
  if (fiber.code === onWorkArray) {
    const work = fiber.frames as WorkArray
    bringBack(fiber)
    unused.push(work)
  }
  // SAFETY: without a code beside it, this field contains the array of frames.
  return fiber.code === undefined ? (fiber.frames as Frames | undefined) : [fiber.frames, fiber.code]
}

/** Makes a work array available to other fibers, when its fiber has ended. */
export function releaseFrames(work: WorkArray): void {
  clear(work.frames, 0)
  unused.push(work)
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
