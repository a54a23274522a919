/**
 * The executor that stays in the caller's own thread: for tests of what calls jobs, and where a second thread is not worth it.
 *
 * It behaves at its boundary as the others do: codecs encode and decode, and what has no codec is copied by structured clone, so
 * that what cannot cross elsewhere does not cross here.
 */
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { host } from '../data/host.js'
import { expected } from '../data/show.js'
import { Group } from '../index.js'
import * as Task from '../Task.js'
import { codecsOf } from './job.js'
import { type ExecutorLoad, JobExecutor, type Request } from './job-executor.js'
import { joinJob } from './join-job.js'
import { checkLimits, defaultGraceMs, interruptedAfter, leftBehindAfter, smallerLimit } from './limit.js'
import { packExit, unpackOutcome } from './portable.js'
import { findJob, runJobTask } from './run-job.js'

export interface LocalExecutorOptions {
  /** What interruption does to a running job: 'wait' for its end (the default), or interrupt it where it is a Task. */
  readonly onInterrupt?: 'wait' | 'terminate'
  /** The hard time limit of every job in milliseconds; see `maxMs` of a call. None if left out. */
  readonly maxMs?: number
  /** How many milliseconds a job may take to end once it was interrupted at its limit; 1,000 if left out. */
  readonly graceMs?: number
}

const copy = (name: string, what: string, value: unknown): unknown => {
  try {
    return host.structuredClone === undefined ? value : host.structuredClone(value)
  } catch (thrown) {
    throw new ExecutorError('NotCloneable', `${what} of the job ${name} cannot be copied`, thrown)
  }
}

const copying = (name: string, what: string, value: unknown): Task.Task<ExecutorError, unknown> =>
  Task.tryCatch(
    () => copy(name, what, value),
    (thrown) =>
      thrown instanceof ExecutorError ? thrown : new ExecutorError('NotCloneable', String(thrown), thrown)
  )

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
    const wrong =
      typeof options !== 'object' || options === null
        ? expected('LocalExecutor.make', 'an object of options', options)
        : checkLimits('LocalExecutor.make', options)
    if (wrong !== undefined) return Task.die(wrong)
    return Task.map((group: Group<never>) => new LocalExecutor(jobs, group, options))(
      Group.make({ name: 'local executor' })
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
    const run = Task.suspend((): Task.Task<unknown, unknown> => {
      const found = findJob(this.jobs, name)
      if (found instanceof ExecutorError) return Task.fail(found)
      if (codecsOf(found) !== undefined) return runJobTask(found, args, form, around)
      return Task.flatMap((copied: unknown) =>
        Task.flatMap((value: unknown) => copying(name, 'the result', value))(
          runJobTask(found, copied as ReadonlyArray<unknown>, form, around)
        )
      )(copying(name, 'an argument', args))
    })
    const ended = Task.map((exit: Exit<unknown, unknown>) => {
      const crossed = unpackOutcome(packExit(exit))
      return receive === undefined ? crossed : receive(crossed)
    })(Task.exit(run))
    const inTime = limits === undefined ? ended : leftBehindAfter(name, limits, ended)
    const whole = this.options.onInterrupt === 'terminate' ? inTime : Task.uninterruptible(inTime)
    return joinJob(this.group, whole, name)
  }
}
