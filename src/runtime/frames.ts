/**
 * What a fiber comes back to, and where that is kept.
 *
 * A frame is two places of an array: what it keeps, and then a code: an `Op`, or for what not every program
 * uses a function. It keeps no more than it needs, mostly a function, so that the description can be
 * collected while it runs: in deep recursions the garbage collector is what the time goes to.
 *
 * A running fiber has them on a work array, which fibers share in turn, so that it has grown already. One
 * that waits leaves them there: where it is the next to have its turn, as it is where a program waits for one
 * thing after the other, nothing is copied. Before another has its own they go to the fiber, a copy of just
 * what it needs, since programs park fibers by the hundred thousand.
 */
import { Node, Op } from '../core/node.js'

/** Pairs of what a frame keeps and its code, the last last; undefined in places that are not taken. */
export type Frames = Array<unknown>

/**
 * What the fiber whose turn it is and the operations that the run loop does not know tell each other: how
 * many places of its frames are taken, and how many operations it may still run in this turn. One serves all,
 * since only one fiber runs at a time; a run within a run, by `runSync`, puts it back.
 */
export const slice: { depth: number; budget: number } = { depth: 0, budget: 0 }

/** A frame at `depth`, above all that are there: what it keeps, and its code. */
export function push(frames: Frames, depth: number, kept: unknown, code: unknown): void {
  frames[depth] = kept
  frames[depth + 1] = code
  slice.depth = depth + 2
}

/**
 * Counts the next step of a loop, whatever it is: a loop of results would otherwise never yield. A region is
 * not counted here, so that there is no checkpoint before it; it counts its first operation.
 */
export const countStep = (node: Node): Node => (beginsWithRegion(node) ? node : countStepWithin(node))

/**
 * Counts the first step within a region, also if that is a region itself: a checkpoint within a mask delivers
 * nothing.
 */
export function countStepWithin(node: Node): Node {
  if (node.taskOp > Op.Deliver) return node
  if (slice.budget === 0) return new Node(Op.Suspend, () => node, undefined, undefined)
  slice.budget--
  return node
}

/**
 * The task with which `node` begins, in the same fiber and before anything of its own; undefined where there
 * is none.
 */
function innerOf(node: Node): Node | undefined {
  const { taskOp: op } = node
  const isPlain = op >= Op.FlatMap && op <= Op.CatchCause
  const inner = isPlain || op === Op.Named ? node.a : op === Op.Enter || op === Op.Region ? node.b : undefined
  return inner instanceof Node ? inner : undefined
}

/** How far `beginsWithRegion` looks into what it is given: a chain may be as long as a program likes. */
const mostNodesLooked = 32

/**
 * Whether the first thing that `node` does is to enter a region (a mask, the acquisition of a bracket). The
 * budget is not checked before it: what the fiber has just been given, an item for example, is safe once the
 * region has begun.
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
 * `node`, whose first operation begins without a checkpoint before it, also where the budget is used up: what
 * was taken for it, an item for example, must not be lost in between. A loop that calls this must count each
 * round before it takes something.
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

/** The names of the tasks in the frames of a parked fiber, innermost first. */
export function namesOfFiber(fiber: Framed): ReadonlyArray<string> {
  const frames = framesOf(fiber) ?? []
  return namesOnFrames(frames, frames.length)
}

/** The names of the tasks in the first `depth` slots of `frames`, innermost first. */
export function namesOnFrames(frames: ArrayLike<unknown>, depth: number): ReadonlyArray<string> {
  const names: Array<string> = []
  for (let index = depth - 1; index > 0; index -= 2) {
    if (frames[index] === Op.Named) names.push(String(frames[index - 1]))
  }
  return names
}

/** A fiber, as far as it keeps frames: nothing while it runs, and while they are on the work array. */
interface Framed {
  /** All of them; what the only one keeps, where there is but one, as with most that wait. */
  frames: unknown
  /** The code of the only one. */
  code: unknown
}

/**
 * The work array; undefined while a fiber has it. A run that is nested in a run, by `runSync`, makes another.
 */
let work: Frames | undefined

/** Who has left frames on it, and how many places they take. */
let parkedFiber: Framed | undefined
let parkedSlots = 0

/** Stacks of up to 256 slots are copied; a deeper fiber keeps the array itself. */
const mostCopied = 256

/**
 * Capacity that the shared stack retains between time slices: regrowing it cost a third of a chain of 1,000
 * maps.
 */
const retainedRoom = 10_000

/** The frames of `fiber`, on an array to work on; `turn.depth` says how many places of it they take. */
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
 * `fiber` leaves what it has on its work array, of which `turn.depth` places are taken, until it has its next
 * turn.
 */
export function leaveFrames(fiber: Framed, frames: Frames): void {
  // A run that was nested in this turn may have left some, too.
  bringBack()
  parkedSlots = slice.depth
  clear(frames, parkedSlots)
  work = frames
  parkedFiber = fiber
}

/** Moves the frames left on the shared stack into their fiber. */
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

/** What `fiber` comes back to, if to anything. Of one that runs only the run loop knows. */
export function framesOf(fiber: Framed): Frames | undefined {
  bringBack()
  // SAFETY: that is what frames are where there is no code beside them.
  return fiber.code === undefined ? (fiber.frames as Frames | undefined) : [fiber.frames, fiber.code]
}

/** Nobody needs these frames any more. */
export function releaseFrames(frames: Frames): void {
  if (work !== undefined) return
  clear(frames, 0)
  work = frames
}

/**
 * Clears the slots beyond `depth`, so that values that a fiber no longer needs can be collected. Used slots
 * are contiguous, up to the first without a continuation, or to the end. A stack that is too deep to copy
 * fills its array exactly, since its depth is taken from the array's length.
 */
function clear(frames: Frames, depth: number): void {
  if (frames.length > retainedRoom || depth > mostCopied) frames.length = depth
  for (let code = depth + 1; frames[code] !== undefined; code += 2) {
    frames[code - 1] = undefined
    frames[code] = undefined
  }
}
