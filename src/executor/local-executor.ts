/**
 * The executor that stays in the caller's own thread: for tests of what calls jobs, and where a second thread
 * is not worth it.
 *
 * It behaves at its boundary as the others do, so that a test with it fails where production would: codecs
 * encode and decode, the encoded values are written as JSON and read again, and what has no codec is copied
 * by structured clone.
 */
import { pipe } from 'fp-ts/lib/function.js'
import { expected } from '../data/check-input.js'
import { checkOptions, milliseconds, oneOf } from '../data/check-options.js'
import { ExecutorError } from '../data/errors.js'
import * as Exits from '../data/exit.js'
import { host } from '../data/host.js'
import { quoteName } from '../data/quote.js'
import type { Cause } from '../data/reasons.js'
import { Group } from '../index.js'
import * as Task from '../Task.js'
import type { AnyExit } from './any-exit.js'
import { type Boundary, messageOfThrown } from './find-uncloneable.js'
import { codecsOf } from './job.js'
import { type ExecutorLoad, JobExecutor, type Request } from './job-executor.js'
import { joinJob } from './join-job.js'
import { defaultGraceMs, interruptedAfter, LeavableJob, smallerLimit } from './limit.js'
import { findJob, runJobTask } from './run-job.js'
import { cannotCross, deserializeExit, type SerializedExit, serializeCause } from './serialize-exit.js'

export interface LocalExecutorOptions {
  /**
   * What interruption does to a running job: 'wait' for its end (the default), or interrupt it where it is a
   * Task.
   */
  readonly onInterrupt?: 'wait' | 'terminate'
  /** The hard time limit of every job in milliseconds; see `maxMs` of a call. None if left out. */
  readonly maxMs?: number
  /**
   * How the values of jobs that have codecs cross: by 'json' (the default), which is what a cluster does, or
   * by 'clone', as between threads. Values that could not cross there are refused here as well, with an
   * ExecutorError 'NotCloneable'. Jobs without codecs cannot run on a cluster: their values are always
   * cloned.
   */
  readonly boundary?: 'json' | 'clone'
  /** How many milliseconds a job may take to end once it was interrupted at its limit; 1,000 if left out. */
  readonly graceMs?: number
}

/** A value as the other side receives it. */
function copied(value: unknown, boundary: Boundary): unknown {
  if (boundary === 'json') return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
  return host.structuredClone === undefined ? value : host.structuredClone(value)
}

/** A value as it arrives on the other side, or the error of one that cannot cross. */
const carry = (what: string, value: unknown, boundary: Boundary): Task.Task<ExecutorError, unknown> =>
  Task.suspend(() => {
    const words = boundary === 'json' ? cannotCross(what, value, boundary) : undefined
    if (words !== undefined) return Task.fail(new ExecutorError('NotCloneable', words))
    try {
      return Task.succeed(copied(value, boundary))
    } catch (thrown) {
      return Task.fail(
        new ExecutorError('NotCloneable', `${what} cannot be copied: ${messageOfThrown(thrown)}`, thrown)
      )
    }
  })

/** Safe because it is the copy of a list. */
const listFrom = (copied: unknown): ReadonlyArray<unknown> => copied as ReadonlyArray<unknown>

/** A cause as it arrives. */
const arrivedAs = (cause: Cause<unknown>, boundary: Boundary): AnyExit =>
  deserializeExit(serializedFrom(copied(serializeCause(cause, boundary), boundary)))

/** Safe because what is serialized is carried unchanged. */
const serializedFrom = (received: unknown): SerializedExit => received as SerializedExit

/**
 * Runs jobs in the caller's own thread.
 *
 * ```ts
 * import { LocalExecutor } from 'aio-ts/executor'
 * import { runTask, Task } from 'aio-ts'
 *
 * const program = Task.gen(function* () {
 *   const executor = yield* LocalExecutor.make({ add: (a: number, b: number) => a + b })
 *   return yield* executor.call('add', 1, 2)
 * })
 * console.log(await runTask(program)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export class LocalExecutor<in out M extends object> extends JobExecutor<M> {
  private constructor(
    protected readonly jobs: M,
    private readonly group: Group<never>,
    private readonly options: LocalExecutorOptions
  ) {
    super()
  }

  /** Never fails; what are no jobs is a defect. Close it as any Resource. */
  static make<M extends object>(
    jobs: M,
    options: LocalExecutorOptions = {}
  ): Task.Task<never, LocalExecutor<M>> {
    if (typeof jobs !== 'object' || jobs === null) {
      return Task.die(expected('LocalExecutor.make', 'an object of jobs', jobs))
    }
    const wrong = checkOptions('LocalExecutor.make', options, {
      maxMs: milliseconds,
      graceMs: milliseconds,
      boundary: oneOf('json', 'clone')
    })
    if (wrong !== undefined) return Task.die(wrong)
    return pipe(
      Group.make({ name: 'local executor' }),
      Task.map((group) => new LocalExecutor(jobs, group, options))
    )
  }

  get asyncGroup(): Group<never> {
    return this.group
  }

  override get load(): ExecutorLoad {
    return { calls: this.group.size, running: this.group.size }
  }

  protected execute({ name, args, form, options, receive }: Request): Task.Task<unknown, unknown> {
    const maxMs = smallerLimit(options.maxMs, this.options.maxMs)
    const limits =
      maxMs === undefined ? undefined : { maxMs, graceMs: this.options.graceMs ?? defaultGraceMs }
    const around = maxMs === undefined ? undefined : interruptedAfter(name, maxMs)
    const ended = Task.suspend(() => {
      const found = findJob(this.jobs, name)
      if (found instanceof ExecutorError) return Task.succeed(Exits.fail(found))
      // Jobs without codecs can only run on threads, which clone.
      const boundary = codecsOf(found) === undefined ? 'clone' : (this.options.boundary ?? 'json')
      const of = `of the job ${quoteName(name)}`
      // Of a job with codecs only the first argument counts; arguments without are copied at once, as they
      // may share parts.
      const input = boundary === 'json' ? args[0] : args
      return pipe(
        carry(`the input ${of}`, input, boundary),
        Task.flatMap((received) =>
          runJobTask(found, boundary === 'json' ? [received] : listFrom(received), form, around)
        ),
        Task.flatMap((result) => carry(`the result ${of}`, result, boundary)),
        Task.exit,
        Task.map((exit) => {
          const arrived = exit._tag === 'Right' ? exit : arrivedAs(exit.left, boundary)
          return receive === undefined ? arrived : receive(arrived)
        })
      )
    })
    const inTime = limits === undefined ? ended : Task.suspend(() => new LeavableJob(name).run(ended, limits))
    const whole = this.options.onInterrupt === 'terminate' ? inTime : Task.uninterruptible(inTime)
    return joinJob(this.group, whole, name)
  }
}
