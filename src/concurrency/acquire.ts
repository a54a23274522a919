/**
 * Acquires resources for a group: uninterruptibly, and with exactly one release.
 *
 * A resource always has an owner: first the fiber that acquires it, then, once that fiber's program has
 * received it, the group, which releases it when it closes. If the program never receives it, because its
 * fiber was interrupted or the group began to close in the meantime, the fiber releases it at once. Otherwise
 * each acquisition that times out would leave an unreachable resource behind for the lifetime of the group.
 */

import { suspend } from '../core/construct.js'
import { make, Node, nodeOf, Op, type Task } from '../core/node.js'
import { slice } from '../core/slice.js'
import { GroupClosedError } from '../data/errors.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { deliver, failCauseNode, selfOf } from '../runtime/failure-nodes.js'
import { Flag } from '../runtime/fiber-state.js'
import { countStep, namesOnFrames, push } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { leaveRegion } from '../task/interruptibility.js'
import { reachesProgram } from './children.js'
import { acquisitionObserver } from './observe-acquisitions.js'
import { type Scope, ScopeState } from './scope.js'

/** The arguments of `Group.acquire`, with the scope of the group. */
class Acquisition {
  constructor(
    readonly scope: Scope,
    readonly acquire: Task<unknown, unknown>,
    readonly release: (resource: unknown) => Task<never, unknown>
  ) {}
}

const closed = (): Node => new Node(Op.Fail, new GroupClosedError(), undefined, undefined)

/** Pushes two frames: the `Acquisition`, and the fiber's flags before it. */
const enterAcquire: StartOp<Task<unknown, unknown>, Acquisition> = (fiber, node, frames, depth) => {
  const { scope } = node.c
  const acquire = selfOf(node.b, 'Group.acquire')
  if (scope.state !== ScopeState.Open) return closed()
  scope.beginAcquiring(fiber)
  push(frames, depth, node.c, Op.Kept)
  push(frames, depth + 2, fiber.flags, afterAcquire)
  fiber.flags |= Flag.Masked
  return countStep(acquire)
}

const afterAcquire = /* @__PURE__ */ continuation(
  Passes.Nothing,
  (fiber, frames, depth, flags: number, failure, value) => {
    const { scope, acquire, release } = frames[depth - 2] as Acquisition
    giveBack(fiber, flags, Flag.Region)
    if (failure !== undefined) {
      slice.depth = depth - 2
      scope.endAcquiring(fiber)
      return leaveRegion(fiber, failure, frames, depth - 2)
    }
    const releasing = suspend(() => release(value))
    if (scope.state === ScopeState.Open && reachesProgram(fiber, frames, depth - 2)) {
      slice.depth = depth - 2
      acquisitionObserver.bound?.({
        scope,
        resource: value,
        fiber,
        acquire,
        path: namesOnFrames(frames, depth - 2)
      })
      scope.endAcquiring(fiber, releasing)
      return undefined
    }
    push(frames, depth, flags, leaveRelease)
    fiber.flags |= Flag.Masked
    return nodeOf(scope.reporting(releasing))
  }
)

/** Runs after the immediate release of a resource that the program does not receive. */
const leaveRelease = /* @__PURE__ */ continuation(Passes.Nothing, (fiber, frames, depth, flags: number) => {
  const { scope } = frames[depth - 2] as Acquisition
  giveBack(fiber, flags, Flag.Region)
  slice.depth = depth - 2
  scope.endAcquiring(fiber)
  if (fiber.isInterruptionDue) return deliver
  // In a masked region the interruption is passed on as a cause, and takes effect when that region ends.
  return scope.state === ScopeState.Open ? failCauseNode(fiber.interruption()) : closed()
})

/** Acquires a resource for `scope` uninterruptibly. */
export const acquireFor = <E, R>(
  scope: Scope,
  acquire: Task<E, R>,
  release: (resource: R) => Task<never, unknown>
): Task<E | GroupClosedError, R> =>
  make(Op.Region, enterAcquire, acquire, acquisitionOf(scope, acquire, release))

/** Safe because `release` is called only with the resource that `acquire` has returned. */
const acquisitionOf = (scope: Scope, acquire: Task<unknown, unknown>, release: unknown): Acquisition =>
  new Acquisition(scope, acquire, release as Acquisition['release'])
