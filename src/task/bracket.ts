/** Acquires a resource, uses it, and releases it however the use ended. */
import { make, Op, type Task } from '../core/node.js'
import { slice } from '../core/slice.js'
import type { Exit } from '../data/exit.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { deliver, selfOf, taskFrom } from '../runtime/failure-nodes.js'
import { Flag } from '../runtime/fiber-state.js'
import { countStep, push } from '../runtime/frames.js'
import { giveBack } from '../runtime/interruption.js'
import { fits, refuseArguments } from './checked.js'
import { beginFinalizer, exitOf } from './ensuring.js'
import { leaveRegion } from './interruptibility.js'

const enterBracket: StartOp<Task<unknown, unknown>, Stages> = (fiber, node, frames, depth) => {
  push(frames, depth, node.c, Op.Kept)
  push(frames, depth + 2, fiber.flags, leaveAcquire)
  fiber.flags |= Flag.Masked
  return countStep(selfOf(node.b, 'Task.bracket'))
}

const leaveAcquire = /* @__PURE__ */ continuation(
  Passes.Nothing,
  (fiber, frames, depth, flags: number, failure, value) => {
    giveBack(fiber, flags, Flag.Region)
    if (failure !== undefined) {
      slice.depth = depth - 2
      return leaveRegion(fiber, failure, frames, depth - 2)
    }
    push(frames, depth, value, leaveUse)
    if (fiber.isInterruptionDue) return deliver
    return taskFrom((frames[depth - 2] as Stages).use(value), 'Task.bracket as its use')
  }
)

const leaveUse = /* @__PURE__ */ continuation(
  Passes.All,
  (fiber, frames, depth, resource, failure, value) => {
    const exit = exitOf(failure, value)
    const { release } = frames[depth - 2] as Stages
    beginFinalizer(fiber, frames, depth - 2, exit)
    return taskFrom(release(resource, exit), 'Task.bracket as its release')
  }
)

/** The functions that a bracket calls with its resource. */
class Stages {
  constructor(
    readonly use: (resource: unknown) => unknown,
    readonly release: (resource: unknown, exit: unknown) => unknown
  ) {}
}

/**
 * Acquires a resource, uses it, and releases it. `acquire` and `release` are uninterruptible.
 * Once `acquire` has succeeded, `release` runs exactly once and receives the exit of `use`.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const length = Task.bracket(
 *   Task.sync(() => ({ text: 'hello', open: true })),
 *   (file) => Task.succeed(file.text.length),
 *   (file) => Task.sync(() => console.log('closed', (file.open = false)))
 * )
 * await runTask(length) // => closed false
 * ```
 */
export const bracket = <E, R, E2, A, E3>(
  acquire: Task<E, R>,
  use: (r: R) => Task<E2, A>,
  release: (r: R, exit: Exit<E2, A>) => Task<E3, unknown>
): Task<E | E2 | E3, A> =>
  fits(acquire, use) && typeof release === 'function'
    ? make(Op.Region, enterBracket, acquire, stagesOf(use, release))
    : refuseArguments('bracket', acquire, use, release)

/** Safe because a bracket calls both functions with the arguments that its signature declares. */
const stagesOf = (use: unknown, release: unknown): Stages =>
  new Stages(use as Stages['use'], release as Stages['release'])
