/**
 * Finalizers, and where interruption may reach.
 *
 * Interruption is delivered at checkpoints only: where the fiber waits, where its budget is out, and where an uninterruptible
 * region is left. Plain steps in between run on.
 */
import type { Exit } from '../data/exit.js'
import { type Cause, isInterrupted } from '../data/reasons.js'
import { unit } from './construct.js'
import { make, Op, type Task } from './task.js'

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
    make(Op.OnExit, self, () => finalizer)

/** `ensuring` whose finalizer is told how `self` ended. */
export const onExit =
  <E, A, E2>(f: (exit: Exit<E, A>) => Task<E2, unknown>) =>
  (self: Task<E, A>): Task<E | E2, A> =>
    make(Op.OnExit, self, f)

/** Runs `finalizer`, uninterruptibly, where an interruption is among the reasons why `self` ended. */
export const onInterrupt =
  <E2>(finalizer: Task<E2, unknown>) =>
  <E, A>(self: Task<E, A>): Task<E | E2, A> =>
    make(Op.OnExit, self, (exit: Exit<E, A>) =>
      exit._tag === 'Left' && isInterrupted(exit.left as Cause<unknown>) ? finalizer : unit
    )

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
): Task<E | E2 | E3, A> => make(Op.Bracket, acquire, use, release)

/** No interruption is delivered within; one that came meanwhile is delivered as the first thing after it. */
export const uninterruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Mask, self, true)

/** Interruption is delivered within, also where this stands in an uninterruptible region. */
export const interruptible = <E, A>(self: Task<E, A>): Task<E, A> => make(Op.Mask, self, false)

/** An uninterruptible region whose `restore` gives back the interruptibility of the place where the mask stands. */
export const uninterruptibleMask = <E, A>(
  f: (restore: <E2, B>(task: Task<E2, B>) => Task<E2, B>) => Task<E, A>
): Task<E, A> => make(Op.MaskWith, f)

/**
 * hat.aio.uncancellable: runs to its end whatever asks for interruption meanwhile. With `raiseCancel` (the default) the
 * interruption takes effect right after it, also where nothing follows, and its `Interrupt` carries the result; without, it is
 * forgotten and the fiber goes on with the result.
 */
export const uncancellable =
  (options?: { readonly raiseCancel?: boolean }) =>
  <E, A>(self: Task<E, A>): Task<E, A> =>
    make(Op.Shield, self, options?.raiseCancel !== false)
