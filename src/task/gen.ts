/**
 * Tasks in the imperative style: `yield*` a Task and get its value.
 *
 * A failure or an interruption unwinds the generator: its `finally` blocks run, also with a `yield*` in them, and nothing else
 * after it does. It is thrown into the generator, and not returned: after `return()`, a `next()` that goes on inside a delegated
 * generator's `finally` forgets the return and runs the outer code (seen in Effection, and in plain Node). `catch` blocks see it
 * pass as an opaque value but cannot stop it; to recover is the business of `orElse` and its kin.
 */
import { type ErrorOf, make, Op, type Task } from './task.js'

/**
 * Runs the tasks that `body` yields, one after the other, each time with a fresh generator. Fails with the errors of all of them.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const sum = Task.gen(function* () {
 *   const a = yield* Task.succeed(1)
 *   const b = yield* Task.succeed(2)
 *   return a + b
 * })
 * console.log(await runTask(sum)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export const gen = <Y extends Task<any, any>, A>(body: () => Generator<Y, A, any>): Task<ErrorOf<Y>, A> =>
  make(Op.Gen, body)
