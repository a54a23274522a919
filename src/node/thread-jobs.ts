/**
 * Jobs on threads.
 *
 * A call stands in line until a thread is free, first come, first served, and then has the thread to itself until its job is over. The
 * next one is sent in the very step in which the last one has ended, and not at its fiber's turn: by then the thread would have gone to
 * sleep, and to wake it costs as much as a small job. So a call waits once, for its end; one that is interrupted leaves the line, or
 * where it has a thread by then ends as a running one does.
 *
 * All else is in the caller's own fiber: a fiber for each job would cost a fifth of a small one. What closing has to wait for, and to
 * interrupt, is therefore counted, and one fiber of the group stands for all.
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

/** A call that has been let in. */
interface Call {
  readonly job: ThreadJob
  readonly ended: Deferred<never, AnyExit>
  /** Undefined while it stands in line. */
  run: Run | undefined
}

/** What a call has a thread for. */
interface Run {
  readonly thread: Thread
  readonly number: number
}

type Restore = <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>

export class ThreadJobs {
  /** The calls that wait for a thread. Empty whenever `busy` is less than `size`. */
  private readonly line = new Set<Call>()
  private readonly size: number
  /** How many threads a job has, or had until they died: their places are free once they have exited. */
  private busy = 0
  /** One for each further job that is let in; undefined where any number is. Closed with the executor. */
  private readonly rooms: Queue<true> | undefined
  private readonly graceMs: number
  /** The calls that have a thread. */
  private readonly running = new Set<Call>()
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
    this.size = options.size ?? availableParallelism()
    this.rooms = options.maxQueue === undefined ? undefined : queueOf(this.size + options.maxQueue)
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
      for (const { ended } of this.line) ended.succeed(Exits.fail(stoppedError()))
      this.line.clear()
      if (this.options.onInterrupt !== 'terminate') return Task.unit
      return Task.asUnit(
        Task.forEach((call: Call) => this.stop(call), { concurrency: 'unbounded' })([...this.running])
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
      const call: Call = { job, ended: new Deferred(), run: undefined }
      this.line.add(call)
      this.serve(pool)
      const end = (exit: AnyExit): End => Task.fromExit(this.received(job, exit))
      // Nothing but the caller's interruption ends the wait early.
      const ended = Task.catchCause((cause: Cause<unknown>) => this.interrupted(call, cause))(
        Task.map(end)(restore(call.ended.wait()))
      )
      return Task.ensuring(this.leave)(Task.flatten(ended))
    })
  }

  private readonly leave = Task.sync(() => {
    if (--this.calls === 0) this.isIdle.open()
  })

  private interrupted(call: Call, cause: Cause<unknown>): Task.Task<never, End> {
    if (this.line.delete(call)) return Task.succeed(Task.failCause(cause))
    const end = this.options.onInterrupt === 'terminate' ? this.stop(call) : call.ended.wait()
    return Task.map((exit: AnyExit) =>
      isInterrupted(exit)
        ? Task.failCause(cause)
        : interruptedWith(cause, Exits.succeed(this.received(call.job, exit)))
    )(end)
  }

  /** Gives a thread to whoever comes first, as long as there are any. */
  private serve(pool: ThreadPool): void {
    for (const call of this.line) {
      if (this.busy === this.size) return
      this.line.delete(call)
      this.start(pool, call)
    }
  }

  private start(pool: ThreadPool, call: Call): void {
    const { job, ended } = call
    const thread = pool.take()
    if (thread instanceof ExecutorError) {
      ended.succeed(Exits.fail(thread))
      return
    }
    // It has to fit into the memory that is shared with the thread, where 0 is no job.
    this.made = (this.made % mostNumber) + 1
    call.run = { thread, number: this.made }
    this.running.add(call)
    this.busy++
    thread.run([this.made, job.kind, job.source, ...job.args], job.transfer).then(
      (outcome) => this.over(pool, call, thread, exitOf(outcome, thread, job.name)),
      (thrown) => this.over(pool, call, thread, Exits.fail(errorOf(thrown, thread, job.name)))
    )
  }

  /** A thread that lives is free for the next one; one that died is replaced once it has exited, and the call ends no earlier. */
  private over(pool: ThreadPool, call: Call, thread: Thread, exit: AnyExit): void {
    const done = (end: AnyExit): void => {
      this.running.delete(call)
      this.busy--
      this.serve(pool)
      call.ended.succeed(end)
    }
    if (!thread.isDead) {
      pool.giveBack(thread)
      done(exit)
      return
    }
    pool.discard(thread).then(
      () => {
        if (this.group.isOpen) pool.replace()
        done(exit)
      },
      (thrown) => done(Exits.die(thrown))
    )
  }

  private received(job: ThreadJob, exit: AnyExit): AnyExit {
    // It was stopped by closing, and not by its caller.
    if (this.isStopped && (isInterrupted(exit) || isCrash(exit))) return Exits.fail(stoppedError())
    return job.receive === undefined ? exit : job.receive(exit)
  }

  /** The job is told to end, and where it has not after the time of grace, its thread is ended. What it still gave counts. */
  private stop({ run, ended }: Call): Task.Task<never, AnyExit> {
    const wait = ended.wait()
    if (run === undefined) return wait
    const { thread, number } = run
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
}

const isInterrupted = (exit: AnyExit): boolean => exit._tag === 'Left' && Reasons.isInterruptedOnly(exit.left)

const isCrash = (exit: AnyExit): boolean =>
  exit._tag === 'Left' &&
  Reasons.failures(exit.left).some((error) => error instanceof ExecutorError && error.problem === 'Crashed')
