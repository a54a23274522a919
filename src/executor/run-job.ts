/**
 * Running one job at the place where it is: on a thread, in a worker's process, in the caller's own.
 *
 * What goes in is decoded first, and where it does not fit the job does not run. What it gives may be a
 * value, a promise or a Task.
 */

import { pipe } from 'fp-ts/lib/function.js'
import { isTask } from '../core/node.js'
import { isThenable } from '../data/check-input.js'
import { left, right } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { AbortSignal } from '../data/host.js'
import { disown } from '../data/promises.js'
import { quote } from '../data/quote.js'
import * as Reasons from '../data/reasons.js'
import { runTaskExit } from '../index.js'
import * as Task from '../Task.js'
import type { AnyExit } from './any-exit.js'
import { decodeWith, exitToSend, type Form, unfitFor } from './codecs.js'
import { codecsOf, type JobCodecs } from './job.js'

/** A function of a job module, which may be of any type. */
export type JobFunction = (...args: ReadonlyArray<unknown>) => unknown

/**
 * The job of that name. It must be an own export of the module: inherited properties such as `constructor`
 * are not jobs.
 */
export function findJob(jobs: object, name: string): JobFunction | ExecutorError {
  const found: unknown = Object.hasOwn(jobs, name) ? Reflect.get(jobs, name) : undefined
  if (typeof found === 'function') return found as JobFunction
  const what = found === undefined ? 'no such export' : `an export that is no function (${typeof found})`
  return new ExecutorError('NotExported', `the module of the jobs has ${what}: ${quote(name)}`)
}

/** What interrupts a Task on the way; undefined where nothing does. */
export type MakeSignal = () => AbortSignal | undefined

const noJobSignal: MakeSignal = () => undefined

/** What is put around a job that is a Task. */
export type AroundJob = (job: Task.Task<unknown, unknown>) => Task.Task<unknown, unknown>

export const asItIs: AroundJob = (job) => job

/**
 * The exit of a call of `f`, whatever it gives. At once where it gives a plain value: most jobs do, and a
 * promise costs.
 */
function exitOfJob(f: () => unknown, makeSignal: MakeSignal, around: AroundJob): AnyExit | Promise<AnyExit> {
  try {
    const result = f()
    if (isTask(result)) {
      const signal = makeSignal()
      return runTaskExit(around(result), signal === undefined ? {} : { signal })
    }
    if (!isThenable(result)) return right(result)
    return Promise.resolve(result).then(right, (reason) => left(Reasons.die(reason)))
  } catch (thrown) {
    return left(Reasons.die(thrown))
  }
}

/** A codec that throws is a defect of the job. */
const guarded = (f: () => AnyExit): AnyExit => {
  try {
    return f()
  } catch (thrown) {
    return left(Reasons.die(thrown))
  }
}

const receive = (codecs: JobCodecs, form: Form, input: unknown): AnyExit => {
  if (form === 'encoded') return decodeWith(codecs.input, input)
  const wrong = unfitFor(codecs.input, input)
  return wrong === undefined ? right(input) : left(Reasons.fail(wrong))
}

/** Runs a job with what came in, and gives its exit as it goes out. */
export function runJob(
  f: JobFunction,
  args: ReadonlyArray<unknown>,
  form: Form,
  makeSignal: MakeSignal = noJobSignal,
  around: AroundJob = asItIs
): AnyExit | Promise<AnyExit> {
  const codecs = codecsOf(f)
  if (codecs === undefined) return exitOfJob(() => f(...args), makeSignal, around)
  const input = guarded(() => receive(codecs, form, args[0]))
  if (input._tag === 'Left') return input
  const send = (exit: AnyExit): AnyExit => guarded(() => exitToSend(codecs, form, exit))
  const ended = exitOfJob(() => f(input.right), makeSignal, around)
  return ended instanceof Promise ? ended.then(send) : send(ended)
}

/**
 * Runs a job as a Task, on the runtime of the fiber that runs it. Its interruption interrupts a job that is a
 * Task. `around` wraps the work of the job itself.
 */
export const runJobTask = (
  f: JobFunction,
  args: ReadonlyArray<unknown>,
  form: Form,
  around: AroundJob = asItIs
): Task.Task<unknown, unknown> =>
  Task.suspend(() => {
    const codecs = codecsOf(f)
    if (codecs === undefined) return around(runResult(() => f(...args)))
    const input = receive(codecs, form, args[0])
    if (input._tag === 'Left') return Task.fromExit(input)
    return pipe(
      around(runResult(() => f(input.right))),
      Task.exit,
      Task.flatMap((exit) => Task.fromExit(exitToSend(codecs, form, exit)))
    )
  })

const runResult = (f: () => unknown): Task.Task<unknown, unknown> =>
  Task.suspend(() => {
    const result = f()
    if (isTask(result)) return result
    if (!isThenable(result)) return Task.succeed(result)
    // Now, since it may reject before it is waited for.
    disown(result)
    // A promise cannot be stopped, and to leave it would be to run it unsupervised: it is waited for, and
    // what it gives counts.
    return pipe(
      Task.promise(() => result),
      Task.uncancellable({ raiseCancel: false })
    )
  })
