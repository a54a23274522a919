/** The basic constructors of Tasks: from values, errors and functions. */

import { expected } from '../data/check-input.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { make, Op, primitive, type Task, valueNode } from './node.js'

/**
 * Succeeds with `value`.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * console.log(await runTask(Task.succeed(1))) // => { _tag: 'Right', right: 1 }
 * ```
 */
export const succeed: <A>(value: A) => Task<never, A> = valueNode

/** Alias of `succeed`, under the name that fp-ts uses. */
export const of: typeof succeed = succeed

/**
 * Fails with the typed error `error`.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * console.log(await runTask(Task.fail('no'))) // => { _tag: 'Left', left: 'no' }
 * ```
 */
export const fail = <E>(error: E): Task<E, never> => primitive(Op.Fail, error)

/** Fails with a defect: a bug, which no error type announces. `runTask` rejects with `defect` itself. */
export const die = (defect: unknown): Task<never, never> => primitive(Op.FailCause, Reasons.die(defect))

/** Fails with `cause`. If `cause` is not a Cause, the Task fails with a defect instead. */
export const failCause = <E>(cause: Cause<E>): Task<E, never> => {
  const wrong = Reasons.checkCause('Task.failCause', cause)
  return primitive(Op.FailCause, wrong === undefined ? cause : Reasons.die(wrong))
}

/** Succeeds or fails as `exit` does. If `exit` is not an Exit, the Task fails with a defect. */
export const fromExit = <E, A>(exit: Exit<E, A>): Task<E, A> => {
  const wrong = Reasons.checkExit('Task.fromExit', exit)
  if (wrong !== undefined) return die(wrong)
  return exit._tag === 'Right' ? succeed(exit.right) : primitive(Op.FailCause, exit.left)
}

/** Calls `f` on each run and succeeds with its result. An exception thrown by `f` is a defect. */
export const sync = <A>(f: () => A): Task<never, A> =>
  typeof f === 'function' ? primitive(Op.Sync, f) : refuseFunction('sync', f)

/** Calls `f` on each run and runs the Task that `f` returns. An exception thrown by `f` is a defect. */
export const suspend = <E, A>(f: () => Task<E, A>): Task<E, A> =>
  typeof f === 'function' ? make(Op.Suspend, f) : refuseFunction('suspend', f)

/** Returns a Task that fails with a defect: `Task.<name>` expected a function and got `f`. */
export const refuseFunction = (name: string, f: unknown): Task<never, never> =>
  die(expected(`Task.${name}`, 'a function', f))

/** Succeeds with `undefined`. */
export const unit: Task<never, void> = /* @__PURE__ */ succeed(undefined)
