/**
 * Finalizers: what runs, out of reach of interruption, once something has ended, however it ended.
 *
 * What a finalizer fails with is added behind what it cleaned up after; nothing is dropped. While it runs, the exit that waits for
 * it is kept in the frame below its own.
 */

import { die, unit } from '../core/construct.js'
import { isTask, make, Node, Op, type Task } from '../core/node.js'
import { left, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { type Cause, combine, isInterrupted, markCleanup } from '../data/reasons.js'
import { expected } from '../data/show.js'
import { beginCleaningUp, giveBack } from '../runtime/delivery.js'
import { causeOf, deliver, failCauseNode, selfOf, taskFrom } from '../runtime/failing.js'
import { type FiberState, Flag } from '../runtime/fiber-state.js'
import { counted, type Frames, push, turn } from '../runtime/frames.js'
import { type Enter, handingOn, type Leave } from '../runtime/steps.js'
import { fits, refuse } from './checked.js'
import { leaveRegion } from './regions.js'

type Finalizer = (exit: Exit<unknown, unknown>) => unknown

const exitOf = (failure: Node | undefined, value: unknown): Exit<unknown, unknown> =>
  failure === undefined ? right(value) : left(causeOf(failure))

const enterOnExit: Enter = (_fiber, node, frames, depth) => {
  push(frames, depth, node.c, leaveOnExit)
  return selfOf(node.b, 'Task.ensuring, onExit or onInterrupt')
}

const leaveOnExit: Leave = /* @__PURE__ */ handingOn((fiber, frames, depth, finalizer, failure, value) => {
  const exit = exitOf(failure, value)
  beginFinalizer(fiber, frames, depth, exit)
  return taskFrom((finalizer as Finalizer)(exit), 'Task.onExit')
})

/** Two frames: the exit that waits, and what is done when the finalizer has ended. */
function beginFinalizer(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  exit: Exit<unknown, unknown>
): void {
  push(frames, depth, exit, Op.Kept)
  push(frames, depth + 2, fiber.flags, leaveFinalizer)
  beginCleaningUp(fiber)
}

const leaveFinalizer: Leave = (fiber, frames, depth, flags, failure) => {
  const exit = frames[depth - 2] as Exit<unknown, unknown>
  turn.depth = depth - 2
  giveBack(fiber, flags as number, Flag.Saved)
  let whole: Node | undefined
  if (exit._tag === 'Left')
    whole = failCauseNode(failure === undefined ? exit.left : combine(exit.left, causeOf(failure)))
  else if (failure !== undefined) whole = failCauseNode(markCleanup(causeOf(failure)))
  const next = leaveRegion(fiber, whole, frames, depth - 2)
  return next ?? new Node(Op.Succeed, (exit as { readonly right: unknown }).right, undefined, undefined)
}

const enterBracket: Enter = (fiber, node, frames, depth) => {
  push(frames, depth, node.c, Op.Kept)
  push(frames, depth + 2, fiber.flags, leaveAcquire)
  fiber.flags |= Flag.Masked
  return counted(selfOf(node.b, 'Task.bracket'))
}

const leaveAcquire: Leave = (fiber, frames, depth, flags, failure, value) => {
  giveBack(fiber, flags as number, Flag.Region)
  if (failure !== undefined) {
    turn.depth = depth - 2
    return leaveRegion(fiber, failure, frames, depth - 2)
  }
  push(frames, depth, value, leaveUse)
  if (fiber.isInterruptionDue) return deliver
  return taskFrom((frames[depth - 2] as Stages).use(value), 'Task.bracket as its use')
}

const leaveUse: Leave = /* @__PURE__ */ handingOn((fiber, frames, depth, resource, failure, value) => {
  const exit = exitOf(failure, value)
  const { release } = frames[depth - 2] as Stages
  beginFinalizer(fiber, frames, depth - 2, exit)
  return taskFrom(release(resource, exit), 'Task.bracket as its release')
})

/** What a bracket does with its resource. */
class Stages {
  constructor(
    readonly use: (resource: unknown) => unknown,
    readonly release: (resource: unknown, exit: unknown) => unknown
  ) {}
}

/**
 * Runs `finalizer`, uninterruptibly, once, however `self` ends. What the finalizer fails with is added behind what `self` did.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * await runTask(pipe(Task.fail('no'), Task.ensuring(Task.sync(() => console.log('done'))))) // => done
 * ```
 */
export const ensuring =
  <E2>(finalizer: Task<E2, unknown>) =>
  <E, A>(self: Task<E, A>): Task<E | E2, A> =>
    finalizing('ensuring', self, finalizer, () => finalizer)

/** `ensuring` whose finalizer is told how `self` ended. */
export const onExit =
  <E, A, E2>(f: (exit: Exit<E, A>) => Task<E2, unknown>) =>
  (self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f) ? make(Op.Enter, enterOnExit, self, f) : refuse('onExit', self, f)

/** Runs `finalizer`, uninterruptibly, where an interruption is among the reasons why `self` ended. */
export const onInterrupt =
  <E2>(finalizer: Task<E2, unknown>) =>
  <E, A>(self: Task<E, A>): Task<E | E2, A> =>
    finalizing('onInterrupt', self, finalizer, (exit: Exit<E, A>) =>
      exit._tag === 'Left' && isInterrupted(exit.left as Cause<unknown>) ? finalizer : unit
    )

const finalizing = <E, A>(
  name: string,
  self: Task<E, A>,
  finalizer: unknown,
  f: (exit: Exit<E, A>) => Task<unknown, unknown>
): Task<E, A> => {
  if (!isTask(finalizer)) return die(expected(`Task.${name}`, 'a Task as its finalizer', finalizer))
  return isTask(self) ? make(Op.Enter, enterOnExit, self, f) : refuse(name, self)
}

/**
 * `acquire` and `release` are uninterruptible; once `acquire` has succeeded `release` runs exactly once, told how `use` ended.
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
    : refuse('bracket', acquire, use, release)

/** Holds because a bracket hands to each what its signature says. */
const stagesOf = (use: unknown, release: unknown): Stages =>
  new Stages(use as Stages['use'], release as Stages['release'])
