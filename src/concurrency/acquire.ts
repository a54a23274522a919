/**
 * What a group acquires: brought in uninterruptibly, and released once.
 *
 * A resource always has an owner: the fiber that acquires it, until it is handed to that fiber's program and
 * the group releases it when it closes. If the program never gets it, because its fiber was interrupted
 * meanwhile or the group began to close, the fiber releases it at once. (Otherwise each acquisition that is
 * timed out would leave a resource that nobody has, for as long as the group lives.)
 */

import { suspend } from '../core/construct.js'
import { make, Node, nodeOf, Op, type Task } from '../core/node.js'
import { GroupClosedError } from '../data/errors.js'
import type { Continuation, StartOp } from '../runtime/continuation.js'
import { deliver, failCauseNode, selfOf } from '../runtime/failure-nodes.js'
import { Flag } from '../runtime/fiber-state.js'
import { countStep, namesOnFrames, push, slice } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { leaveRegion } from '../task/interruptibility.js'
import { reachesProgram } from './children.js'
import { observer } from './observe-acquisitions.js'
import { type Scope, ScopeState } from './scope.js'

/** What an acquisition is about. */
class Acquisition {
  constructor(
    readonly scope: Scope,
    readonly acquire: Task<unknown, unknown>,
    readonly release: (resource: unknown) => Task<never, unknown>
  ) {}
}

const closed = (): Node => new Node(Op.Fail, new GroupClosedError(), undefined, undefined)

/** Two frames: what it is about, and the flags before it. */
const enterAcquire: StartOp = (fiber, node, frames, depth) => {
  const { scope } = node.c as Acquisition
  const acquire = selfOf(node.b, 'Group.acquire')
  if (scope.state !== ScopeState.Open) return closed()
  scope.beginAcquiring(fiber)
  push(frames, depth, node.c, Op.Kept)
  push(frames, depth + 2, fiber.flags, afterAcquire)
  fiber.flags |= Flag.Masked
  return countStep(acquire)
}

const afterAcquire: Continuation = (fiber, frames, depth, flags, failure, value) => {
  const { scope, acquire, release } = frames[depth - 2] as Acquisition
  giveBack(fiber, flags as number, Flag.Region)
  if (failure !== undefined) {
    slice.depth = depth - 2
    scope.endAcquiring(fiber)
    return leaveRegion(fiber, failure, frames, depth - 2)
  }
  const releasing = suspend(() => release(value))
  if (scope.state === ScopeState.Open && reachesProgram(fiber, frames, depth - 2)) {
    slice.depth = depth - 2
    observer?.({ scope, resource: value, fiber, acquire, path: namesOnFrames(frames, depth - 2) })
    scope.endAcquiring(fiber, releasing)
    return undefined
  }
  push(frames, depth, flags, leaveRelease)
  fiber.flags |= Flag.Masked
  return nodeOf(scope.reporting(releasing))
}

/** It has been released at once: nobody gets it. */
const leaveRelease: Continuation = (fiber, frames, depth, flags) => {
  const { scope } = frames[depth - 2] as Acquisition
  giveBack(fiber, flags as number, Flag.Region)
  slice.depth = depth - 2
  scope.endAcquiring(fiber)
  if (fiber.isInterruptionDue) return deliver
  // In a region that is masked the interruption passes as a cause, and takes effect where that ends.
  return scope.state === ScopeState.Open ? failCauseNode(fiber.interruption()) : closed()
}

/** Acquires a resource for `scope`, out of reach of interruption. */
export const acquireFor = <E, R>(
  scope: Scope,
  acquire: Task<E, R>,
  release: (resource: R) => Task<never, unknown>
): Task<E | GroupClosedError, R> =>
  make(Op.Region, enterAcquire, acquire, acquisitionOf(scope, acquire, release))

/** Safe because what is released is what was acquired. */
const acquisitionOf = (scope: Scope, acquire: Task<unknown, unknown>, release: unknown): Acquisition =>
  new Acquisition(scope, acquire, release as Acquisition['release'])
