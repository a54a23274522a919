/** The executor on worker threads: the exported functions of a module, by their names. */
import { pipe } from 'fp-ts/lib/function.js'
import { describeValue } from '../data/check-input.js'
import { quote, quoteName } from '../data/quote.js'
import { type ExecutorLoad, JobExecutor, type Request } from '../executor/job-executor.js'
import { smallerLimit } from '../executor/limit.js'
import type { Group } from '../index.js'
import * as Task from '../Task.js'
import { Kind } from './messages.js'
import { checkExecutorOptions, type ExecutorOptions } from './options.js'
import { ThreadJobs } from './thread-jobs.js'

/** The host's `URL`, where the program that imports the library has its type; else the part that we need. */
export type ModuleUrl = typeof globalThis extends { URL: { prototype: infer U } }
  ? U
  : { readonly href: string }

/** Beside what is about threads, the jobs whose codecs the caller has. */
export interface MakeOptions<in out M> extends ExecutorOptions {
  /**
   * The module, or some of its jobs, as the caller has loaded it: then values of these are encoded and
   * decoded on the caller's side, too. Left out, they are copied as they are, and the thread sees to it that
   * they fit.
   */
  readonly jobs?: { readonly [K in keyof M]?: M[K] }
}

/**
 * Worker threads that run the exported functions of a module. Arguments and results are structured-cloned, or
 * cross by their codecs where a job has some; what a job's Task fails with comes out typed, an Error with its
 * `_tag` and fields but without its class.
 *
 * At most `size` jobs run at once, each on a thread of its own; threads start when there is work for them and
 * keep no program alive while there is none. Interrupting a waiting call removes it from the queue; a running
 * job is waited for, or stopped with `onInterrupt: 'terminate'`. Closing waits for jobs (or interrupts them),
 * and is over once every thread has exited.
 *
 * A job that throws, or whose promise rejects, is a defect of the call. What happens to the thread is an
 * ExecutorError.
 *
 * ```ts
 * import { Executor } from 'aio-ts/node'
 * import { runTask, Task } from 'aio-ts'
 *
 * // In a file of its own; here as a text, to have it all in one place.
 * const module = new URL('data:text/javascript,export const add = (a, b) => a + b')
 * const program = Task.gen(function* () {
 *   const executor = yield* Executor.make<{ add: (a: number, b: number) => number }>(module)
 *   const sum = yield* executor.call('add', 1, 2)
 *   yield* executor.asyncClose()
 *   return sum
 * })
 * console.log(await runTask(program)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export class Executor<in out M> extends JobExecutor<M> {
  private constructor(
    private readonly threads: ThreadJobs,
    private readonly options: MakeOptions<M>
  ) {
    super()
  }

  protected get jobs(): { readonly [K in keyof M]?: M[K] } | undefined {
    return this.options.jobs
  }

  /**
   * Never fails: where piscina is not installed, the calls say so. Options that make no sense are a defect.
   */
  static make<M>(module: ModuleUrl, options: MakeOptions<M> = {}): Task.Task<never, Executor<M>> {
    if (!(module instanceof URL)) {
      return Task.die(
        new TypeError(`Executor.make: expected the URL of a module, got ${describeValue(module)}`)
      )
    }
    const wrong = checkExecutorOptions('Executor.make', options)
    if (wrong !== undefined) return Task.die(wrong)
    return pipe(
      ThreadJobs.make('executor', module.href, options),
      Task.map((threads) => new Executor<M>(threads, options))
    )
  }

  get asyncGroup(): Group<never> {
    return this.threads.group
  }

  override get load(): ExecutorLoad {
    return this.threads.load
  }

  protected execute({ name, args, form, options, receive }: Request): Task.Task<unknown, unknown> {
    return this.threads.run({
      kind: form === 'encoded' ? Kind.Encoded : Kind.Plain,
      source: name,
      args,
      name: options.jobId === undefined ? quoteName(name) : `${quoteName(name)} ${quote(options.jobId)}`,
      transfer: options.transfer,
      maxMs: smallerLimit(options.maxMs, this.options.maxMs),
      receive
    })
  }
}
