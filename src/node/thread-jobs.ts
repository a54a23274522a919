/**
 * Jobs on threads.
 *
 * A call waits in a Queue of permits, one a thread, which gives first come, first served and loses nothing to an interruption; then
 * it has a thread to itself until the job is over. All of it is in the caller's own fiber: a fiber for each job would cost a fifth of
 * a small one. What closing has to wait for, and to interrupt, is therefore counted, and one fiber of the group stands for all.
 */
import { availableParallelism } from 'node:os'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Exits from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { ExecutorLoad } from '../executor/job-executor.js'
import { closedError, type End, interruptedWith, stoppedError } from '../executor/join-job.js'
import { Deferred, Group, Latch, Queue } from '../index.js'
import * as Task from '../Task.js'
import type { Kind } from './messages.js'
import type { ExecutorOptions } from './options.js'
import { loadPiscina, type PiscinaClass } from './piscina.js'
import { errorOf, exitOf, type Thread, ThreadPool } from './thread-pool.js'

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

const mostNumber = 2 ** 31 - 1

const queueOf = (count: number): Queue<true> => {
  const queue = new Queue<true>()
  for (let n = 0; n < count; n++) queue.putNowait(true)
  return queue
}

/** A call that has a thread. */
interface Run {
  readonly thread: Thread
  readonly number: number
  readonly ended: Deferred<never, AnyExit>
}

type Restore = <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>

export class ThreadJobs {
  /** One for each thread that no job has. Closed where closing interrupts. */
  private readonly permits: Queue<true>
  /** One for each further job that is let in; undefined where any number is. Closed with the executor. */
  private readonly rooms: Queue<true> | undefined
  private readonly graceMs: number
  /** The jobs that have a thread. */
  private readonly running = new Set<Run>()
  /** How many have been let in and are not over. */
  private calls = 0
  /** Open whenever `calls` is 0. */
  private readonly isIdle = new Latch(true)
  /** Whether closing has asked for the jobs to be stopped. */
  private isStopped = false
  /** The number of the last job. */
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
        yield* group.spawn(jobs.untilClosed(), { name: 'jobs' })
        return jobs
      })
    )
  }

  /** The fiber that stands for all jobs: it ends when they have, and stops them where it is interrupted. */
  private untilClosed(): Task.Task<never, void> {
    const { group, rooms, isIdle } = this
    // Whoever waits for room has not been let in.
    const shutDoor = Task.sync(() => rooms?.close())
    const untilIdle = Task.flatMap(() => Task.flatMap(() => isIdle.wait())(shutDoor))(group.waitClosing())
    return Task.uninterruptibleMask((restore) =>
      Task.catchCause(() => Task.flatMap(() => isIdle.wait())(this.stopAll()))(restore(untilIdle))
    )
  }

  private stopAll(): Task.Task<never, void> {
    return Task.suspend(() => {
      this.isStopped = true
      this.rooms?.close()
      this.permits.close()
      if (this.options.onInterrupt !== 'terminate') return Task.unit
      return Task.asUnit(
        Task.forEach((run: Run) => this.stop(run), { concurrency: 'unbounded' })([...this.running])
      )
    })
  }

  get load(): ExecutorLoad {
    return { calls: this.calls, running: this.running.size }
  }

  run(job: ThreadJob): Task.Task<unknown, unknown> {
    const { pool, rooms } = this
    if (pool instanceof ExecutorError) return Task.fail(pool)
    return Task.uninterruptibleMask((restore) =>
      rooms === undefined
        ? this.letIn(pool, job, restore)
        : Task.flatMap(() =>
            Task.ensuring(Task.sync(() => rooms.putNowait(true)))(this.letIn(pool, job, restore))
          )(this.enter(rooms, job.name, restore))
    )
  }

  private enter(rooms: Queue<true>, name: string, restore: Restore): Task.Task<ExecutorError, unknown> {
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

  /** From here on closing waits for it. */
  private letIn(pool: ThreadPool, job: ThreadJob, restore: Restore): Task.Task<unknown, unknown> {
    return Task.suspend(() => {
      if (!this.group.isOpen) return Task.fail(closedError())
      if (this.calls++ === 0) this.isIdle.shut()
      const run = Task.matchTask(
        () => Task.fail(stoppedError()),
        // It may have got its permit in the very turn in which closing stopped those that ran: nobody would stop this one.
        () => (this.isStopped ? Task.fail(stoppedError()) : this.runOn(pool, job, restore))
      )(restore(this.permits.get()))
      return Task.ensuring(this.leave)(run)
    })
  }

  private readonly leave = Task.sync(() => {
    if (--this.calls === 0) this.isIdle.open()
  })

  /** Has the permit of a thread. */
  private runOn(pool: ThreadPool, job: ThreadJob, restore: Restore): Task.Task<unknown, unknown> {
    const thread = pool.take()
    if (thread instanceof ExecutorError) {
      this.permits.putNowait(true)
      return Task.fail(thread)
    }
    // It has to fit into the memory that is shared with the thread, where 0 is no job.
    this.made = (this.made % mostNumber) + 1
    const run: Run = { thread, number: this.made, ended: new Deferred() }
    this.running.add(run)
    thread.run([run.number, job.kind, job.source, ...job.args], job.transfer).then(
      (outcome) => void run.ended.succeed(exitOf(outcome, thread, job.name)),
      (thrown) => void run.ended.succeed(Exits.fail(errorOf(thrown, thread, job.name)))
    )
    const wait = run.ended.wait()
    const end = (exit: AnyExit): End => Task.fromExit(this.received(job, exit))
    // Nothing but the caller's interruption ends the wait early.
    const interrupted = (cause: Cause<unknown>): Task.Task<never, End> =>
      Task.map((exit: AnyExit) =>
        isInterrupted(exit)
          ? Task.failCause(cause)
          : interruptedWith(cause, Exits.succeed(this.received(job, exit)))
      )(this.options.onInterrupt === 'terminate' ? this.stop(run) : wait)
    const ended = Task.flatten(Task.catchCause(interrupted)(Task.map(end)(restore(wait))))
    return Task.ensuring(Task.suspend(() => this.settle(pool, run)))(ended)
  }

  private received(job: ThreadJob, exit: AnyExit): AnyExit {
    // It was stopped by closing, and not by its caller.
    if (this.isStopped && (isInterrupted(exit) || isCrash(exit))) return Exits.fail(stoppedError())
    return job.receive === undefined ? exit : job.receive(exit)
  }

  /** The job is told to end, and where it has not after the time of grace, its thread is ended. What it still gave counts. */
  private stop({ thread, number, ended }: Run): Task.Task<never, AnyExit> {
    const wait = ended.wait()
    // It may have ended in the very moment.
    const whenKilled = (exit: AnyExit): AnyExit => (isCrash(exit) ? Exits.interrupt() : exit)
    const kill = Task.flatMap(() => Task.map(whenKilled)(wait))(Task.promise(() => thread.end()))
    return Task.suspend(() => {
      thread.interrupt(number)
      return Task.matchTask(
        () => kill,
        (exit: AnyExit) => Task.succeed(exit)
      )(Task.timeout(this.graceMs)(wait))
    })
  }

  /** The job is over: a thread that lives is free, one that died is replaced once it has exited. */
  private settle(pool: ThreadPool, run: Run): Task.Task<never, void> {
    const { thread } = run
    this.running.delete(run)
    if (!thread.isDead) {
      pool.giveBack(thread)
      this.permits.putNowait(true)
      return Task.unit
    }
    return Task.promise(async () => {
      await pool.discard(thread)
      if (this.group.isOpen) pool.replace()
      this.permits.putNowait(true)
    })
  }
}

const isInterrupted = (exit: AnyExit): boolean => exit._tag === 'Left' && Reasons.isInterruptedOnly(exit.left)

const isCrash = (exit: AnyExit): boolean =>
  exit._tag === 'Left' &&
  Reasons.failures(exit.left).some((error) => error instanceof ExecutorError && error.problem === 'Crashed')
