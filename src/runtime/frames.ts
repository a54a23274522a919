/**
 * Where frames are kept. A running fiber has them on a work array, which fibers share in turn, so that it has grown already; one
 * that waits keeps a copy of just what it needs, since programs park fibers by the hundred thousand.
 */
import { forgetYielded, type Node } from '../task/task.js'
import type { FiberState } from './fiber-state.js'

/** Frames, the last last; undefined in places that are not taken. */
export type Frames = Array<Node | undefined>

/** Work arrays that no fiber uses now. Several are in use only where a run is nested in a run, by `runSync`. */
const spare: Array<Frames> = []

/** A work array that has grown beyond this is left to the garbage collector. */
const keepUpTo = 1024

/** Few frames are copied onto an array that is at hand; many bring their own. */
const copyUpTo = 32

/** The frames of `fiber`, on an array to work on. */
export function takeFrames(fiber: FiberState): Frames {
  const kept = fiber.frames
  if (kept !== undefined && kept.length > copyUpTo) return kept as Frames
  const frames = spare.pop() ?? []
  if (kept !== undefined) for (let index = 0; index < kept.length; index++) frames[index] = kept[index]
  return frames
}

/** `fiber` does not run any more, with so many frames. */
export function saveFrames(fiber: FiberState, frames: Frames, depth: number): void {
  if (depth > copyUpTo) {
    // Holds because the first `depth` places are taken.
    frames.length = depth
    fiber.frames = frames as ReadonlyArray<Node>
    forgetYielded()
    return
  }
  if (depth > 0) fiber.frames = frames.slice(0, depth) as ReadonlyArray<Node>
  releaseFrames(frames)
}

/** Nothing stays referenced from a work array. Its taken places are contiguous, those of frames that are gone included. */
export function releaseFrames(frames: Frames): void {
  forgetYielded()
  if (frames.length > keepUpTo) return
  for (let index = 0; index < frames.length && frames[index] !== undefined; index++) frames[index] = undefined
  spare.push(frames)
}
