/**
 * The interpreter: one switch over what a task says to do, and one over the frames that wait for its end.
 *
 * Frames are pushed as what they keep and a code, on a work array that fibers share in turn: a `flatMap`
 * costs a few array accesses and no allocation. What is in the switches is what every program needs, and what
 * has to be fastest; all else is a function that its node or frame brings along.
 *
 * The budget is counted where an operation begins, and only there: between the end of an operation and the
 * frames that wait for it nothing can come in between, even with a budget of 1. What an operation has taken
 * is therefore always handed on.
 */

import { answer, Node, Op } from '../core/node.js'
import { diagnostics } from '../data/diagnostics.js'
import { left, right } from '../data/either.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { Continuation, StartOp } from './continuation.js'
import { causeOf, deliver, dieNode, failCauseNode, firstError, nothing, unhandled } from './failure-nodes.js'
import { type FiberState, Flag, hostContextOf } from './fiber-state.js'
import { beginsWithRegion, type Frames, leaveFrames, releaseFrames, slice, takeFrames } from './frames.js'

/** A function of the user's. Whether what it gives is a Task is seen where that is looked at. */
type Continue = (value: unknown) => Node

/** Looks, and gives what to go on with or has begun to wait. */
type Look = (fiber: FiberState, b: unknown, c: unknown) => Node | undefined

/** How a turn came to its end. */
const enum LoopEnd {
  Ended,
  Waits,
  GaveWay,
  Yielded
}

/** Calls `run`, which gives turns, where a fiber may have its own already, and puts back what they share. */
export function withinTurn<A>(run: () => A): A {
  const outer = { ...slice }
  const { value } = answer
  try {
    return run()
  } finally {
    Object.assign(slice, outer)
    answer.value = value
  }
}

/**
 * Gives `fiber` its turn: runs it until it waits, gives way or ends. Whether it has used up its budget. Not
 * from within the turn of another, but by `withinTurn`.
 */
export function runFiber(fiber: FiberState, budget: number): boolean {
  const frames = takeFrames(fiber)
  fiber.flags |= Flag.Running
  if ((fiber.flags & Flag.AtCheckpoint) !== 0) {
    fiber.flags &= ~Flag.AtCheckpoint
    if (fiber.isInterruptionDue) fiber.current = deliver
  }
  const end = interpret(fiber, frames, budget)
  // Nothing is kept alive by what has passed through `yield*`.
  answer.value = undefined
  // From here on, an error of the scheduler is not an error of the fiber.
  if (end === LoopEnd.Ended) {
    releaseFrames(frames)
    fiber.finish()
    return false
  }
  fiber.flags = (fiber.flags & ~Flag.Running) | (end === LoopEnd.Waits ? 0 : Flag.AtCheckpoint)
  leaveFrames(fiber, frames)
  hostContextOf(fiber)
  if (end === LoopEnd.GaveWay) fiber.runtime.ready(fiber)
  else if (end === LoopEnd.Yielded) fiber.runtime.readyLater(fiber)
  // Last: a clock of the user's may throw.
  if (fiber.began < 0) fiber.began = fiber.runtime.coarseNow()
  return end === LoopEnd.GaveWay
}

/**
 * A function of its own, without the ends of turns: they are rare, and what is rare in a loop makes V8
 * compile it again.
 */
function interpret(fiber: FiberState, frames: Frames, most: number): LoopEnd {
  let { depth } = slice
  let budget = most
  let current: Node = fiber.current ?? nothing
  let value: unknown
  let failure: Node | undefined
  /**
   * The operation that returned `current`, or -1 for the frame on top: for the message if it is not a Task.
   */
  let from = -1
  /** Whether a function runs that may have pushed frames. */
  let isInside = false
  fiber.current = undefined
  for (;;) {
    try {
      for (;;) {
        const { taskOp: op } = current
        if (op > Op.Deliver) {
          if (budget === 0 && ((fiber.flags & Flag.Masked) !== 0 || !beginsWithRegion(current))) {
            if (!fiber.isInterruptionDue) {
              fiber.current = current
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
        switch (op) {
          case Op.Succeed:
            value = current.a
            break
          case Op.Fail:
          case Op.FailCause:
            failure = current
            break
          case Op.Sync:
            value = (current.a as () => unknown)()
            break
          case Op.Suspend:
            current = (current.a as () => Node)()
            from = Op.Suspend
            continue
          case Op.FlatMap:
          case Op.Map:
          case Op.Named:
            frames[depth++] = current.b
            frames[depth++] = op
            current = current.a as Node
            from = -1
            continue
          case Op.OrElse:
          case Op.CatchCause:
            frames[depth++] = current
            frames[depth++] = op
            current = current.a as Node
            from = -1
            continue
          case Op.Park: {
            const found = (current.a as Look)(fiber, current.b, current.c)
            if (found !== undefined) {
              // It belongs to this operation: what that has taken is not its own before the frames have it.
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
          case Op.Enter: {
            slice.depth = depth
            slice.budget = budget
            isInside = true
            const found = (current.a as StartOp)(fiber, current, frames, depth)
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
            throw diagnostics.wrongTask?.(current, from, frames[depth - 1])
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
                current = (kept as Continue)(value)
                from = Op.FlatMap
                break unwinding
              case Op.Map:
                if (failure === undefined) value = (kept as (value: unknown) => unknown)(value)
                continue
              case Op.OrElse:
                if (failure === undefined) {
                  if (typeof (kept as Node).c !== 'function') continue
                  current = ((kept as Node).c as Continue)(value)
                } else {
                  const rest = unhandled(fiber, failure, kept as Node)
                  if (rest !== undefined) {
                    failure = rest
                    continue
                  }
                  current = ((kept as Node).b as Continue)(firstError(failure))
                }
                from = Op.OrElse
                break unwinding
              case Op.CatchCause:
                if (failure === undefined) {
                  if ((kept as Node).c === undefined) continue
                  current = ((kept as Node).c as Continue)(value)
                } else {
                  // Its own interruption passes, but within an uninterruptible region.
                  if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered) continue
                  fiber.flags &= ~Flag.Delivered
                  current = ((kept as Node).b as Continue)(causeOf(failure))
                }
                from = Op.CatchCause
                break unwinding
              default:
                // A name.
                if (failure !== undefined)
                  failure = failCauseNode(Reasons.through(causeOf(failure), kept as string))
                continue
            }
          }
          slice.depth = depth
          slice.budget = budget
          isInside = true
          const next = (code as Continuation)(fiber, frames, depth, kept, failure, value)
          isInside = false
          depth = slice.depth
          budget = slice.budget
          if (next === undefined) continue
          current = next
          break
        }
      }
    } catch (thrown) {
      // What a user's function throws ends the operation, whose frames come next.
      current = dieNode(isNode(current) ? thrown : diagnostics.wrongTask?.(current, from, frames[depth - 1]))
      if (isInside) {
        isInside = false
        depth = slice.depth
        budget = Math.min(budget, slice.budget)
      }
    }
  }
}

/** Whether it is a Task. Of a proxy that is revoked not even that may be asked. */
function isNode(value: unknown): boolean {
  try {
    return value instanceof Node
  } catch {
    return false
  }
}

/** The cause that the fiber ends with: it came through the fiber, too. */
const ending = (fiber: FiberState, failure: Node): Cause<unknown> =>
  fiber.name === undefined ? causeOf(failure) : Reasons.through(causeOf(failure), fiber.name)
