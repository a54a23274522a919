/** hat.aio's create_executor: threads for functions that need nothing but their own text. */
import { pipe } from 'fp-ts/lib/function.js'
import { checkFunction } from '../data/check-input.js'
import type { ExecutorError } from '../data/errors.js'
import * as Exits from '../data/exit.js'
import { quoteName } from '../data/quote.js'
import type { AnyExit } from '../executor/any-exit.js'
import type { Group } from '../index.js'
import * as Task from '../Task.js'
import { Kind } from './messages.js'
import { checkExecutorOptions, type ExecutorOptions } from './options.js'
import { ThreadJobs } from './thread-jobs.js'

/**
 * Calls a function on a thread. Its threads end when `asyncGroup` is closed, and keep no program alive
 * before.
 */
export interface FunctionExecutor {
  <Args extends ReadonlyArray<unknown>, R>(
    fn: (...args: Args) => R,
    ...args: Args
  ): Task.Task<ExecutorError, Awaited<R>>
  readonly asyncGroup: Group<never>
}

/** Safe because what the function gives is what crosses. */
const typedExecutor = <R>(task: Task.Task<unknown, unknown>): Task.Task<ExecutorError, Awaited<R>> =>
  task as Task.Task<ExecutorError, Awaited<R>>

/** What compilers and coverage tools call the functions that they add to a module. */
const isHelper = (word: string): boolean => /^(__|_[a-z]+(_[a-z]+)+$|_[a-z]+([A-Z]|$)|tslib|cov_)/.test(word)

/**
 * A name that the thread does not know: says why, with the error itself as the cause. Any other end stays as
 * it is.
 */
function explained(name: string, exit: AnyExit): AnyExit {
  if (exit._tag === 'Right') return exit
  const [first] = exit.left.reasons
  if (first._tag !== 'Die' || !(first.defect instanceof ReferenceError)) return exit
  const [, word] = /^(\S+) is not defined$/.exec(first.defect.message) ?? []
  if (word === undefined) return exit
  const why = isHelper(word)
    ? 'It looks like a helper that a compiler or a tool has put into the module: compile for ES2022 or later'
    : 'Pass it as an argument'
  const words = `${word} is not defined in the function ${name}: only its own text crosses to a thread, without imports and variables of its module. ${why}, or export the function from a module of its own and use Executor.make`
  return Exits.die(new ReferenceError(words, { cause: first.defect }))
}

/**
 * hat.aio.create_executor: threads for self-contained functions. What crosses is the function's text, so that
 * nothing from outside of it is there: no import, no variable of the module. What it throws, and a promise of
 * its that rejects, is a defect.
 *
 * ```ts
 * import { createExecutor } from 'aio-ts/node'
 * import { runTask, Task } from 'aio-ts'
 *
 * const program = Task.gen(function* () {
 *   const onThread = yield* createExecutor({ size: 1 })
 *   return yield* onThread((a: number, b: number) => a + b, 1, 2)
 * })
 * console.log(await runTask(program)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export function createExecutor(options: ExecutorOptions = {}): Task.Task<never, FunctionExecutor> {
  const wrong = checkExecutorOptions('createExecutor', options)
  if (wrong !== undefined) return Task.die(wrong)
  const executorOn = (threads: ThreadJobs): FunctionExecutor => {
    const call = <Args extends ReadonlyArray<unknown>, R>(
      fn: (...args: Args) => R,
      ...args: Args
    ): Task.Task<ExecutorError, Awaited<R>> => {
      const noFunction = checkFunction('createExecutor', 'a function to call', fn)
      if (noFunction !== undefined) return Task.die(noFunction)
      const name = fn.name === '' ? 'a function' : quoteName(fn.name)
      return typedExecutor<R>(
        threads.run({
          kind: Kind.Text,
          source: String(fn),
          args,
          name,
          transfer: undefined,
          maxMs: options.maxMs,
          receive: (exit) => explained(name, exit)
        })
      )
    }
    return Object.assign(call, { asyncGroup: threads.group })
  }
  return pipe(ThreadJobs.make('functions', undefined, options), Task.map(executorOn))
}
