/**
 * Types of operations that the run loop does not know: `StartOp` starts one, a `Continuation` handles the end
 * of what its frame waits for. Nodes and frames refer to these functions, so a bundle contains only those
 * that a program uses.
 */
import { type Node, Op } from '../core/node.js'
import type { FiberState } from './fiber-state.js'
import type { Frames } from './frames.js'

/**
 * Begins the operation that `node` is. Gives what to go on with, or undefined having begun to wait. It may
 * push frames, from `depth` on, and then says so by `turn.depth`.
 */
export type StartOp = (fiber: FiberState, node: Node, frames: Frames, depth: number) => Node | undefined

/**
 * What a frame does when that for which it waits has ended, with `failure` or with `value`. Gives what to go
 * on with, or undefined where that end is its own, too. Its place was at `depth`; it may push itself and
 * others again, and then says so by `turn.depth`.
 */
export type Continuation = (
  fiber: FiberState,
  frames: Frames,
  depth: number,
  kept: unknown,
  failure: Node | undefined,
  value: unknown
) => Node | undefined

/** Which results a continuation passes through unchanged: all, only values, or only failures. */
export type PassesThrough = 'all' | 'values' | 'failures'

/** Marks what a frame does. */
export const passingThrough = <L extends Continuation>(leave: L, handsOn: PassesThrough = 'all'): L =>
  Object.assign(leave, { handsOn })

/**
 * Whether an end of that kind, when it comes to the first `depth` places of `frames`, is what the fiber ends
 * with, unless something goes wrong on the way.
 */
export function isPassedThrough(kind: 'values' | 'failures', frames: Frames, depth: number): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    const handsOn = passedThroughBy(frames[index], frames[index - 1])
    if (handsOn !== 'all' && handsOn !== kind) return false
  }
  return true
}

/** Marks a frame that hands on values, but inside the interruption that came meanwhile, if one did. */
export const raising = <L extends Continuation>(leave: L): L =>
  Object.assign(passingThrough(leave), { raises: true })

/** Whether one of the first `depth` places of `frames` raises an interruption that carries what comes. */
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
