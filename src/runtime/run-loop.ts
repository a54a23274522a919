/**
 * The interpreter: one switch over the operation of a Task, and one over the frames that wait for its end.
 *
 * A frame is pushed as the value that it keeps and a code, on a work array that fibers share in turn: a
 * `flatMap` costs a few array accesses and no allocation. The switches contain what every program needs and
 * what must be fastest; everything else is a function in a node or a frame.
 *
 * The budget is counted where an operation begins, and only there: nothing can run between the end
 * of an operation and the frames that wait for it, even with a budget of 1. So what an operation
 * has taken is always passed on.
 */

import {
  answer,
  type FailedNode,
  type FlatMapNode,
  type Frames,
  type HandleNode,
  type MapNode,
  Node,
  nodeOf,
  Op
} from '../core/node.js'
import { slice } from '../core/slice.js'
import { diagnostics } from '../data/diagnostics.js'
import { left, right } from '../data/either.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { Continuation } from './continuation.js'
import { causeOf, deliver, dieNode, failCauseNode, nothing } from './failure-nodes.js'
import { type FiberState, Flag, hostContextOf } from './fiber-state.js'
import { beginsWithRegion, leaveFrames, releaseFrames, takeFrames } from './frames.js'

/** How a turn ended. */
const enum LoopEnd {
  Ended,
  Waits,
  GaveWay,
  Yielded
}

/**
 * Calls `run`, which gives turns to fibers, where another fiber may already have its turn.
 * Restores the state that turns share.
 */
export function withinTurn<A>(run: () => A): A {
  const outer = { ...slice }
  const { value } = answer
  slice.generatorOf = undefined
  try {
    return run()
  } finally {
    Object.assign(slice, outer)
    answer.value = value
  }
}

/**
 * Gives `fiber` its turn: runs it until it waits, yields or ends. Returns whether it has used up its budget.
 * Within the turn of another fiber, call it through `withinTurn`.
 */
export function runFiber(fiber: FiberState, budget: number): boolean {
  const work = takeFrames(fiber)
  fiber.flags |= Flag.Running
  if ((fiber.flags & Flag.AtCheckpoint) !== 0) {
    fiber.flags &= ~Flag.AtCheckpoint
    if (fiber.isInterruptionDue) fiber.current = deliver
  }
  const end = interpret(fiber, work.frames, budget)
  // Values that have passed through `yield*` are not kept alive.
  answer.value = undefined
  // From here on, an error of the scheduler is not an error of the fiber.
  if (end === LoopEnd.Ended) {
    releaseFrames(work)
    fiber.finish()
    return false
  }
  fiber.flags = (fiber.flags & ~Flag.Running) | (end === LoopEnd.Waits ? 0 : Flag.AtCheckpoint)
  leaveFrames(fiber, work)
  hostContextOf(fiber)
  if (end === LoopEnd.GaveWay) fiber.runtime.ready(fiber)
  else if (end === LoopEnd.Yielded) fiber.runtime.readyLater(fiber)
  // This is last, because a clock of the user may throw.
  if (fiber.began < 0) fiber.began = fiber.runtime.coarseNow()
  return end === LoopEnd.GaveWay
}

/**
 * A separate function without the ends of turns: they are rare, and rare code in a
 * loop makes V8 compile it again.
 */
function interpret(fiber: FiberState, frames: Frames, most: number): LoopEnd {
  let { depth } = slice
  let budget = most
  let current: Node = fiber.current ?? nothing
  let value: unknown
  let failure: FailedNode | undefined
  /**
   * The operation whose function returned `current` and whose frame is gone, or -1 if `current` is the Task
   * that the frame on top applies to. For the error message about a value that is not a Task.
   */
  let from = -1
  /** Whether a function is running that may have pushed frames. */
  let isInside = false
  fiber.current = undefined
  for (;;) {
    try {
      for (;;) {
        const node = current
        const { taskOp: op } = node
        if (op > Op.Deliver) {
          if (budget === 0 && ((fiber.flags & Flag.Masked) !== 0 || !beginsWithRegion(node))) {
            if (!fiber.isInterruptionDue) {
              fiber.current = node
              slice.depth = depth
              return LoopEnd.GaveWay
            }
            current = deliver
            continue
          }
          if (budget > 0) budget--
        }
        failure = undefined
        // ---- an operation
        switch (node.taskOp) {
          case Op.Succeed:
            value = node.a
            break
          case Op.Fail:
          case Op.FailCause:
            failure = node
            break
          case Op.Sync:
            value = node.a()
            break
          case Op.Suspend:
            current = node.a()
            from = Op.Suspend
            continue
          case Op.FlatMap:
          case Op.Map:
          case Op.Named:
            frames[depth++] = node.b
            frames[depth++] = op
            current = node.a
            from = -1
            continue
          case Op.Handle:
            frames[depth++] = node
            frames[depth++] = op
            current = node.a
            from = -1
            continue
          case Op.Park: {
            const looked = node.a(fiber, node.b, node.c)
            if (looked !== undefined) {
              const found = nodeOf(looked)
              // The returned node belongs to this operation: what that has taken is not
              // safe before the frames have it.
              if (found.taskOp > Op.Deliver) budget++
              current = found
              continue
            }
            if (fiber.waiting !== undefined && fiber.isInterruptionDue) {
              current = fiber.waiting.abandon(fiber)
              continue
            }
            slice.depth = depth
            return LoopEnd.Waits
          }
          case Op.Region:
          case Op.Enter:
          case Op.Generate: {
            slice.depth = depth
            slice.budget = budget
            isInside = true
            const found = node.a(fiber, node, frames, depth)
            isInside = false
            depth = slice.depth
            budget = slice.budget
            if (found !== undefined) {
              current = found
              continue
            }
            if (fiber.waiting !== undefined && fiber.isInterruptionDue) {
              current = fiber.waiting.abandon(fiber)
              continue
            }
            return LoopEnd.Waits
          }
          case Op.YieldNow:
            if (fiber.isInterruptionDue) {
              current = deliver
              continue
            }
            fiber.current = nothing
            slice.depth = depth
            return LoopEnd.Yielded
          case Op.Deliver:
            fiber.markDelivered()
            failure = failCauseNode(fiber.interruption())
            break
          default:
            throw diagnostics.bound?.wrongTask(node, from, frames[depth - 1])
        }
        // ---- the frames that wait for its end
        unwinding: for (;;) {
          if (depth === 0) {
            fiber.result = failure === undefined ? right(value) : left(ending(fiber, failure))
            return LoopEnd.Ended
          }
          depth -= 2
          const kept = frames[depth]
          const code = frames[depth + 1]
          if (typeof code === 'number') {
            switch (code as Op) {
              case Op.FlatMap:
                if (failure !== undefined) continue
                current = (kept as FlatMapNode['b'])(value)
                from = Op.FlatMap
                break unwinding
              case Op.Map:
                if (failure === undefined) value = (kept as MapNode['b'])(value)
                continue
              case Op.Handle: {
                const { b: f, c: handling } = kept as HandleNode
                if (failure === undefined) {
                  if (handling.onSuccess === undefined) continue
                  current = nodeOf(handling.onSuccess(value))
                } else {
                  const next = handling.handle(fiber, failure, f, handling)
                  if (next === undefined) continue
                  current = next
                }
                from = Op.Handle
                break unwinding
              }
              default:
                // A name (`Op.Named`).
                if (failure !== undefined)
                  failure = failCauseNode(Reasons.through(causeOf(failure), kept as string))
                continue
            }
          }
          slice.depth = depth
          slice.budget = budget
          isInside = true
          const next = (code as Continuation<unknown>)(fiber, frames, depth, kept, failure, value)
          isInside = false
          depth = slice.depth
          budget = slice.budget
          if (next === undefined) continue
          current = next
          break
        }
      }
    } catch (thrown) {
      // An exception of a user's function ends the operation, and its frames run next.
      current = dieNode(
        isNode(current) ? thrown : diagnostics.bound?.wrongTask(current, from, frames[depth - 1])
      )
      if (isInside) {
        isInside = false
        depth = slice.depth
        budget = Math.min(budget, slice.budget)
      }
    }
  }
}

/** Whether `value` is a Task. Returns false for a revoked proxy, on which even `instanceof` throws. */
function isNode(value: unknown): boolean {
  try {
    return value instanceof Node
  } catch {
    return false
  }
}

/** Returns the cause that the fiber ends with, with the name of the fiber added to its trace. */
const ending = (fiber: FiberState, failure: FailedNode): Cause<unknown> =>
  fiber.name === undefined ? causeOf(failure) : Reasons.through(causeOf(failure), fiber.name)
