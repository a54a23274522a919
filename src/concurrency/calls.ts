/** hat.aio's functions: `call`, `call_on_cancel`, `call_on_done` and `first`. */
import type { Option } from 'fp-ts/lib/Option.js'
import { Queue } from '../coordination/queue.js'
import { die, succeed, suspend, unit } from '../core/construct.js'
import { isTask, make, nodeOf, Op, type Task } from '../core/node.js'
import { trouble } from '../data/diagnostics.js'
import { none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { checkFunction, expected, isThenable } from '../data/show.js'
import { forgetInterruption } from '../runtime/delivery.js'
import type { Enter } from '../runtime/steps.js'
import { never, withFiber } from '../task/fiber.js'
import { ensuring } from '../task/finalize.js'
import { waitForPromise } from '../task/promise.js'
import { exit } from '../task/recover.js'
import { uninterruptibleMask } from '../task/regions.js'
import { uncancellable } from '../task/shield.js'
import { inOwnFiber } from './one-child.js'
import { type Pull, pullFromAsync } from './pull.js'

/** The Task of what a function gives: a Task is run, a promise waited for. */
export type CallResult<R> = [R] extends [Task<infer E, infer A>] ? Task<E, A> : Task<never, Awaited<R>>

type Callable<Args extends ReadonlyArray<any>, R> = (...args: Args) => R

/** Holds because `CallResult` says in types what the branches here do. */
const resultOf = <R>(task: Task<unknown, unknown>): CallResult<R> => task as CallResult<R>

/**
 * Calls, and waits for a promise in the same step: one that rejects before anybody waits for it would be reported as unhandled. What it
 * gives may also be a Task.
 */
const enterCall: Enter = (fiber, node) => {
  const { fn, args } = node.b as Called
  const result: unknown = fn(...args)
  if (isTask(result)) return nodeOf(result)
  return isThenable(result) ? waitForPromise(fiber, result) : nodeOf(succeed(result))
}

interface Called {
  readonly fn: (...args: ReadonlyArray<unknown>) => unknown
  readonly args: ReadonlyArray<unknown>
}

/** Holds because `args` are of the types that `fn` takes. */
const calling = <Args extends ReadonlyArray<any>, R>(
  fn: Callable<Args, R>,
  args: Args
): Task<unknown, unknown> => make(Op.Enter, enterCall, { fn, args } as unknown as Called)

const checkCalled = (where: string, fn: unknown): TypeError | undefined =>
  checkFunction(where, 'a function to call', fn)

/**
 * hat.aio.call: calls `fn` each time it is run; a Task or a promise that it returns is waited for. What it throws, and a promise that
 * rejects, is a defect.
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

/**
 * hat.aio.call_on_cancel: waits to be interrupted; then calls `fn`, out of reach of further interruption, and succeeds with what it
 * gives. Spawned in a group it runs `fn` while the group is closing and before it is closed.
 */
export function callOnCancel<Args extends ReadonlyArray<any>, R>(
  fn: (...args: Args) => R,
  ...args: Args
): CallResult<R> {
  const wrong = checkCalled('callOnCancel', fn)
  if (wrong !== undefined) return resultOf(die(wrong))
  const forgetting = <E, A>(task: Task<E, A>): Task<E, A> =>
    withFiber((fiber) => {
      forgetInterruption(fiber)
      return task
    })
  const shielded = forgetting(uncancellable({ raiseCancel: false })(calling(fn, args)))
  return resultOf(
    uninterruptibleMask((restore) =>
      // `never` can only end by the interruption of this fiber. Forgotten again at the end: more may have come meanwhile.
      make(Op.CatchCause, restore(never), () => ensuring(forgetting(unit))(shielded))
    )
  )
}

/**
 * hat.aio.call_on_done: waits until `task` has ended, with success, failure or defect; then calls `fn`. Where `task` was interrupted
 * `fn` is not called, and this ends with that interruption. Interrupting this early interrupts `task`, and `fn` is not called.
 */
export function callOnDone<Args extends ReadonlyArray<any>, R>(
  task: Task<unknown, unknown>,
  fn: (...args: Args) => R,
  ...args: Args
): CallResult<R> {
  const wrong = checkCalled('callOnDone', fn)
  if (wrong !== undefined) return resultOf(die(wrong))
  if (!isTask(task)) return resultOf(die(expected('callOnDone', 'a Task', task)))
  const ended = exit(inOwnFiber('callOnDone', task, undefined, true))
  const next = (exit: Exit<unknown, unknown>): Task<unknown, unknown> => {
    if (exit._tag === 'Right' || exit.left.reasons[0]._tag !== 'Interrupt') return calling(fn, args)
    // Its type has no error: cleanups that failed with one are history.
    trouble.pastHandler(exit.left, undefined)
    return make(Op.FailCause, exit.left)
  }
  return resultOf(make(Op.FlatMap, ended, next))
}

/**
 * hat.aio.first: the first item that `predicate` accepts (any, if left out), or None where the source ends before. The rest are left
 * in the source: a Queue stays open, another iterator is told that no more is wanted (`return()`). Interrupted while it waits, it
 * takes no item from a Queue.
 *
 * ```ts
 * import { first, Queue, runTask } from 'aio-ts'
 *
 * const queue = new Queue<number>()
 * for (const item of [1, 2, 3]) queue.putNowait(item)
 * console.log(await runTask(first(queue, (item) => item > 1)), queue.size) // => { _tag: 'Right', right: { _tag: 'Some', value: 2 } } 1
 * ```
 */
export function first<X>(
  source: AsyncIterable<X>,
  predicate: (x: X) => boolean = () => true
): Task<never, Option<X>> {
  const wrong = checkFunction('first', 'a predicate', predicate)
  if (wrong !== undefined) return die(wrong)
  if (source instanceof Queue) return firstOfQueue(source as Queue<X>, predicate)
  if (
    typeof (source as Partial<AsyncIterable<X>> | null | undefined)?.[Symbol.asyncIterator] !== 'function'
  ) {
    return die(expected('first', 'an AsyncIterable', source))
  }
  return suspend(() => firstOfPull(pullFromAsync('first', source[Symbol.asyncIterator]()), predicate))
}

function firstOfQueue<X>(queue: Queue<X>, predicate: (x: X) => boolean): Task<never, Option<X>> {
  const loop: Task<never, Option<X>> = make(
    Op.OrElse,
    queue.get(),
    () => succeed(none),
    (item: X) => (predicate(item) ? succeed(some(item)) : loop)
  )
  return loop
}

function firstOfPull<X>(pull: Pull<X>, predicate: (x: X) => boolean): Task<never, Option<X>> {
  const loop: Task<never, Option<X>> = make(Op.FlatMap, pull.next, (result: IteratorResult<X, unknown>) =>
    result.done === true ? succeed(none) : predicate(result.value) ? succeed(some(result.value)) : loop
  )
  return ensuring(pull.close)(loop)
}
