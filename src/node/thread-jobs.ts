/**
 * Jobs on threads.
 *
 * A call waits in a queue until a thread is free, first come, first served, and then has the thread to itself
 * until its job is over. The next job is sent in the step in which the last one has ended, and not at its
 * fiber's turn: by then the thread would have gone to sleep, and to wake it costs as much as a small job. The
 * fiber stays parked meanwhile: it waits for something else from then on.
 *
 * A call runs in the caller's own fiber: a fiber for each job would cost a fifth of a small one. The calls
 * are therefore counted, and one fiber of the group represents them while the group closes.
 *
 * A job whose thread died before it had begun, of something that an earlier job had left running, is sent to
 * another thread. One that had begun is not: nobody knows what it has done by then.
 */
import { availableParallelism } from 'node:os'
import { pipe } from 'fp-ts/lib/function.js'
import { make, Op } from '../core/node.js'
import { ExecutorError } from '../data/errors.js'
import * as Exits from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { AnyExit } from '../executor/any-exit.js'
import type { ExecutorLoad } from '../executor/job-executor.js'
import { closedError, interruptedWith, stoppedError } from '../executor/join-job.js'
import { defaultGraceMs } from '../executor/limit.js'
import { Group, Latch, Queue } from '../index.js'
import type { Named, RuntimeServices } from '../runtime/fiber-state.js'
import type { Parkable } from '../runtime/wait.js'
import { dequeue, OwnedWaitQueue, park, wakeAll } from '../runtime/wait-queue.js'
import * as Task from '../Task.js'
import { withFiber } from '../task/current-fiber.js'
import type { ExecutorOptions } from './options.js'
import { loadPiscina, type PiscinaClass } from './piscina.js'
import { type CallRun, ThreadCall, type ThreadJob } from './thread-call.js'
import { ThreadPool } from './thread-pool.js'
import { TimeLimit } from './time-limit.js'
import { ExitOrigin, type Thread } from './worker-thread.js'

const mostNumber = 2 ** 31 - 1

const jobQueueOf = (count: number): Queue<true> => {
  const queue = new Queue<true>()
  for (let n = 0; n < count; n++) queue.putNowait(true)
  return queue
}

type RestoreCall = <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>

export class ThreadJobs {
  /** Calls that wait for a thread. Empty whenever fewer than `size` jobs are running. */
  private readonly line = new OwnedWaitQueue<ThreadCall>('a thread')
  private readonly size: number
  /** One for each further job that is let in; undefined where any number is. Closed with the executor. */
  private readonly rooms: Queue<true> | undefined
  private readonly graceMs: number
  /** The calls that have a thread, or had until it died: its place is free once it has exited. */
  private readonly running = new Set<ThreadCall>()
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
    private readonly options: ExecutorOptions,
    private readonly services: RuntimeServices
  ) {
    this.size = options.size ?? availableParallelism()
    this.rooms = options.maxQueue === undefined ? undefined : jobQueueOf(this.size + options.maxQueue)
    this.graceMs = options.graceMs ?? defaultGraceMs
  }

  static make(
    name: string,
    module: string | undefined,
    options: ExecutorOptions
  ): Task.Task<never, ThreadJobs> {
    return Task.orDie(
      Task.gen(function* () {
        const maker = yield* withFiber((fiber) => Task.succeed(fiber))
        const { runtime } = maker
        let reporting: Named = maker
        const threads = {
          module,
          resourceLimits: options.resourceLimits,
          onLeftover: (error: ExecutorError) => runtime.report(Reasons.die(error), reporting)
        }
        const poolOf = (piscina: PiscinaClass | ExecutorError): ThreadPool | ExecutorError =>
          piscina instanceof ExecutorError ? piscina : new ThreadPool(piscina, threads)
        const group = yield* Group.make({ name })
        const pool = yield* group.acquire(pipe(Task.promise(loadPiscina), Task.map(poolOf)), (acquired) =>
          acquired instanceof ExecutorError ? Task.unit : Task.promise(() => acquired.end())
        )
        const jobs = new ThreadJobs(group, pool, options, runtime)
        reporting = yield* group.spawn(jobs.untilClosed(), { name: 'jobs' })
        return jobs
      })
    )
  }

  /**
   * The fiber that represents all jobs in the group: it ends when they have ended, and stops them if it is
   * interrupted.
   */
  private untilClosed(): Task.Task<never, void> {
    const { group, rooms, isIdle } = this
    // A call that waits for room has not been accepted.
    const shutDoor = Task.sync(() => rooms?.close())
    const untilIdle = pipe(
      group.waitClosing(),
      Task.flatMap(() => shutDoor),
      Task.flatMap(() => isIdle.wait())
    )
    const stopped = pipe(
      this.stopAll(),
      Task.flatMap(() => isIdle.wait())
    )
    return Task.uninterruptibleMask((restore) =>
      pipe(
        restore(untilIdle),
        Task.catchCause(() => stopped)
      )
    )
  }

  private stopAll(): Task.Task<never, void> {
    return Task.suspend(() => {
      this.isStopped = true
      this.rooms?.close()
      wakeAll(this.line, Task.fail(stoppedError()))
      if (this.options.onInterrupt !== 'terminate') return Task.unit
      return pipe(
        [...this.running],
        Task.forEach((call) => this.stop(call), { concurrency: 'unbounded' }),
        Task.asUnit
      )
    })
  }

  get load(): ExecutorLoad {
    return { calls: this.calls, running: this.running.size }
  }

  run(job: ThreadJob): Task.Task<unknown, unknown> {
    const { pool, rooms } = this
    if (pool instanceof ExecutorError) return Task.fail(pool)
    return Task.uninterruptibleMask((restore) => {
      if (rooms === undefined) return this.letIn(pool, job, restore)
      const leaveRoom = Task.sync(() => rooms.putNowait(true))
      return pipe(
        this.enter(rooms, job.name, restore),
        Task.flatMap(() => pipe(this.letIn(pool, job, restore), Task.ensuring(leaveRoom)))
      )
    })
  }

  private enter(rooms: Queue<true>, name: string, restore: RestoreCall): Task.Task<ExecutorError, unknown> {
    if (this.options.whenFull !== 'fail') return pipe(restore(rooms.get()), Task.mapError(closedError))
    const full = (): ExecutorError =>
      new ExecutorError(
        'Full',
        `the job ${name} was rejected: the queue is full (maxQueue: ${this.options.maxQueue})`
      )
    return Task.suspend(() => {
      const got = rooms.getNowait()
      if (got._tag === 'Right') return Task.unit
      return Task.fail(got.left._tag === 'QueueEmptyError' ? full() : closedError())
    })
  }

  /** From here on closing waits for it. */
  private letIn(pool: ThreadPool, job: ThreadJob, restore: RestoreCall): Task.Task<unknown, unknown> {
    return Task.suspend(() => {
      if (!this.group.isOpen) return Task.fail(closedError())
      if (this.calls++ === 0) this.isIdle.shut()
      const call = new ThreadCall(job)
      return pipe(
        restore(this.waitFor(pool, call)),
        // The wait does not include the processing of the exit, which is a Task of its own.
        Task.map((exit) => Task.suspend(() => Task.fromExit(this.received(call, exit)))),
        Task.catchCause((cause) => this.endedEarly(call, cause)),
        Task.flatten,
        Task.ensuring(this.leave)
      )
    })
  }

  private readonly leave = Task.sync(() => {
    if (--this.calls === 0) this.isIdle.open()
  })

  /**
   * A call that got no thread, or whose caller was interrupted while it had one. Gives what the call goes on
   * with.
   */
  private endedEarly(
    call: ThreadCall,
    cause: Cause<ExecutorError>
  ): Task.Task<ExecutorError, Task.Task<unknown, never>> {
    if (call.run === undefined) return Task.failCause(cause)
    return pipe(
      this.options.onInterrupt === 'terminate' ? this.stop(call) : call.wait(),
      Task.map((exit) =>
        isCallInterrupted(exit)
          ? Task.failCause(cause)
          : Task.suspend(() => interruptedWith(cause, Exits.succeed(this.received(call, exit))))
      )
    )
  }

  /** Waits for its end, and first in the line where no thread is free. */
  private waitFor(pool: ThreadPool, call: ThreadCall): Task.Task<ExecutorError, AnyExit> {
    // A step of its own, since to send a job may run the caller's code, which may do anything. It may come a
    // turn late.
    const begun = Task.suspend(() => {
      if (!this.hasThread || this.isStopped) return this.waitFor(pool, call)
      this.begin(pool, call)
      return call.wait()
    })
    return make(Op.Park, ThreadJobs.look, this, { begun, call })
  }

  private get hasThread(): boolean {
    return this.running.size < this.size
  }

  private static look(
    fiber: Parkable,
    jobs: ThreadJobs,
    { begun, call }: Asking
  ): Asking['begun'] | undefined {
    // Let in just before closing stopped those that ran: nobody would stop this one.
    if (jobs.isStopped) return Task.fail(stoppedError())
    return jobs.hasThread ? begun : park(jobs.line, fiber, call)
  }

  /** Sends its job to a thread, of which there is one. */
  private begin(pool: ThreadPool, call: ThreadCall): void {
    const thread = pool.take()
    if (thread instanceof ExecutorError) {
      this.running.delete(call)
      call.end(Exits.fail(thread), ExitOrigin.Own)
      return
    }
    // It has to fit into the memory that is shared with the thread, where 0 is no job.
    this.made = (this.made % mostNumber) + 1
    const run = { thread, number: this.made, limit: this.limitOf(call.job, thread, this.made) }
    call.run = run
    this.running.add(call)
    const isInterruptible = this.options.onInterrupt === 'terminate'
    thread.run(run.number, call.job, isInterruptible, (exit, origin) =>
      this.over(pool, call, run, exit, origin)
    )
    run.limit?.start()
  }

  private limitOf({ maxMs }: ThreadJob, thread: Thread, number: number): TimeLimit | undefined {
    const { graceMs, services } = this
    return maxMs === undefined ? undefined : new TimeLimit(thread, number, { maxMs, graceMs }, services.clock)
  }

  /**
   * Assigns free threads to waiting calls, oldest first. The fibers of the calls stay suspended and now wait
   * for the end of their job.
   */
  private serve(pool: ThreadPool): void {
    while (this.hasThread) {
      const waiter = dequeue(this.line)
      if (waiter === undefined) return
      const { fiber, payload: call } = waiter
      park(call.waiters, fiber, undefined)
      this.begin(pool, call)
    }
  }

  /**
   * A thread that lives is free for the next one; one that died is replaced once it has exited, and the call
   * ends no earlier.
   */
  private over(
    pool: ThreadPool,
    call: ThreadCall,
    { thread, limit }: CallRun,
    exit: AnyExit,
    origin: ExitOrigin
  ): void {
    limit?.end()
    const settle = (settled: AnyExit, from: ExitOrigin): void => {
      this.running.delete(call)
      this.serve(pool)
      call.end(settled, from)
    }
    const timedOut = limit?.exitAtLimit(call.job.name, origin)
    const settleOwn = (): void =>
      timedOut === undefined ? settle(exit, origin) : settle(timedOut, ExitOrigin.Own)
    if (!thread.isDead) {
      pool.giveBack(thread)
      settleOwn()
      return
    }
    pool.discard(thread).then(
      () => {
        if (this.group.isOpen) pool.replace()
        if (origin !== ExitOrigin.NotBegun || call.isStopped || this.isStopped) {
          settleOwn()
          return
        }
        this.begin(pool, call)
        // Where no thread could be started, its place is free.
        this.serve(pool)
      },
      (thrown) => settle(Exits.die(thrown), ExitOrigin.Own)
    )
  }

  private received({ job, isCutOff }: ThreadCall, exit: AnyExit): AnyExit {
    // It was stopped by closing, and not by its caller.
    if (this.isStopped && (isCutOff || isCallInterrupted(exit))) return Exits.fail(stoppedError())
    return job.receive === undefined ? exit : job.receive(exit)
  }

  /**
   * Interrupts the job. If it has not ended after the grace period, terminates its thread. A result that it still
   * produces counts. Each step checks whether the job has ended, because its thread may run another job by then.
   */
  private stop(call: ThreadCall): Task.Task<never, AnyExit> {
    const wait = call.wait()
    const whenStopped = (exit: AnyExit): AnyExit => (call.isCutOff ? Exits.interrupt() : exit)
    return Task.suspend(() => {
      const { run } = call
      if (run === undefined || !this.running.has(call)) return wait
      const { thread, number, limit } = run
      call.isStopped = true
      limit?.stopForAnotherReason()
      thread.interrupt(number)
      const terminated = pipe(
        // The job may have ended in the very moment.
        Task.promise(async () => this.running.has(call) && thread.end()),
        Task.flatMap(() => wait)
      )
      return pipe(
        wait,
        Task.timeout(this.graceMs),
        Task.orElse(() => terminated),
        Task.map(whenStopped)
      )
    })
  }
}

/** How a call continues if a thread is free, and what waits in the queue otherwise. */
interface Asking {
  readonly begun: Task.Task<ExecutorError, AnyExit>
  readonly call: ThreadCall
}

const isCallInterrupted = (exit: AnyExit): boolean =>
  exit._tag === 'Left' && Reasons.isInterruptedOnly(exit.left)
