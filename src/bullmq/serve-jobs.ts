/**
 * The worker's side of a cluster: takes jobs from the queue and runs each in a fiber of the server's group.
 */
import type { Job, Worker } from 'bullmq'
import { pipe } from 'fp-ts/lib/function.js'
import { checkTime } from '../data/check-input.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Exits from '../data/exit.js'
import { quote, quoteName } from '../data/quote.js'
import * as Reasons from '../data/reasons.js'
import type { AnyExit } from '../executor/any-exit.js'
import { codecsOf } from '../executor/job.js'
import {
  defaultGraceMs,
  interruptedAfter,
  LeavableJob,
  type Limits,
  smallerLimit
} from '../executor/limit.js'
import { findJob, type JobFunction, runJobTask } from '../executor/run-job.js'
import { type CloseOptions, type Fiber, Group, Resource, runFork, runTask } from '../index.js'
import * as Task from '../Task.js'
import { prefixOf } from './connection.js'
import type { Connections } from './connections.js'
import { Fetching } from './fetching.js'
import { isGivenUp } from './given-up.js'
import { type ClusterLoad, CountsOfQueue } from './load.js'
import { type ExtendLocks, Locks } from './locks.js'
import { type Closers, type Connected, closing, openIn, openOn } from './redis.js'
import { isOutOfMemory, isRedisRefusal } from './redis-errors.js'
import { defaultMaxReturns, pauseOfReturn } from './returns.js'
import {
  checkServing,
  type Refusal,
  type ServeOptions,
  serveDefaults,
  writeRefusal
} from './serve-options.js'
import type { Settlement } from './settlement.js'
import { exitToStore } from './stored-exit.js'
import { touchLocks } from './touch-locks.js'
import type { StoredExit } from './wire.js'
import { cancelChannel, failedReasonOf, type Payload, readPayload } from './wire.js'

/**
 * In how many milliseconds a job that is not known here is to be taken again; undefined where it was returned
 * often enough.
 */
type Returning = (id: string) => Promise<number | undefined>

/** How many ms a closing server waits for Redis to store how the last jobs ended. */
const lastWordsMs = 5000

/** A job that runs here. */
interface WorkerRun {
  readonly job: LeavableJob
  readonly fiber: Fiber<never, AnyExit>
  /** Whether its caller has given it up. */
  isCancelled: boolean
  /** Whether its lock was lost: what it ends with is not wanted any more. */
  isLost: boolean
}

interface ServerParts {
  readonly worker: Worker
  readonly connections: Connections
  readonly counts: CountsOfQueue
  readonly fetching: Fetching
}

/**
 * What serves the jobs of a queue in this process. Closing it lets jobs end, or gives them back to the queue.
 */
export class JobServer extends Resource {
  /** By the ids of their jobs: one that lost its lock may run here twice. None is empty. */
  private readonly running = new Map<string, Set<WorkerRun>>()
  /** Undefined until it is opened. */
  private parts: ServerParts | undefined
  private retried = 0
  private stalled = 0

  private constructor(
    private readonly jobs: object,
    private readonly group: Group<never>,
    /** For what outlives the interruption of the group: the timers of drains. */
    private readonly aside: Group<never>,
    private readonly options: ServeOptions
  ) {
    super()
  }

  static make(jobs: object, options: ServeOptions): Task.Task<ExecutorError, JobServer> {
    const wrong = checkServing('JobServer.make', jobs, options)
    if (wrong !== undefined) return Task.die(wrong)
    const made = Task.all([
      Group.make({ name: `jobs of ${options.queue}` }),
      Group.make({ name: `drains of ${options.queue}` })
    ])
    return pipe(
      made,
      Task.flatMap(([group, aside]) => {
        const server = new JobServer(jobs, group, aside, options)
        const opening = openOn(options, (connected, closers) => server.open(connected, closers))
        return openIn(group, opening, leaving, (parts) => server.begin(parts))
      })
    )
  }

  /**
   * From the moment it closes it takes no more; the jobs that it has keep their locks until they are over.
   */
  private begin(parts: ServerParts): Task.Task<never, JobServer> {
    this.parts = parts
    const leave = Task.sync(() => {
      parts.fetching.stop()
      void parts.worker.close()
    })
    const untilClosing = pipe(this.group.waitClosing(), Task.ensuring(leave))
    return pipe(this.group.spawn(untilClosing, { name: 'door' }), Task.orDie, Task.as<JobServer>(this))
  }

  get asyncGroup(): Group<never> {
    return this.group
  }

  /**
   * Starts closing; see Resource. With `graceMs` jobs that have not ended by then are interrupted and given
   * back to the queue, for another worker to run from their beginning. Those that cannot be interrupted, or
   * whose finalizers take longer than the `graceMs` of `serveJobs`, are left behind and given back all the
   * same, so that closing takes no longer than both times together.
   */
  override close(options?: CloseOptions): void {
    super.close(options)
    this.boundDrain(options)
  }

  /** `close`, and waits until it is closed; see Resource. */
  override asyncClose(options?: CloseOptions): Task.Task<never, void> {
    const closing = super.asyncClose(options)
    return pipe(
      Task.sync(() => this.boundDrain(options)),
      Task.flatMap(() => closing)
    )
  }

  private boundDrain(options: CloseOptions | undefined): void {
    const graceMs = options?.graceMs
    if (graceMs === undefined || checkTime('', graceMs) !== undefined || this.isClosed) return
    const leaveAll = Task.sync(() => {
      // As if they had ended interrupted: they are given back.
      for (const runs of this.running.values()) for (const run of runs) run.job.leave(Exits.interrupt())
    })
    const inTime = pipe(
      Task.sleep(graceMs + this.graceMs),
      Task.flatMap(() => leaveAll)
    )
    // Whichever comes first: no timer is left behind.
    this.aside.spawnNowait(pipe(this.group.waitClosed(), Task.race(inTime)), { name: 'drain' })
  }

  private get graceMs(): number {
    return this.options.graceMs ?? defaultGraceMs
  }

  /** How much it has to do now: for metrics. */
  get load(): ClusterLoad {
    let running = 0
    for (const runs of this.running.values()) running += runs.size
    const { parts, retried, stalled } = this
    const { depth, waiting } = parts?.counts.counts ?? {}
    return {
      calls: running,
      running,
      waiting,
      depth,
      retried,
      stalled,
      connected: parts?.connections.isConnected === true
    }
  }

  private async open(connected: Connected, closers: Closers): Promise<ServerParts> {
    const { bullmq, connections, client } = connected
    const { options } = this
    const prefix = prefixOf(options)
    const lockMs = options.lockMs ?? serveDefaults.lockMs
    // One of its own: where the server knows only the older protocol, a connection that listens can do
    // nothing else.
    const listener = connections.make()
    listener.on('message', (_channel: string, id: string) => this.cancel(id))
    const listen = () => listener.subscribe(cancelChannel(prefix, options.queue))
    await listen()
    // Where the connection is lost before it listens, there will be another.
    listener.on('ready', () =>
      listen().catch((thrown) => isRedisRefusal(thrown) && connections.failed(thrown))
    )
    const giveBack = async (job: Job, token: string): Promise<never> => {
      // Redis refuses it where the lock is another worker's by now, or the job is gone: then there is nothing
      // to give back.
      await job.moveToWait(token).catch(() => {})
      throw new bullmq.WaitingError()
    }
    const returning: Returning = (id) =>
      pauseOfReturn(client, worker.toKey(id), options.maxReturns ?? defaultMaxReturns)
    const extend: ExtendLocks = async (ids, tokens, ms) => {
      try {
        return await worker.extendJobLocks(ids, tokens, ms)
      } catch (thrown) {
        if (!isOutOfMemory(thrown)) throw thrown
        return touchLocks(client, (id) => worker.toKey(id), { ids, tokens, ms })
      }
    }
    const locks = new Locks(lockMs, extend, (thrown) => connections.failed(thrown))
    const worker = new bullmq.Worker(
      options.queue,
      async (job: Job, token = ''): Promise<StoredExit> => {
        const known = await this.process(job, token, locks)
        const settled = known._tag === 'Unknown' ? await this.returned(job, token, returning) : known
        if (settled === 'returned') throw new bullmq.DelayedError()
        if (settled._tag === 'GivenBack') return giveBack(job, token)
        const stored = exitToStore(job.name, settled.exit, options.maxBytes ?? serveDefaults.maxBytes)
        if (settled.isGivenUp === true)
          throw withoutStack(new bullmq.UnrecoverableError(failedReasonOf(stored)))
        return settled.isCancelled === true ? { ...stored, isCancelled: true } : stored
      },
      {
        connection: client,
        drainDelay: connections.settings.blockMs / 1000,
        prefix,
        concurrency: options.concurrency ?? serveDefaults.concurrency,
        lockDuration: lockMs,
        skipLockRenewal: true,
        stalledInterval: Math.max(1, Math.ceil(lockMs / 2)),
        maxStalledCount: options.maxCrashes ?? serveDefaults.maxCrashes,
        runRetryDelay: 1000
      }
    )
    closers.push(() => worker.close(true))
    const fetching = new Fetching(worker)
    worker.on('stalled', () => this.stalled++)
    worker.on('error', (thrown) => {
      if (isRedisRefusal(thrown)) {
        connections.failed(thrown)
        fetching.pause()
      }
      // Else Redis is away, or a lock was lost to another worker: BullMQ goes on by itself.
      if (!(thrown instanceof SyntaxError) && !(thrown instanceof TypeError)) return
      // It does not say which. It comes again whenever its lock has run out, since BullMQ cannot even give it
      // up.
      this.reportRefused({
        jobId: '',
        name: '',
        reason: `what Redis has of it cannot be read: ${quote(thrown.message)}`
      })
    })
    await worker.waitUntilReady()
    const counts = new CountsOfQueue(client, (key) => worker.toKey(key))
    closers.push(async () => counts.stop())
    await counts.start()
    return { worker, connections, counts, fetching }
  }

  /** A caller has given a job up, which may run here. */
  private cancel(id: string): void {
    for (const run of this.running.get(id) ?? []) {
      run.isCancelled = true
      run.fiber.interruptNowait()
    }
  }

  private enter(id: string, job: LeavableJob, fiber: Fiber<never, AnyExit>): WorkerRun {
    const run = { job, fiber, isCancelled: false, isLost: false }
    const runs = this.running.get(id)
    if (runs === undefined) this.running.set(id, new Set([run]))
    else runs.add(run)
    return run
  }

  private end(id: string, run: WorkerRun): void {
    const runs = this.running.get(id)
    runs?.delete(run)
    if (runs?.size === 0) this.running.delete(id)
  }

  /** Runs one job. Never rejects. */
  private async process(job: Job, token: string, locks: Locks): Promise<Settlement> {
    const id = job.id ?? ''
    const payload = readPayload(job.data)
    if (payload === undefined) return this.refuse(job, 'its payload is none that this version can read')
    if (payload.isCancelled === true) {
      return { _tag: 'Answered', exit: Exits.interrupt(), isCancelled: true }
    }
    const found = findJob(this.jobs, job.name)
    if (found instanceof ExecutorError || codecsOf(found) === undefined) {
      return { _tag: 'Unknown' }
    }
    if (job.attemptsStarted > 1) this.retried++
    const leavable = new LeavableJob(job.name)
    const limits = this.limitsOf(payload)
    const task = leavable.run(Task.exit(this.task(job.name, found, payload, limits)), limits)
    const spawned = this.group.spawnNowait(task, { name: quoteName(job.name) })
    if (spawned._tag === 'Left') return { _tag: 'GivenBack' }
    const run = this.enter(id, leavable, spawned.right)
    const lock = locks.hold(id, token, () => {
      run.isLost = true
      run.fiber.interruptNowait()
    })
    const exit = await exitOfFiber(run.fiber)
    locks.release(lock)
    this.end(id, run)
    const { isCancelled, isLost } = run
    if (exit._tag === 'Right') {
      const isLate = isCancelled || isLost
      return {
        _tag: 'Answered',
        exit: exit.right,
        isGivenUp: !isLate && isGivenUp(exit.right, this.options.retry !== undefined)
      }
    }
    const isInterrupted = Reasons.isInterruptedOnly(exit.left)
    if (isInterrupted && (isLost || (!isCancelled && !this.group.isOpen))) return { _tag: 'GivenBack' }
    // In an open group a job has interrupted itself.
    return { _tag: 'Answered', exit, isCancelled, isGivenUp: !isInterrupted && !isCancelled }
  }

  private limitsOf({ maxMs }: Payload): Limits | undefined {
    const most = smallerLimit(maxMs, this.options.maxMs)
    return most === undefined ? undefined : { maxMs: most, graceMs: this.graceMs }
  }

  private task(
    name: string,
    f: JobFunction,
    { input, form }: Payload,
    limits: Limits | undefined
  ): Task.Task<unknown, unknown> {
    const { retry } = this.options
    let tries = 0
    return runJobTask(f, [input], form, (job) => {
      const again = Task.suspend(() => {
        if (tries++ > 0) this.retried++
        return job
      })
      const tried = retry === undefined ? job : pipe(again, Task.retry(retry))
      return limits === undefined ? tried : pipe(tried, interruptedAfter(name, limits.maxMs))
    })
  }

  /** Gives a job back that is not known here, or refuses it where that was done often enough. */
  private async returned(
    job: Job,
    token: string,
    returning: Returning
  ): Promise<Exclude<Settlement, { _tag: 'Unknown' }> | 'returned'> {
    try {
      const pauseMs = await returning(job.id ?? '')
      if (pauseMs === undefined) {
        return { ...this.refuse(job, 'no job with codecs of that name is served here'), isGivenUp: true }
      }
      await job.moveToDelayed(Date.now() + pauseMs, token)
      return 'returned'
    } catch {
      // Its lock was lost, or Redis says no: then it is taken again once the lock has run out.
      return { _tag: 'GivenBack' }
    }
  }

  private refuse(job: Job, reason: string): Extract<Settlement, { _tag: 'Answered' }> {
    const name = String(job.name)
    this.reportRefused({ jobId: job.id ?? '', name, reason })
    const message = `the worker refused the job ${quoteName(name)}: ${reason}`
    return { _tag: 'Answered', exit: Exits.fail(new ExecutorError('Refused', message)) }
  }

  /** Runs in a fiber of its own: an exception of the handler goes to the reporter, and changes no answer. */
  private reportRefused(refusal: Refusal): void {
    runFork(Task.sync(() => (this.options.onRefused ?? writeRefusal)(refusal)))
  }
}

/**
 * Waits until the jobs have ended and Redis has their ends. If Redis does not respond, they run again elsewhere.
 */
const leaving = ({ worker, connections, counts, fetching }: ServerParts): Task.Task<never, void> =>
  pipe(
    Task.promise(() => {
      counts.stop()
      fetching.stop()
      return worker.close()
    }),
    Task.timeout(lastWordsMs),
    Task.orElse(() =>
      Task.suspend(() => {
        connections.giveUp()
        return closing(() => [worker.disconnect()])
      })
    ),
    Task.ensuring(Task.sync(() => connections.close()))
  )

/** BullMQ keeps the stack as well, which would only repeat the exit in the message. */
function withoutStack(error: Error): Error {
  error.stack = ''
  return error
}

/** The exit of a fiber, for a callback of a promise. */
async function exitOfFiber(fiber: Fiber<never, AnyExit>): Promise<Exit<never, AnyExit>> {
  const waited = await runTask(fiber.wait())
  // To wait for an end cannot fail.
  return waited._tag === 'Right' ? waited.right : Exits.die(waited.left)
}

/**
 * Serves `jobs` to the callers of the queue: the functions among them that have codecs. Whatever else is
 * called is never run: it goes back to the queue, for a worker that knows it, and is refused after
 * `maxReturns`. Fails where Redis does not answer, or where the packages are not installed.
 *
 * A job is interrupted where its caller gives it up, if it is a Task; a promise is waited for. Closing the
 * server lets the jobs that run end (`interrupt: false`), or interrupts those that are Tasks and gives them
 * back to the queue, for another worker to run from their beginning. With `graceMs` it does both, one after
 * the other, and ends in bounded time (see `JobServer.close`). Locks are renewed until the last has ended.
 *
 * ```ts no-run
 * import { job } from 'aio-ts/executor'
 * import { serveJobs } from 'aio-ts/bullmq'
 * import { runMain } from 'aio-ts/node'
 * import { Task } from 'aio-ts'
 * import * as t from 'io-ts'
 *
 * const jobs = { add: job({ input: t.tuple([t.number, t.number]), output: t.number }, ([a, b]) => a + b) }
 * runMain(
 *   Task.gen(function* () {
 *     const server = yield* serveJobs(jobs, { connection: 'redis://127.0.0.1:6379', queue: 'sums', concurrency: 4 })
 *     yield* server.waitClosed()
 *   })
 * )
 * ```
 */
export function serveJobs(jobs: object, options: ServeOptions): Task.Task<ExecutorError, JobServer> {
  const wrong = checkServing('serveJobs', jobs, options)
  return wrong === undefined ? JobServer.make(jobs, options) : Task.die(wrong)
}
