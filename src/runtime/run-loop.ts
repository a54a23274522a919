/**
 * The interpreter: one switch over what a task says to do, and one over the frames that wait for its end.
 *
 * Frames are pushed as what they keep and a code, on a work array that fibers share in turn: a `flatMap` costs a few array accesses
 * and no allocation.
 *
 * The budget is counted where an operation begins, and only there: between the end of an operation and the frames that wait for it
 * nothing can come in between, even with a budget of 1. What an operation has taken is therefore always handed on.
 */
import { left, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { interruptible, uninterruptible } from '../task/interruption.js'
import { goesOn, Node, Op, resumed, takeYielded } from '../task/task.js'
import { beginWait } from './external-waits.js'
import { type FiberState, Flag } from './fiber-state.js'
import { codeOf, flagsOf, keepFrames, opOf, releaseFrames, takeFrames } from './frames.js'
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
  selfOf,
  taskFrom,
  Unwinding,
  unshield
} from './unwind.js'
import type { Stopped } from './wait.js'

const nothing = /* @__PURE__ */ new Node(Op.Succeed, undefined, undefined, undefined)

/** What a user's function goes on with; whether it is a Task is looked at where it has to be one. */
type Continue = (value: unknown) => unknown

/** Looks, and gives what to go on with or has begun to wait. */
type Look = (fiber: FiberState, b: unknown, c: unknown) => Node | undefined

/** A resource that its bracket has to release. */
class Acquired {
  constructor(
    private readonly resource: unknown,
    private readonly bracket: Node
  ) {}

  release(exit: unknown): unknown {
    return (this.bracket.c as (resource: unknown, exit: unknown) => unknown)(this.resource, exit)
  }
}

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
  const frames = takeFrames(fiber.frames)
  let depth = fiber.frames === undefined ? 0 : fiber.frames.length
  fiber.frames = undefined
  let budget = fiber.runtime.yieldEvery
  let current: Node = fiber.current ?? nothing
  let value: unknown
  let failure: Node | undefined
  /** Whether a generator has just yielded: that counts, whatever it yielded, else a loop in it might never give way. */
  let isStep = false
  /** Whether the next node belongs to the operation that gave it: what that has taken is not its own before the frames have it. */
  let isHandedOn = false
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
        if (isHandedOn) isHandedOn = false
        else if (current.op > Op.Deliver || isStep) {
          if (budget === 0) {
            if (!fiber.isInterruptionDue) {
              turn = Turn.GaveWay
              break running
            }
            current = deliver
          } else budget--
        }
        isStep = false
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
          case Op.MapFailure:
          case Op.OnExit:
          case Op.Named:
            frames[depth++] = current.b
            frames[depth++] = current.op
            current = selfOf(current)
            continue
          case Op.OrElse:
          case Op.CatchCause:
          case Op.Forever:
            frames[depth++] = current
            frames[depth++] = current.op
            current = selfOf(current)
            continue
          case Op.Bracket:
            frames[depth++] = current
            frames[depth++] = codeOf(Op.Acquiring, fiber.flags)
            fiber.flags |= Flag.Masked
            current = selfOf(current)
            continue
          case Op.Mask: {
            const masked = current.b === true
            current = selfOf(current)
            if (((fiber.flags & Flag.Masked) !== 0) === masked) continue
            frames[depth++] = undefined
            frames[depth++] = codeOf(Op.Restore, fiber.flags)
            fiber.flags ^= Flag.Masked
            if (fiber.isInterruptionDue) current = deliver
            continue
          }
          case Op.MaskWith: {
            const masked = (fiber.flags & Flag.Masked) !== 0
            if (!masked) {
              frames[depth++] = undefined
              frames[depth++] = codeOf(Op.Restore, fiber.flags)
              fiber.flags |= Flag.Masked
            }
            const region = (current.a as (restore: unknown) => unknown)(
              masked ? uninterruptible : interruptible
            )
            current = taskFrom(region, 'Task.uninterruptibleMask')
            continue
          }
          case Op.Shield:
            frames[depth++] = current.b
            frames[depth++] = codeOf(Op.Unshield, fiber.flags)
            fiber.flags |= Flag.Shielded
            current = selfOf(current)
            continue
          case Op.Async:
          case Op.Try:
          case Op.Sleep:
          case Op.Never:
          case Op.Park: {
            isHandedOn = current.op === Op.Park
            const found = isHandedOn
              ? (current.a as Look)(fiber, current.b, current.c)
              : beginWait(fiber, current)
            if (found !== undefined) current = found
            else if (fiber.waiting !== undefined && fiber.isInterruptionDue) {
              current = fiber.stopWaiting(fiber.waiting)
            } else {
              turn = Turn.Waits
              break running
            }
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
            isHandedOn = true
            continue
          case Op.Gen: {
            const generator = checkGenerator((current.a as () => unknown)())
            // Like a frame whose operation has just given undefined, which a generator's first `next` ignores.
            frames[depth++] = generator
            frames[depth++] = Op.GenBare
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
            frames[depth++] = fiber.locals
            frames[depth++] = Op.RestoreLocals
            fiber.locals = new Map(fiber.locals).set(current.b as object, { value: current.c })
            current = selfOf(current)
            continue
          }
          case Op.Deliver:
            if (current.a === undefined) {
              markDelivered(fiber)
              failure = failCauseNode(fiber.interruption())
              break
            }
            fiber.controller?.abort()
            frames[depth++] = current.b
            frames[depth++] = codeOf(Op.Delivered, fiber.flags)
            fiber.flags |= Flag.Masked | Flag.CleaningUp
            fiber.controller = undefined
            current = selfOf(current)
            continue
          default:
            failure = dieNode(new Error(`operation ${current.op} is a frame, which only the run loop makes`))
        }
        // ---- the frames that wait for its end
        unwinding: for (;;) {
          if (depth === 0) {
            break running
          }
          const code = frames[--depth] as number
          const kept = frames[--depth]
          switch (opOf(code)) {
            case Op.FlatMap:
              if (failure !== undefined) continue
              current = taskFrom((kept as Continue)(value), 'Task.flatMap')
              break unwinding
            case Op.Map:
              if (failure === undefined) value = (kept as Continue)(value)
              continue
            case Op.GenStep:
            case Op.GenBare: {
              const generator = kept as Generator<unknown, unknown, unknown>
              if (failure !== undefined) {
                const unwinding = new Unwinding(generator, causeOf(failure))
                const before = fiber.flags
                const task = beginUnwinding(fiber, unwinding)
                if (task === undefined) {
                  giveBack(fiber, before)
                  failure = leaveRegion(fiber, failCauseNode(unwinding.cause), frames, depth)
                  continue
                }
                frames[depth++] = unwinding
                frames[depth++] = codeOf(Op.GenUnwind, before)
                current = task
                break unwinding
              }
              resumed.value = value
              const step = generator.next(code === Op.GenBare ? value : resumed)
              if (step.done === true) {
                value = step.value
                continue
              }
              // The frame is still in its place; only how the generator waits may have changed.
              const isYieldStar = step === goesOn
              frames[depth + 1] = isYieldStar ? Op.GenStep : Op.GenBare
              depth += 2
              isStep = true
              current = taskFrom(isYieldStar ? takeYielded() : step.value, 'Task.gen from `yield*`')
              break unwinding
            }
            case Op.GenUnwind: {
              const unwinding = kept as Unwinding
              const task = goOnUnwinding(unwinding, failure, value)
              if (task === undefined) {
                giveBack(fiber, flagsOf(code))
                failure = leaveRegion(fiber, failCauseNode(unwinding.cause), frames, depth)
                continue
              }
              depth += 2
              current = task
              break unwinding
            }
            case Op.OrElse: {
              const node = kept as Node
              if (failure === undefined) {
                if (node.c === undefined) continue
                current = taskFrom((node.c as Continue)(value), 'a handler of successes')
                break unwinding
              }
              if (!isHandled(fiber, failure)) continue
              current = taskFrom((node.b as Continue)(firstError(failure)), 'Task.orElse')
              break unwinding
            }
            case Op.MapFailure:
              if (failure !== undefined) failure = mapFailures(failure, kept as (error: unknown) => Node)
              continue
            case Op.CatchCause: {
              const node = kept as Node
              if (failure === undefined) {
                if (node.c === undefined) continue
                current = taskFrom((node.c as Continue)(value), 'a handler of successes')
                break unwinding
              }
              // Its own interruption passes, but within an uninterruptible region.
              if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered) continue
              fiber.flags &= ~Flag.Delivered
              current = taskFrom((node.b as Continue)(causeOf(failure)), 'Task.catchCause')
              break unwinding
            }
            case Op.Forever:
              if (failure !== undefined) continue
              // Itself again, and not what it repeats: that may be no operation that counts.
              current = kept as Node
              break unwinding
            case Op.OnExit: {
              const exit = failure === undefined ? right(value) : left(causeOf(failure))
              frames[depth++] = exit
              frames[depth++] = codeOf(Op.Finalized, fiber.flags)
              fiber.beginCleaningUp()
              current = taskFrom((kept as Continue)(exit), 'a finalizer')
              break unwinding
            }
            case Op.Acquiring: {
              const bracket = kept as Node
              const before = flagsOf(code) & Flag.Region
              fiber.flags = (fiber.flags & ~Flag.Region) | before
              if (failure !== undefined) {
                failure = leaveRegion(fiber, failure, frames, depth)
                continue
              }
              frames[depth++] = new Acquired(value, bracket)
              frames[depth++] = Op.Release
              current = fiber.isInterruptionDue
                ? deliver
                : taskFrom((bracket.b as Continue)(value), 'Task.bracket as its use')
              break unwinding
            }
            case Op.Release: {
              const exit = failure === undefined ? right(value) : left(causeOf(failure))
              frames[depth++] = exit
              frames[depth++] = codeOf(Op.Finalized, fiber.flags)
              fiber.beginCleaningUp()
              current = taskFrom((kept as Acquired).release(exit), 'Task.bracket as its release')
              break unwinding
            }
            case Op.Finalized: {
              const exit = kept as Exit<unknown, unknown>
              giveBack(fiber, flagsOf(code))
              if (exit._tag === 'Left') {
                failure = failCauseNode(
                  failure === undefined ? exit.left : Reasons.combine(exit.left, causeOf(failure))
                )
              } else if (failure === undefined) value = exit.right
              failure = leaveRegion(fiber, failure, frames, depth)
              continue
            }
            case Op.Restore:
              fiber.flags = (fiber.flags & ~Flag.Region) | (flagsOf(code) & Flag.Region)
              failure = leaveRegion(fiber, failure, frames, depth)
              continue
            case Op.Unshield:
              failure = unshield(fiber, kept === true, flagsOf(code), failure, value)
              continue
            case Op.Delivered: {
              giveBack(fiber, flagsOf(code))
              fiber.flags |= Flag.Delivered
              const stopped = failure === undefined && kept === true ? (value as Stopped) : undefined
              const interruption = fiber.interruption(stopped?.carried)
              const trouble = failure === undefined ? stopped?.troubles : causeOf(failure)
              failure = failCauseNode(
                trouble === undefined ? interruption : Reasons.combine(interruption, trouble)
              )
              continue
            }
            case Op.Named:
              if (failure !== undefined) {
                failure = failCauseNode(Reasons.through(causeOf(failure), kept as string))
              }
              continue
            case Op.RestoreLocals:
              fiber.locals = kept as FiberState['locals']
              continue
          }
        }
      }
    } catch (thrown) {
      // What a user's function throws ends the operation, whose frames come next.
      current = dieNode(thrown)
      isStep = false
      isHandedOn = false
    }
  }
  // Outside the catch: an error of the scheduler is none of the fiber's.
  switch (turn) {
    case Turn.Waits:
      fiber.flags &= ~Flag.Running
      fiber.frames = keepFrames(frames, depth)
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
      fiber.frames = keepFrames(frames, depth)
      if (turn === Turn.GaveWay) fiber.runtime.ready(fiber)
      else fiber.runtime.readyLater(fiber)
  }
}

/** The cause that the fiber ends with: it came through the fiber, too. */
const ending = (fiber: FiberState, failure: Node): Cause<unknown> =>
  fiber.name === undefined ? causeOf(failure) : Reasons.through(causeOf(failure), fiber.name)
