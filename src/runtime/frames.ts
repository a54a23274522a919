/**
 * What a fiber comes back to, and where that is kept.
 *
 * A frame is two places of an array: what it keeps, and then a code: an `Op`, or for what not every program uses a function. It
 * keeps no more than it needs, mostly a function, so that the description can be collected while it runs: in deep recursions the
 * garbage collector is what the time goes to.
 *
 * A running fiber has them on a work array, which fibers share in turn, so that it has grown already; one that waits keeps a copy of
 * just what it needs, since programs park fibers by the hundred thousand.
 */
import { Node, Op } from '../task/task.js'

/** Pairs of what a frame keeps and its code, the last last; undefined in places that are not taken. */
export type Frames = Array<unknown>

/**
 * What the fiber whose turn it is and the operations that the run loop does not know tell each other: how many places of its frames
 * are taken, and how many operations it may still run in this turn. One serves all, since only one fiber runs at a time; a run
 * within a run, by `runSync`, puts it back.
 */
export const turn: { depth: number; budget: number } = { depth: 0, budget: 0 }

/** A frame at `depth`, above all that are there: what it keeps, and its code. */
export function push(frames: Frames, depth: number, kept: unknown, code: unknown): void {
  frames[depth] = kept
  frames[depth + 1] = code
  turn.depth = depth + 2
}

/** The next step of a loop. Each counts, whatever it is: else a loop of results might never give way. */
export function counted(node: Node): Node {
  if (node.taskOp > Op.Deliver) return node
  if (turn.budget === 0) return new Node(Op.Suspend, () => node, undefined, undefined)
  turn.budget--
  return node
}

/** The names that a parked fiber's frames tell of, innermost first. */
export function namesIn(frames: Frames): ReadonlyArray<string> {
  const names: Array<string> = []
  for (let index = frames.length - 1; index > 0; index -= 2) {
    if (frames[index] === Op.Named) names.push(String(frames[index - 1]))
  }
  return names
}

/** Work arrays that no fiber uses now. One is enough but where a run is nested in a run, by `runSync`. */
const spare: Array<Frames> = []

/** Fibers that bring arrays of their own would leave ever more of them. */
const keepArrays = 8

/** A work array that has grown beyond this is left to the garbage collector. */
const keepUpTo = 1024

/** Few frames are copied onto an array that is at hand; many bring their own. */
const copyUpTo = 64

/** The frames that a fiber has kept, on an array to work on. */
export function takeFrames(kept: Frames | undefined): Frames {
  if (kept !== undefined && kept.length > copyUpTo) return kept
  const frames = spare.pop() ?? []
  if (kept !== undefined) for (let index = 0; index < kept.length; index++) frames[index] = kept[index]
  return frames
}

/** What a fiber keeps of its work array, of which the first `depth` places are taken. */
export function keepFrames(frames: Frames, depth: number): Frames | undefined {
  if (depth > copyUpTo) {
    frames.length = depth
    return frames
  }
  // One frame is what most have that wait; a literal costs a quarter of a slice.
  const kept = depth === 0 ? undefined : depth === 2 ? [frames[0], frames[1]] : frames.slice(0, depth)
  releaseFrames(frames)
  return kept
}

/** Nothing stays referenced from a work array. Its taken places are contiguous, those of frames that are gone included. */
export function releaseFrames(frames: Frames): void {
  if (frames.length > keepUpTo || spare.length >= keepArrays) return
  for (let code = 1; code < frames.length && frames[code] !== undefined; code += 2) {
    frames[code - 1] = undefined
    frames[code] = undefined
  }
  spare.push(frames)
}
