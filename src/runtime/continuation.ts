/**
 * Types of operations that the run loop does not know: `StartOp` starts one, and `Continuation` runs its
 * frame when the operation it waits for has ended. They are functions in a node and a frame, so that a bundle
 * contains only those that a program uses.
 */
import { type Node, Op } from '../core/node.js'
import type { FiberState } from './fiber-state.js'
import type { Frames } from './frames.js'

/**
 * Starts the operation of `node`. Returns the next node, or undefined if the fiber has begun to wait. It may
 * push frames from `depth` on, and then updates `slice.depth`.
 */
export type StartOp = (fiber: FiberState, node: Node, frames: Frames, depth: number) => Node | undefined

/**
 * Runs a frame when the operation it waits for has ended, with `failure` or with `value`. Returns the next
 * node, or undefined to end in the same way. The frame was at `depth`; it may push itself and others again,
 * and then updates `slice.depth`.
 */
export type Continuation = (
  fiber: FiberState,
  frames: Frames,
  depth: number,
  kept: unknown,
  failure: Node | undefined,
  value: unknown
) => Node | undefined

/**
 * Which results a continuation passes through unchanged, once it has done or restored something else: all,
 * only values, or only failures.
 */
export type PassesThrough = 'all' | 'values' | 'failures'

/** Marks a continuation with the results that it passes through unchanged. */
export const passingThrough = <L extends Continuation>(leave: L, handsOn: PassesThrough = 'all'): L =>
  Object.assign(leave, { handsOn })

/**
 * Whether a result of that kind, passed to the first `depth` slots of `frames`, is what the fiber ends with,
 * unless something fails on the way.
 */
export function isPassedThrough(kind: 'values' | 'failures', frames: Frames, depth: number): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    const handsOn = passedThroughBy(frames[index], frames[index - 1])
    if (handsOn !== 'all' && handsOn !== kind) return false
  }
  return true
}

/**
 * Marks a continuation that passes values through, but inside the interruption that
 * arrived meanwhile, if there was one.
 */
export const raising = <L extends Continuation>(leave: L): L =>
  Object.assign(passingThrough(leave), { raises: true })

/**
 * Whether a frame in the first `depth` slots of `frames` fails with an interruption that
 * contains the result passed to it.
 */
export function isRaised(frames: Frames, depth: number): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    const code = frames[index]
    if (typeof code === 'function' && 'raises' in code) return true
  }
  return false
}

function passedThroughBy(code: unknown, kept: unknown): PassesThrough | undefined {
  switch (code) {
    case Op.Named:
    case Op.Kept:
      return 'all'
    case Op.FlatMap:
    case Op.Map:
      return 'failures'
    case Op.OrElse:
    case Op.CatchCause:
      return typeof (kept as Node).c === 'function' ? undefined : 'values'
    default:
      return typeof code === 'function' && 'handsOn' in code ? (code.handsOn as PassesThrough) : undefined
  }
}
