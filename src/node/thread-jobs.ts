/**
 * Jobs on threads.
 *
 * A job is a fiber of a group. It waits in a Queue of permits, one a thread, which gives first come, first served and loses nothing
 * to an interruption; then it has a thread to itself until the job is over. Nothing is delivered to it meanwhile, so that no thread
 * is left with a job that nobody waits for: interruption is asked for where it waits, and answered as the options say.
 */
import { availableParallelism } from 'node:os'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Exits from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { closedError, joinJob } from '../executor/join-job.js'
import { unpackOutcome } from '../executor/portable.js'
import { Deferred, Group, Queue } from '../index.js'
import * as Task from '../Task.js'
import type { Kind } from './messages.js'
import type { ExecutorOptions } from './options.js'
import { loadPiscina, type PiscinaClass } from './piscina.js'
import { errorOf, type Thread, ThreadPool } from './thread-pool.js'

type AnyExit = Exit<unknown, unknown>

/** One call. */
export interface ThreadJob {
  readonly kind: Kind
  /** The export, or the text. */
  readonly source: string
  readonly args: ReadonlyArray<unknown>
  /** For messages and dumps. */
  readonly name: string
  readonly transfer: ReadonlyArray<object> | undefined
  /** What is left to do with its end, on the caller's side. */
  readonly receive: ((exit: AnyExit) => AnyExit) | undefined
}

const defaultGraceMs = 1000

/** Holds as long as the executor is open: nobody else closes the queue of permits. */
const permit = (queue: Queue<true>): Task.Task<never, true> => Task.orDie(queue.get())

const queueOf = (count: number): Queue<true> => {
  const queue = new Queue<true>()
  for (let n = 0; n < count; n++) queue.putNowait(true)
  return queue
}

export class ThreadJobs {
  /** One for each thread that no job has. */
  private readonly permits: Queue<true>
  /** One for each further job that is let in; undefined where any number is. */
  private readonly rooms: Queue<true> | undefined
  private readonly graceMs: number
  private made = 0

  private constructor(
    readonly group: Group<never>,
    private readonly pool: ThreadPool | ExecutorError,
    private readonly options: ExecutorOptions
  ) {
    const size = options.size ?? availableParallelism()
    this.permits = queueOf(size)
    this.rooms = options.maxQueue === undefined ? undefined : queueOf(size + options.maxQueue)
    this.graceMs = options.graceMs ?? defaultGraceMs
  }

  static make(
    name: string,
    module: string | undefined,
    options: ExecutorOptions
  ): Task.Task<never, ThreadJobs> {
    const threads = {
      module,
      isInterruptible: options.onInterrupt === 'terminate',
      resourceLimits: options.resourceLimits
    }
    const poolOf = (piscina: PiscinaClass | ExecutorError): ThreadPool | ExecutorError =>
      piscina instanceof ExecutorError ? piscina : new ThreadPool(piscina, threads)
    return Task.orDie(
      Task.gen(function* () {
        const group = yield* Group.make({ name })
        const pool = yield* group.acquire(Task.map(poolOf)(Task.promise(loadPiscina)), (acquired) =>
          acquired instanceof ExecutorError ? Task.unit : Task.promise(() => acquired.end())
        )
        const jobs = new ThreadJobs(group, pool, options)
        const { rooms } = jobs
        if (rooms !== undefined) {
          // Whoever waits for room has not been let in: closing turns him away.
          const close = Task.sync(() => rooms.close())
          yield* group.spawn(Task.ensuring(close)(group.waitClosing()), { name: 'door' })
        }
        return jobs
      })
    )
  }

  run(job: ThreadJob): Task.Task<unknown, unknown> {
    const { pool, rooms } = this
    if (pool instanceof ExecutorError) return Task.fail(pool)
    const running = this.running(pool, job)
    if (rooms === undefined) return joinJob(this.group, running, job.name)
    // From being let in to the end of the job, the room is its own.
    return Task.uninterruptibleMask((restore) =>
      Task.flatMap(() =>
        Task.ensuring(Task.sync(() => rooms.putNowait(true)))(restore(joinJob(this.group, running, job.name)))
      )(this.enter(rooms, job.name, restore))
    )
  }

  private enter(
    rooms: Queue<true>,
    name: string,
    restore: <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>
  ): Task.Task<ExecutorError, unknown> {
    if (this.options.whenFull !== 'fail') return Task.mapError(closedError)(restore(rooms.get()))
    const full = (): ExecutorError =>
      new ExecutorError(
        'Full',
        `the job ${name} finds ${this.options.maxQueue} others waiting, as many as may`
      )
    return Task.suspend(() => {
      const got = rooms.getNowait()
      if (got._tag === 'Right') return Task.unit
      return Task.fail(got.left._tag === 'QueueEmptyError' ? full() : closedError())
    })
  }

  /** Waits for a thread and runs the job on it. Its own failure is that it was interrupted. */
  private running(pool: ThreadPool, job: ThreadJob): Task.Task<never, AnyExit> {
    const giveBack = Task.sync(() => void this.permits.putNowait(true))
    return Task.uninterruptibleMask((restore) =>
      Task.flatMap(() =>
        Task.ensuring(giveBack)(
          Task.suspend(() => {
            const thread = pool.take()
            if (thread instanceof ExecutorError) return Task.succeed(Exits.fail(thread))
            return Task.ensuring(this.settle(pool, thread))(this.runOn(thread, job, restore))
          })
        )
      )(restore(permit(this.permits)))
    )
  }

  private runOn(
    thread: Thread,
    job: ThreadJob,
    restore: <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>
  ): Task.Task<never, AnyExit> {
    const number = ++this.made
    const ended = new Deferred<never, AnyExit>()
    thread.run([number, job.kind, job.source, ...job.args], job.transfer).then(
      (outcome) => void ended.succeed(unpackOutcome(outcome)),
      (thrown) => void ended.succeed(Exits.fail(errorOf(thrown, thread, job.name)))
    )
    const wait = ended.wait()
    const waiting =
      this.options.onInterrupt === 'terminate'
        ? Task.catchCause((cause: Cause<never>) => this.stop(thread, number, wait, cause))(restore(wait))
        : wait
    return job.receive === undefined ? waiting : Task.map(job.receive)(waiting)
  }

  /** The job is told to end, and where it has not after the time of grace, its thread is ended. What it still gave counts. */
  private stop(
    thread: Thread,
    number: number,
    wait: Task.Task<never, AnyExit>,
    cause: Cause<never>
  ): Task.Task<never, AnyExit> {
    const whenOver = (exit: AnyExit): Task.Task<never, AnyExit> =>
      exit._tag === 'Left' && Reasons.isInterruptedOnly(exit.left)
        ? Task.failCause(cause)
        : Task.succeed(exit)
    // It may have ended in the very moment.
    const whenKilled = (exit: AnyExit): Task.Task<never, AnyExit> =>
      isCrash(exit) ? Task.failCause(cause) : whenOver(exit)
    const kill = Task.flatMap(() => Task.flatMap(whenKilled)(wait))(Task.promise(() => thread.end()))
    return Task.suspend(() => {
      thread.interrupt(number)
      return Task.matchTask(() => kill, whenOver)(Task.timeout(this.graceMs)(wait))
    })
  }

  /** The job is over: a thread that lives is free, one that died is replaced once it has exited. */
  private settle(pool: ThreadPool, thread: Thread): Task.Task<never, void> {
    return Task.suspend(() => {
      if (!thread.isDead) {
        pool.giveBack(thread)
        return Task.unit
      }
      return Task.promise(async () => {
        await pool.discard(thread)
        if (this.group.isOpen) pool.replace()
      })
    })
  }
}

const isCrash = (exit: AnyExit): boolean =>
  exit._tag === 'Left' &&
  Reasons.failures(exit.left).some((error) => error instanceof ExecutorError && error.problem === 'Crashed')
