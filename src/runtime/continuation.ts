/**
 * Continuations: what a fiber does when an operation has ended. The run loop knows some by their code (`Op`);
 * all others are functions in a frame, so that a bundle contains only those that a program uses.
 *
 * Each continuation declares which results it passes through unchanged. Interruption depends on it: a result
 * that arrives although its fiber was interrupted counts only if the fiber ends with it (semantics 10 and 35).
 */
import { type FailedNode, type Frames, type HandleNode, type Node, Op, type StartNode } from '../core/node.js'
import type { FiberState } from './fiber-state.js'

interface Starter<B, C> {
  start(fiber: FiberState, node: StartNode<B, C>, frames: Frames, depth: number): Node | undefined
}

/**
 * Starts the operation of `node`, whose operands are of the types `B` and `C`. Returns the next node, or
 * undefined if the fiber has begun to wait. It may push frames from `depth` on, and then updates `slice.depth`.
 */
export type StartOp<B = unknown, C = unknown> = Starter<B, C>['start']

/**
 * Which results a continuation passes through unchanged, once it has done or restored something else. It is an
 * enumeration, and not words, because each bundle contains it at each continuation.
 */
export const enum Passes {
  All,
  Values,
  Failures,
  /** None: it handles values and failures. */
  Nothing,
  /** All, but inside the interruption that arrived meanwhile, if there was one. */
  Raised
}

type Run<K> = (
  fiber: FiberState,
  frames: Frames,
  depth: number,
  kept: K,
  failure: FailedNode | undefined,
  value: unknown
) => Node | undefined

/**
 * Runs a frame when the operation it waits for has ended, with `failure` or with `value`. Returns the next
 * node, or undefined to end in the same way. The frame was at `depth`, and kept `kept`; it may push itself and
 * others again, and then updates `slice.depth`.
 */
export interface Continuation<K> extends Run<K> {
  readonly passes: Passes
}

/** Declares a continuation, and what it passes through. */
export const continuation = <K>(passes: Passes, run: Run<K>): Continuation<K> =>
  Object.assign(run, { passes })

/** What the continuations pass through that the run loop knows; `code` is the code of a frame that keeps `kept`. */
function passedThroughBy(code: unknown, kept: unknown): Passes {
  switch (code) {
    case Op.Named:
    case Op.Kept:
      return Passes.All
    case Op.FlatMap:
    case Op.Map:
      return Passes.Failures
    case Op.Handle:
      // SAFETY: the frame of a handler keeps its node.
      return (kept as HandleNode).c.onSuccess === undefined ? Passes.Values : Passes.Nothing
    default:
      // SAFETY: there are no other codes than these and continuations.
      return (code as Continuation<unknown>).passes
  }
}

/**
 * Whether a result of that kind, passed to the first `depth` slots of `frames`, is what the fiber ends with,
 * unless something fails on the way.
 */
export function isPassedThrough(
  kind: Passes.Values | Passes.Failures,
  frames: Frames,
  depth: number
): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    const passes = passedThroughBy(frames[index], frames[index - 1])
    if (passes !== Passes.All && passes !== Passes.Raised && passes !== kind) return false
  }
  return true
}

/**
 * Whether a frame in the first `depth` slots of `frames` fails with an interruption that
 * contains the result passed to it.
 */
export function isRaised(frames: Frames, depth: number): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    if (passedThroughBy(frames[index], frames[index - 1]) === Passes.Raised) return true
  }
  return false
}
