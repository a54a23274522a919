/** Where Tasks come from: values, errors, functions, promises, callbacks. */

import type { Exit } from '../data/exit.js'
import type { AbortSignal } from '../data/host.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { checkFunction, checkTag, checkTime } from '../data/show.js'
import type { Fiber, FiberContext } from './fiber.js'
import { make, Op, type Task } from './task.js'

/**
 * Succeeds with `value`.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * console.log(await runTask(Task.succeed(1))) // => { _tag: 'Right', right: 1 }
 * ```
 */
export const succeed = <A>(value: A): Task<never, A> => make(Op.Succeed, value)

/** fp-ts's name of `succeed`. */
export const of: typeof succeed = succeed

/**
 * Fails with `error`, typed.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * console.log(await runTask(Task.fail('no'))) // => { _tag: 'Left', left: 'no' }
 * ```
 */
export const fail = <E>(error: E): Task<E, never> => make(Op.Fail, error)

/** Dies of `defect`: a bug, which no error type announces. `runTask` rejects with it. */
export const die = (defect: unknown): Task<never, never> => make(Op.FailCause, Reasons.die(defect))

/** Ends for the reasons of `cause`. */
export const failCause = <E>(cause: Cause<E>): Task<E, never> => make(Op.FailCause, cause)

/** Ends as `exit` says. */
export const fromExit = <E, A>(exit: Exit<E, A>): Task<E, A> => {
  const wrong = checkTag('Task.fromExit', 'an Exit', exit)
  if (wrong !== undefined) return die(wrong)
  return exit._tag === 'Right' ? succeed(exit.right) : failCause(exit.left)
}

/** Calls `f` each time it is run. What `f` throws is a defect. */
export const sync = <A>(f: () => A): Task<never, A> => make(Op.Sync, f)

/** Calls `f` each time it is run, and runs the task that it gives. What `f` throws is a defect. */
export const suspend = <E, A>(f: () => Task<E, A>): Task<E, A> => make(Op.Suspend, f)

/** Builds the task from the fiber that runs it. */
export const withFiber = <E, A>(f: (fiber: FiberContext) => Task<E, A>): Task<E, A> => make(Op.WithFiber, f)

/**
 * A promise, or a synchronous function, whose rejection or throw is expected: `onRejected` says which error it is.
 *
 * `signal` aborts when the fiber is interrupted; the interruption does not wait for the promise, whose later end is ignored. Only
 * a function that declares a parameter is given a signal: making one costs more than all the rest.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const parse = (text: string) => Task.tryCatch(() => JSON.parse(text), () => 'not JSON')
 * console.log(await runTask(parse('{'))) // => { _tag: 'Left', left: 'not JSON' }
 * ```
 */
export const tryCatch = <E, A>(
  f: (signal: AbortSignal) => PromiseLike<A> | A,
  onRejected: (reason: unknown) => E
): Task<E, A> => {
  const wrong = checkFunction('Task.tryCatch', 'a function that gives the error', onRejected)
  return wrong === undefined ? make(Op.Try, f, onRejected) : die(wrong)
}

/**
 * A promise whose rejection is a defect. As for `tryCatch`, `signal` aborts when the fiber is interrupted, and is made only for
 * a function that declares it.
 */
export const promise = <A>(f: (signal: AbortSignal) => PromiseLike<A>): Task<never, A> => make(Op.Try, f)

/**
 * A callback API. `register` starts the work and calls `resume` with how the task goes on; the first call counts, later ones do
 * nothing, and after an interruption none does. The task that `register` returns, if any, runs if the fiber is interrupted first,
 * uninterruptibly, and the interruption waits for it.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const tick = Task.async<never, string>((resume) => {
 *   const timer = setTimeout(() => resume(Task.succeed('tick')), 1)
 *   return Task.sync(() => clearTimeout(timer))
 * })
 * console.log(await runTask(tick)) // => { _tag: 'Right', right: 'tick' }
 * ```
 */
export const async = <E, A>(
  register: (resume: (task: Task<E, A>) => void) => Task<never, unknown> | void
): Task<E, A> => make(Op.Async, register)

/** Succeeds with nothing. */
export const unit: Task<never, void> = /* @__PURE__ */ succeed(undefined)

/** Never ends; can be interrupted. */
export const never: Task<never, never> = /* @__PURE__ */ make(Op.Never)

/** Interrupts the fiber that runs it, which does not come back from it, also not within an uninterruptible region. */
export const interrupt: Task<never, never> = /* @__PURE__ */ make(Op.Interrupt)

/** Lets every other ready fiber, and the event loop's I/O, go first. */
export const yieldNow: Task<never, void> = /* @__PURE__ */ make(Op.YieldNow)

/** Waits `ms` milliseconds. Many sleepers share one timer of the host. */
export const sleep = (ms: number): Task<never, void> => {
  const wrong = checkTime('Task.sleep', ms)
  return wrong === undefined ? make(Op.Sleep, ms) : die(wrong)
}

/** The fiber that runs it. */
export const currentFiber: Task<never, Fiber<unknown, unknown>> = /* @__PURE__ */ withFiber((fiber) =>
  succeed(fiber.handle())
)

/** Aborts when the running fiber is interrupted: for what takes an `AbortSignal` and is used over several steps. */
export const signal: Task<never, AbortSignal> = /* @__PURE__ */ withFiber((fiber) =>
  succeed(fiber.abortSignal())
)
