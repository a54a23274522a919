/**
 * Finalizers: tasks that run masked once another task has ended, however it ended.
 *
 * The failure of a finalizer is appended to the cause of the task that it cleans up after;
 * nothing is dropped. While the finalizer runs, the frame below its own keeps the exit.
 */
import { die, unit } from '../core/construct.js'
import { type FailedNode, type Frames, isTask, make, Node, Op, type Task } from '../core/node.js'
import { slice } from '../core/slice.js'
import { expected } from '../data/check-input.js'
import { left, right } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { type Cause, combine, isInterrupted, markCleanup } from '../data/reasons.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { causeOf, failCauseNode, selfOf, taskFrom } from '../runtime/failure-nodes.js'
import { type FiberState, Flag } from '../runtime/fiber-state.js'
import { push } from '../runtime/frames.js'
import { beginCleaningUp, giveBack } from '../runtime/interruption.js'
import { fits, refuseArguments } from './checked.js'
import { leaveRegion } from './interruptibility.js'

interface Finalizing {
  finalizer(exit: Exit<unknown, unknown>): unknown
}

/** A user's function, which takes the exits of its Task. Declared as a method, so that all of those fit. */
type Finalizer = Finalizing['finalizer']

export const exitOf = (failure: FailedNode | undefined, value: unknown): Exit<unknown, unknown> =>
  failure === undefined ? right(value) : left(causeOf(failure))

const enterOnExit: StartOp<Task<unknown, unknown>, Finalizer> = (_fiber, node, frames, depth) => {
  push(frames, depth, node.c, leaveOnExit)
  return selfOf(node.b, 'Task.ensuring, onExit or onInterrupt')
}

const leaveOnExit = /* @__PURE__ */ continuation(
  Passes.All,
  (fiber, frames, depth, finalizer: Finalizer, failure, value) => {
    const exit = exitOf(failure, value)
    beginFinalizer(fiber, frames, depth, exit)
    return taskFrom(finalizer(exit), 'Task.onExit')
  }
)

/** Pushes two frames: one that keeps the exit, and one that runs when the finalizer has ended. */
export function beginFinalizer(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  exit: Exit<unknown, unknown>
): void {
  push(frames, depth, exit, Op.Kept)
  push(frames, depth + 2, fiber.flags, leaveFinalizer)
  beginCleaningUp(fiber)
}

const leaveFinalizer = /* @__PURE__ */ continuation(
  Passes.Nothing,
  (fiber, frames, depth, flags: number, failure) => {
    const exit = frames[depth - 2] as Exit<unknown, unknown>
    slice.depth = depth - 2
    giveBack(fiber, flags, Flag.Saved)
    let whole: FailedNode | undefined
    if (exit._tag === 'Left')
      whole = failCauseNode(failure === undefined ? exit.left : combine(exit.left, causeOf(failure)))
    else if (failure !== undefined) whole = failCauseNode(markCleanup(causeOf(failure)))
    const next = leaveRegion(fiber, whole, frames, depth - 2)
    return next ?? new Node(Op.Succeed, (exit as { readonly right: unknown }).right, undefined, undefined)
  }
)

/**
 * Runs `finalizer` once, uninterruptibly, however `self` ends. A failure of the
 * finalizer is appended to the cause of `self`, or is the failure if `self` succeeded.
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

/**
 * Runs the finalizer that `f` returns for the exit of `self` once, uninterruptibly, however `self` ends.
 * A failure of the finalizer is appended to the cause of `self`, or is the failure if `self` succeeded.
 */
export const onExit =
  <E, A, E2>(f: (exit: Exit<E, A>) => Task<E2, unknown>) =>
  (self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f) ? make(Op.Enter, enterOnExit, self, f) : refuseArguments('onExit', self, f)

/** Runs `finalizer`, uninterruptibly, if the reasons for which `self` ended include an interruption. */
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
  return isTask(self) ? make(Op.Enter, enterOnExit, self, f) : refuseArguments(name, self)
}
