/**
 * The interpreter: one switch over what a task says to do, and one over the frames that wait for its end.
 *
 * A node is its own frame, so a `flatMap` costs two array accesses and no allocation. The frames of a running fiber are on a
 * work array that fibers share in turn; a fiber that waits keeps a copy of just what it needs.
 *
 * The budget is counted where an operation begins, and only there: between the end of an operation and the frames that wait for it
 * nothing can come in between, even with a budget of 1. What an operation has taken is therefore always handed on.
 */
import { left, none, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { interruptible, uninterruptible } from '../task/interruption.js'
import { Node, Op, resumed, yielded } from '../task/task.js'
import { AsyncWait, PromiseWait, SleepWait } from './external-waits.js'
import { type FiberState, Flag } from './fiber-state.js'
import { releaseFrames, saveFrames, takeFrames } from './frames.js'
import {
  beginUnwinding,
  causeOf,
  checkGenerator,
  dieNode,
  failCauseNode,
  firstError,
  giveBack,
  goOnUnwinding,
  isHandled,
  leaveRegion,
  mapFailures,
  markDelivered,
  restoreFrame,
  taskFrom,
  unshield
} from './unwind.js'

const nothing = /* @__PURE__ */ new Node(Op.Succeed, undefined, undefined, undefined)

/** How a turn came to its end. */
const enum Turn {
  Ended,
  Waits,
  GaveWay,
  Yielded
}

const deliver = /* @__PURE__ */ new Node(Op.Deliver, undefined, false, undefined)

/** Gives `fiber` its turn: runs it until it waits, gives way or ends. */
export function runFiber(fiber: FiberState): void {
  const frames = takeFrames(fiber)
  let depth = fiber.frames === undefined ? 0 : fiber.frames.length
  fiber.frames = undefined
  let budget = fiber.runtime.yieldEvery
  let current: Node = fiber.current ?? nothing
  let value: unknown
  let failure: Node | undefined
  /** Whether a generator has just yielded: that counts, whatever it yielded, else a loop in it might never give way. */
  let isStep = false
  fiber.current = undefined
  fiber.flags |= Flag.Running
  if ((fiber.flags & Flag.AtCheckpoint) !== 0) {
    fiber.flags &= ~Flag.AtCheckpoint
    if (fiber.isInterruptionDue) current = deliver
  }
  let turn = Turn.Ended
  running: for (;;) {
    try {
      for (;;) {
        if (current.op > Op.Deliver || isStep) {
          isStep = false
          if (budget === 0) {
            if (!fiber.isInterruptionDue) {
              turn = Turn.GaveWay
              break running
            }
            current = deliver
          } else budget--
        }
        failure = undefined
        // ---- an operation
        switch (current.op) {
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
            current = taskFrom((current.a as () => unknown)(), 'Task.suspend')
            continue
          case Op.FlatMap:
          case Op.Map:
          case Op.OrElse:
          case Op.MapFailure:
          case Op.CatchCause:
          case Op.OnExit:
          case Op.Named:
          case Op.Forever:
            frames[depth++] = current
            current = taskFrom(current.a, 'this operation')
            continue
          case Op.Bracket:
            frames[depth++] = new Node(Op.Acquiring, current, fiber.flags, undefined)
            fiber.flags |= Flag.Masked
            current = taskFrom(current.a, 'Task.bracket as its acquire')
            continue
          case Op.Mask: {
            const masked = current.b === true
            current = taskFrom(current.a, 'this region')
            if (((fiber.flags & Flag.Masked) !== 0) === masked) continue
            frames[depth++] = restoreFrame(fiber.flags)
            fiber.flags ^= Flag.Masked
            if (fiber.isInterruptionDue) current = deliver
            continue
          }
          case Op.MaskWith: {
            const masked = (fiber.flags & Flag.Masked) !== 0
            if (!masked) {
              frames[depth++] = restoreFrame(fiber.flags)
              fiber.flags |= Flag.Masked
            }
            const region = (current.a as (restore: unknown) => unknown)(
              masked ? uninterruptible : interruptible
            )
            current = taskFrom(region, 'Task.uninterruptibleMask')
            continue
          }
          case Op.Shield:
            frames[depth++] = new Node(Op.Unshield, fiber.flags, current.b, undefined)
            fiber.flags |= Flag.Shielded
            current = taskFrom(current.a, 'Task.uncancellable')
            continue
          case Op.Async: {
            const wait = new AsyncWait(fiber, current.b as string | undefined)
            const early = wait.register(current.a as (resume: (task: unknown) => void) => unknown)
            if (early === undefined) {
              if (!fiber.isInterruptionDue) {
                turn = Turn.Waits
                break running
              }
              current = fiber.stopWaiting(wait)
            } else current = early
            budget++
            continue
          }
          case Op.Try: {
            const wait = new PromiseWait(fiber, current.b as ((reason: unknown) => unknown) | undefined)
            const early = wait.start(current.a as (signal?: unknown) => unknown)
            if (early === undefined) {
              if (!fiber.isInterruptionDue) {
                turn = Turn.Waits
                break running
              }
              current = fiber.stopWaiting(wait)
            } else current = early
            budget++
            continue
          }
          case Op.Park: {
            const look = current.a as (fiber: FiberState, b: unknown, c: unknown) => Node | undefined
            const found: Node | undefined = look(fiber, current.b, current.c)
            if (found === undefined) {
              if (fiber.waiting === undefined || !fiber.isInterruptionDue) {
                turn = Turn.Waits
                break running
              }
              current = fiber.stopWaiting(fiber.waiting)
            } else current = found
            budget++
            continue
          }
          case Op.Sleep: {
            const wait = new SleepWait(fiber, current.a as number)
            if (wait.start()) {
              value = undefined
              break
            }
            if (!fiber.isInterruptionDue) {
              turn = Turn.Waits
              break running
            }
            current = fiber.stopWaiting(wait)
            budget++
            continue
          }
          case Op.YieldNow:
            if (fiber.isInterruptionDue) {
              current = deliver
              continue
            }
            current = nothing
            turn = Turn.Yielded
            break running
          case Op.WithFiber:
            current = taskFrom((current.a as (fiber: FiberState) => unknown)(fiber), 'this operation')
            budget++
            continue
          case Op.Gen: {
            const generator = checkGenerator((current.a as () => unknown)())
            // Like a frame whose operation has just given undefined, which a generator's first `next` ignores.
            frames[depth++] = new Node(Op.GenStep, generator, true, undefined)
            value = undefined
            break
          }
          case Op.Interrupt:
            fiber.requestInterruption(fiber.id)
            if (fiber.isInterruptionDue) {
              current = deliver
              continue
            }
            failure = failCauseNode(Reasons.interrupt(fiber.id))
            break
          case Op.Locally: {
            frames[depth++] = new Node(Op.RestoreLocals, fiber.locals, undefined, undefined)
            fiber.locals = new Map(fiber.locals).set(current.b as object, { value: current.c })
            current = taskFrom(current.a, 'FiberLocal.locally')
            continue
          }
          case Op.Deliver:
            if (current.a === undefined) {
              markDelivered(fiber)
              failure = failCauseNode(fiber.interruption())
              break
            }
            fiber.controller?.abort()
            frames[depth++] = new Node(Op.Delivered, fiber.flags, current.b, undefined)
            fiber.flags |= Flag.Masked
            current = taskFrom(current.a, 'this clean-up')
            continue
          default:
            failure = dieNode(new Error(`operation ${current.op} is a frame, which only the run loop makes`))
        }
        // ---- the frames that wait for its end
        unwinding: for (;;) {
          if (depth === 0) {
            break running
          }
          const frame = frames[--depth] as Node
          switch (frame.op) {
            case Op.FlatMap:
              if (failure !== undefined) continue
              current = taskFrom((frame.b as (value: unknown) => unknown)(value), 'Task.flatMap')
              break unwinding
            case Op.Map:
              if (failure === undefined) value = (frame.b as (value: unknown) => unknown)(value)
              continue
            case Op.GenStep: {
              const generator = frame.a as Generator<unknown, unknown, unknown>
              if (failure !== undefined) {
                const unwound = beginUnwinding(fiber, generator, failure)
                if (unwound.frame === undefined) {
                  failure = leaveRegion(fiber, unwound.failure, frames, depth)
                  continue
                }
                frames[depth++] = unwound.frame
                current = unwound.task
                break unwinding
              }
              const bare = frame.b === true
              yielded.viaIterator = false
              resumed.value = value
              const step = generator.next(bare ? value : resumed)
              if (step.done === true) {
                value = step.value
                continue
              }
              // The frame is still in its place, unless how the generator waits has changed.
              if (bare === yielded.viaIterator) {
                frames[depth] = new Node(Op.GenStep, generator, !bare, undefined)
              }
              depth++
              current = taskFrom(step.value, 'Task.gen from `yield*`')
              isStep = true
              break unwinding
            }
            case Op.OrElse:
              if (failure === undefined) {
                if (frame.c === undefined) continue
                current = taskFrom((frame.c as (value: unknown) => unknown)(value), 'a handler of successes')
                break unwinding
              }
              if (!isHandled(fiber, failure)) continue
              current = taskFrom((frame.b as (error: unknown) => unknown)(firstError(failure)), 'Task.orElse')
              break unwinding
            case Op.MapFailure:
              if (failure !== undefined) failure = mapFailures(failure, frame.b as (error: unknown) => Node)
              continue
            case Op.CatchCause:
              if (failure === undefined) {
                if (frame.c === undefined) continue
                current = taskFrom((frame.c as (value: unknown) => unknown)(value), 'a handler of successes')
                break unwinding
              }
              // Its own interruption passes, but within an uninterruptible region.
              if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered) continue
              fiber.flags &= ~Flag.Delivered
              current = taskFrom(
                (frame.b as (cause: Cause<unknown>) => unknown)(causeOf(failure)),
                'Task.catchCause'
              )
              break unwinding
            case Op.Forever:
              if (failure !== undefined) continue
              // Itself again, and not what it repeats: that may be no operation that counts.
              current = frame
              break unwinding
            case Op.OnExit: {
              const exit = failure === undefined ? right(value) : left(causeOf(failure))
              frames[depth++] = new Node(Op.Finalized, exit, fiber.flags, undefined)
              fiber.flags = (fiber.flags | Flag.Masked) & ~Flag.Delivered
              current = taskFrom((frame.b as (exit: unknown) => unknown)(exit), 'a finalizer')
              break unwinding
            }
            case Op.Acquiring: {
              const delivered = fiber.flags & Flag.Delivered
              fiber.flags = (fiber.flags & ~Flag.Region) | ((frame.b as number) & Flag.Region)
              if (failure !== undefined) {
                if (delivered === 0) failure = leaveRegion(fiber, failure, frames, depth)
                continue
              }
              const bracket = frame.a as Node
              frames[depth++] = new Node(Op.Release, value, bracket.c, undefined)
              current = fiber.isInterruptionDue
                ? deliver
                : taskFrom((bracket.b as (resource: unknown) => unknown)(value), 'Task.bracket as its use')
              break unwinding
            }
            case Op.Release: {
              const exit = failure === undefined ? right(value) : left(causeOf(failure))
              frames[depth++] = new Node(Op.Finalized, exit, fiber.flags, undefined)
              fiber.flags = (fiber.flags | Flag.Masked) & ~Flag.Delivered
              const release = frame.b as (resource: unknown, exit: unknown) => unknown
              current = taskFrom(release(frame.a, exit), 'Task.bracket as its release')
              break unwinding
            }
            case Op.Finalized: {
              const exit = frame.a as Exit<unknown, unknown>
              giveBack(fiber, frame.b)
              if (exit._tag === 'Left') {
                failure = failCauseNode(
                  failure === undefined ? exit.left : Reasons.combine(exit.left, causeOf(failure))
                )
              } else if (failure === undefined) value = exit.right
              failure = leaveRegion(fiber, failure, frames, depth)
              continue
            }
            case Op.Restore:
              fiber.flags = (fiber.flags & ~Flag.Region) | (frame.a as number)
              failure = leaveRegion(fiber, failure, frames, depth)
              continue
            case Op.Unshield:
              failure = unshield(fiber, frame, failure, value)
              continue
            case Op.Delivered: {
              giveBack(fiber, frame.a)
              fiber.flags |= Flag.Delivered
              const carried = failure === undefined && frame.b === true ? (value as typeof none) : none
              const interruption = fiber.interruption(carried)
              failure = failCauseNode(
                failure === undefined ? interruption : Reasons.combine(interruption, causeOf(failure))
              )
              continue
            }
            case Op.GenUnwind: {
              const unwound = goOnUnwinding(fiber, frame, failure, value)
              if (unwound.frame === undefined) {
                failure = leaveRegion(fiber, unwound.failure, frames, depth)
                continue
              }
              frames[depth++] = unwound.frame
              current = unwound.task
              break unwinding
            }
            case Op.Named:
              if (failure !== undefined) {
                failure = failCauseNode(Reasons.through(causeOf(failure), frame.b as string))
              }
              continue
            case Op.RestoreLocals:
              fiber.locals = frame.a as FiberState['locals']
              continue
          }
        }
      }
    } catch (thrown) {
      // What a user's function throws ends the operation, whose frames come next.
      current = dieNode(thrown)
      isStep = false
    }
  }
  // Outside the catch: an error of the scheduler is none of the fiber's.
  switch (turn) {
    case Turn.Waits:
      fiber.flags &= ~Flag.Running
      saveFrames(fiber, frames, depth)
      return
    case Turn.Ended: {
      const exit = failure === undefined ? right(value) : left(ending(fiber, failure))
      releaseFrames(frames)
      fiber.finish(exit)
      return
    }
    default:
      fiber.flags = (fiber.flags & ~Flag.Running) | Flag.AtCheckpoint
      fiber.current = current
      saveFrames(fiber, frames, depth)
      if (turn === Turn.GaveWay) fiber.runtime.ready(fiber)
      else fiber.runtime.readyLater(fiber)
  }
}

/** The cause that the fiber ends with: it came through the fiber, too. */
const ending = (fiber: FiberState, failure: Node): Cause<unknown> =>
  fiber.name === undefined ? causeOf(failure) : Reasons.through(causeOf(failure), fiber.name)
