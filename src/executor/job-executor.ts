/**
 * What an executor is: something that has jobs by name and brings them to their end somewhere.
 *
 * Where that is, a subclass says. Here is what all of them share: `call` and `with`, the checks of what a
 * person wrote, and the codecs of the caller's side.
 */
import { pipe } from 'fp-ts/lib/function.js'
import { describeValue, expected } from '../data/check-input.js'
import { checkOptions, fitting, milliseconds } from '../data/check-options.js'
import type { ExecutorError } from '../data/errors.js'
import { quote } from '../data/quote.js'
import { Resource, type TimeoutError } from '../index.js'
import * as Task from '../Task.js'
import type { AnyExit } from './any-exit.js'
import { encodeWith, exitReceived, type Form } from './codecs.js'
import {
  codecsOf,
  type JobArgs,
  type JobCodecs,
  type JobDecodeError,
  type JobError,
  type JobValue
} from './job.js'

/** About one call. */
export interface CallOptions {
  /**
   * What moves to the thread instead of being copied: `ArrayBuffer`s, ports. It is gone here once the job has
   * a thread.
   */
  readonly transfer?: ReadonlyArray<object>
  /**
   * After so many milliseconds, waiting for a turn included, the call is interrupted and fails with
   * TimeoutError.
   */
  readonly timeoutMs?: number
  /**
   * The hard time limit of the job in milliseconds, counted from the moment at which it starts to run;
   * waiting for a turn does not count. At the limit the job is interrupted, whatever `onInterrupt` says. A
   * value or an error that it still gives within the executor's `graceMs` (1,000) is the result; otherwise
   * the call fails with an ExecutorError 'TimedOut'. A job that has not ended after `graceMs` is given up:
   * its thread is terminated; on a cluster and in the caller's own thread it is left behind and may go on
   * running, but nothing waits for it. Of this and the executor's own `maxMs` the smaller counts.
   */
  readonly maxMs?: number
  /**
   * Names the call; on a cluster, calls of one id are one job. A text that is not empty, without half of a
   * surrogate pair.
   */
  readonly jobId?: string
}

/** Calls jobs by their names. `E` is what every call may fail with besides. */
export interface Calls<in out M, out E = never> {
  /** Runs the job of that name: its value, or its typed error. Lazy, as every Task. */
  call<K extends keyof M & string>(
    name: K,
    ...args: JobArgs<M[K]>
  ): Task.Task<E | ExecutorError | JobError<M[K]> | JobDecodeError<M[K]>, JobValue<M[K]>>
}

/** What the options of a call add to its errors. */
export type OptionsError<O> = O extends { readonly timeoutMs: number } ? TimeoutError : never

/** What a subclass is asked to bring to its end: the values as they cross. */
export interface Request {
  readonly name: string
  readonly args: ReadonlyArray<unknown>
  readonly form: Form
  readonly options: CallOptions
  /**
   * What is left to do with the exit of the job, on the caller's side, if anything. What it throws is a
   * defect.
   */
  readonly receive: ((exit: AnyExit) => AnyExit) | undefined
}

/** How much an executor, or a server of jobs, has to do; what it does not know is undefined. */
export interface ExecutorLoad {
  /** The calls that are not over; not those that wait to be let in, where only so many may wait. */
  readonly calls: number
  /** Of these, those whose jobs run. */
  readonly running: number | undefined
  /** Jobs that wait for their turn. */
  readonly waiting?: number | undefined
  /** Of a queue that others use as well: all of its jobs that are not over. */
  readonly depth?: number | undefined
  /** How often a job was begun again, since the start. */
  readonly retried?: number | undefined
  /** How often what ran a job was taken for dead, since the start. */
  readonly stalled?: number | undefined
  /** Whether the jobs can be reached now. */
  readonly connected?: boolean | undefined
}

const noOptions: CallOptions = {}

/** Safe because what a job's name leads to in `M` is what the function of that name gives. */
const typedCalls = <E, A>(task: Task.Task<unknown, unknown>): Task.Task<E, A> => task as Task.Task<E, A>

/** An executor of the jobs `M`, wherever it runs them. */
export abstract class JobExecutor<in out M> extends Resource implements Calls<M> {
  /** The jobs themselves, or those among them whose codecs the caller has. */
  protected abstract readonly jobs: Partial<Readonly<Record<keyof M, unknown>>> | undefined

  protected abstract execute(request: Request): Task.Task<unknown, unknown>

  /** How much it has to do now: for metrics. */
  get load(): ExecutorLoad {
    // Each call is a fiber of the group.
    return { calls: this.asyncGroup.size, running: undefined }
  }

  call<K extends keyof M & string>(
    name: K,
    ...args: JobArgs<M[K]>
  ): Task.Task<ExecutorError | JobError<M[K]> | JobDecodeError<M[K]>, JobValue<M[K]>> {
    return typedCalls(this.prepare(name, args, noOptions))
  }

  /** The calls of this executor with options for each call. */
  with<const O extends CallOptions>(options: O): Calls<M, OptionsError<O>> {
    const wrong = checkCallOptions(options)
    const call = (name: keyof M & string, ...args: ReadonlyArray<unknown>): Task.Task<unknown, unknown> =>
      wrong === undefined ? this.prepare(name, args, options) : Task.die(wrong)
    return { call } as Calls<M, OptionsError<O>>
  }

  private prepare(
    name: keyof M & string,
    args: ReadonlyArray<unknown>,
    options: CallOptions
  ): Task.Task<unknown, unknown> {
    if (typeof name !== 'string') {
      return Task.die(new TypeError(`call: expected the name of a job, got ${describeValue(name)}`))
    }
    const codecs = codecsOf(this.jobs?.[name])
    const whole =
      codecs === undefined
        ? this.execute({ name, args, form: 'plain', options, receive: undefined })
        : this.executeEncoded(codecs, name, args, options)
    return options.timeoutMs === undefined ? whole : pipe(whole, Task.timeout(options.timeoutMs))
  }

  private executeEncoded(
    codecs: JobCodecs,
    name: string,
    args: ReadonlyArray<unknown>,
    options: CallOptions
  ): Task.Task<unknown, unknown> {
    return Task.suspend(() => {
      const input = encodeWith(codecs.input, args[0])
      return input._tag === 'Left'
        ? Task.failCause(input.left)
        : this.execute({
            name,
            args: [input.right],
            form: 'encoded',
            options,
            receive: (exit) => exitReceived(codecs, exit)
          })
    })
  }
}

const checkCallOptions = (options: CallOptions): Error | undefined =>
  checkOptions('with', options, {
    transfer: fitting('transfer to be an array', Array.isArray),
    timeoutMs: milliseconds,
    maxMs: milliseconds,
    jobId: (where, name, value) => {
      if (typeof value !== 'string' || value === '')
        return expected(where, `${name} to be a text that is not empty`, value)
      // Redis, and whatever else keeps it as UTF-8, would take two such ids for one.
      return /\p{Surrogate}/u.test(value)
        ? new TypeError(
            `${where}: expected ${name} to be well-formed, got half of a surrogate pair: ${quote(value)}`
          )
        : undefined
    }
  })
