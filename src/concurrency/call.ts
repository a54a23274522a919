/** The counterpart of hat.aio.call. */
import { die, succeed } from '../core/construct.js'
import { isTask, make, nodeOf, Op, type Task } from '../core/node.js'
import { checkFunction, isThenable } from '../data/check-input.js'
import type { StartOp } from '../runtime/continuation.js'
import { waitForPromise } from '../task/promise.js'

/** The Task for the result `R` of a function: a Task is run, and a promise is awaited. */
export type CallResult<R> = [R] extends [Task<infer E, infer A>] ? Task<E, A> : Task<never, Awaited<R>>

type Callable<Args extends ReadonlyArray<any>, R> = (...args: Args) => R

/** Safe because `CallResult` expresses in types what the branches in this file do. */
export const resultOf = <R>(task: Task<unknown, unknown>): CallResult<R> => task as CallResult<R>

/**
 * Calls the function and, in the same step, begins to wait for a promise that it returns: a promise that
 * rejects before anything waits for it would be reported as unhandled. The function may also return a Task.
 */
const enterCall: StartOp = (fiber, node) => {
  const { fn, args } = node.b as Called
  const result: unknown = fn(...args)
  if (isTask(result)) return nodeOf(result)
  return isThenable(result) ? waitForPromise(fiber, result) : nodeOf(succeed(result))
}

interface Called {
  readonly fn: (...args: ReadonlyArray<unknown>) => unknown
  readonly args: ReadonlyArray<unknown>
}

/** Safe because `args` have the types of the parameters of `fn`. */
export const calling = <Args extends ReadonlyArray<any>, R>(
  fn: Callable<Args, R>,
  args: Args
): Task<unknown, unknown> => make(Op.Enter, enterCall, { fn, args } as unknown as Called)

export const checkCalled = (where: string, fn: unknown): TypeError | undefined =>
  checkFunction(where, 'a function to call', fn)

/**
 * Calls `fn` each time the Task is run (hat.aio.call). If `fn` returns a Task or a promise, the Task
 * is run or the promise is awaited. An exception in `fn` and a rejection of its promise are defects.
 *
 * ```ts
 * import { call, runTask } from 'aio-ts'
 *
 * console.log(await runTask(call(async (n: number) => n + 1, 1))) // => { _tag: 'Right', right: 2 }
 * ```
 */
export function call<Args extends ReadonlyArray<any>, R>(
  fn: (...args: Args) => R,
  ...args: Args
): CallResult<R> {
  const wrong = checkCalled('call', fn)
  return resultOf(wrong === undefined ? calling(fn, args) : die(wrong))
}
