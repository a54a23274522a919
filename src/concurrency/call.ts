/** hat.aio.call. */
import { die, succeed } from '../core/construct.js'
import { isTask, make, nodeOf, Op, type Task } from '../core/node.js'
import { checkFunction, isThenable } from '../data/check-input.js'
import type { StartOp } from '../runtime/continuation.js'
import { waitForPromise } from '../task/promise.js'

/** The Task of what a function gives: a Task is run, a promise waited for. */
export type CallResult<R> = [R] extends [Task<infer E, infer A>] ? Task<E, A> : Task<never, Awaited<R>>

type Callable<Args extends ReadonlyArray<any>, R> = (...args: Args) => R

/** Safe because `CallResult` says in types what the branches here do. */
export const resultOf = <R>(task: Task<unknown, unknown>): CallResult<R> => task as CallResult<R>

/**
 * Calls, and waits for a promise in the same step: one that rejects before anybody waits for it would be
 * reported as unhandled. What it gives may also be a Task.
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

/** Safe because `args` are of the types that `fn` takes. */
export const calling = <Args extends ReadonlyArray<any>, R>(
  fn: Callable<Args, R>,
  args: Args
): Task<unknown, unknown> => make(Op.Enter, enterCall, { fn, args } as unknown as Called)

export const checkCalled = (where: string, fn: unknown): TypeError | undefined =>
  checkFunction(where, 'a function to call', fn)

/**
 * hat.aio.call: calls `fn` each time it is run; a Task or a promise that it returns is waited for. What it
 * throws, and a promise that rejects, is a defect.
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
