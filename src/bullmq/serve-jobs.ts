/** The worker's side of a cluster: takes jobs from the queue and runs them, each as a fiber of the server's group. */
import type { Job, Worker } from 'bullmq'
import { left } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Exits from '../data/exit.js'
import { host } from '../data/host.js'
import { nameOf } from '../data/quote.js'
import * as Reasons from '../data/reasons.js'
import { checkCount, checkFunction, show } from '../data/show.js'
import { codecsOf } from '../executor/job.js'
import { abridged, cannotCross, packExit } from '../executor/portable.js'
import { findJob, type JobFunction, runJobTask } from '../executor/run-job.js'
import { type Fiber, Group, Resource, runFork, runTask } from '../index.js'
import type { Schedule } from '../Schedule.js'
import * as Task from '../Task.js'
import { checkQueueOptions, prefixOf, type QueueOptions } from './connection.js'
import type { Connections } from './connections.js'
import { Fetching } from './fetching.js'
import { type ClusterLoad, CountsOfQueue } from './load.js'
import { type ExtendLocks, Locks } from './locks.js'
import { type Closers, type Connected, closing, openIn, openOn } from './redis.js'
import { isOutOfMemory, isRefusal } from './redis-errors.js'
import { touchLocks } from './touch-locks.js'
import { type Answer, answerOf, cancelChannel, type Payload, readPayload } from './wire.js'

type AnyExit = Exit<unknown, unknown>

/** A job that was not run. */
export interface Refusal {
  /** Empty, as the name, where not even that could be read. */
  readonly jobId: string
  readonly name: string
  readonly reason: string
}

export interface ServeOptions extends QueueOptions {
  /** How many jobs to run at once in this process; 1 if left out. */
  readonly concurrency?: number
  /** Runs a job again in its place that has failed, with an error of its type; not at all if left out. */
  readonly retry?: Schedule<unknown>
  /** A worker that has not been heard of for so many milliseconds is taken for dead, and its jobs run again; 30,000 if left out. */
  readonly lockMs?: number
  /** How many workers may die in the middle of one job before it is given up; 3 if left out. */
  readonly maxCrashes?: number
  /** The largest result in bytes, as JSON; 10,000,000 if left out. A larger one is an ExecutorError of the call. */
  readonly maxBytes?: number
  /** Told of each job that was not run, because it is none of these or its payload cannot be read; writes to stderr if left out. */
  readonly onRefused?: (refusal: Refusal) => void
}

const defaults = { concurrency: 1, lockMs: 30_000, maxCrashes: 3, maxBytes: 10_000_000 }

/** How long Redis may take to hear of the last jobs, in ms. */
const lastWordsMs = 5000

const writeRefusal = ({ jobId, name, reason }: Refusal): void =>
  host.console.error(
    `aio-ts: the job ${JSON.stringify(jobId)} (${JSON.stringify(name)}) was refused: ${reason}`
  )

/** How a job's run came to its end here. */
type Ended =
  | { readonly _tag: 'Answered'; readonly exit: AnyExit; readonly isCancelled?: boolean }
  /** This server closes, or has lost the lock of the job: another worker is to run it, if none does already. */
  | { readonly _tag: 'GivenBack' }

/** A job that runs here. */
interface Run {
  readonly fiber: Fiber<never, AnyExit>
  /** Whether its caller has given it up. */
  isCancelled: boolean
  /** Whether its lock was lost: what it ends with is not wanted any more. */
  isLost: boolean
}

interface Parts {
  readonly worker: Worker
  readonly connections: Connections
  readonly counts: CountsOfQueue
  readonly fetching: Fetching
}

/** What serves the jobs of a queue in this process. Closing it lets jobs end, or gives them back to the queue. */
export class JobServer extends Resource {
  /** By the ids of their jobs: one that lost its lock may run here twice. None is empty. */
  private readonly running = new Map<string, Set<Run>>()
  /** Undefined until it is opened. */
  private parts: Parts | undefined
  private retried = 0
  private stalled = 0

  private constructor(
    private readonly jobs: object,
    private readonly group: Group<never>,
    private readonly options: ServeOptions
  ) {
    super()
  }

  static make(jobs: object, options: ServeOptions): Task.Task<ExecutorError, JobServer> {
    return Task.flatMap((group: Group<never>) => {
      const server = new JobServer(jobs, group, options)
      const opening = openOn(options, (connected, closers) => server.open(connected, closers))
      return openIn(group, opening, leaving, (parts) => server.begin(parts))
    })(Group.make({ name: `jobs of ${options.queue}` }))
  }

  /** From the moment it closes it takes no more; the jobs that it has keep their locks until they are over. */
  private begin(parts: Parts): Task.Task<never, JobServer> {
    this.parts = parts
    const leave = Task.sync(() => {
      parts.fetching.stop()
      void parts.worker.close()
    })
    const door = this.group.spawn(Task.ensuring(leave)(this.group.waitClosing()), { name: 'door' })
    return Task.as<JobServer>(this)(Task.orDie(door))
  }

  get asyncGroup(): Group<never> {
    return this.group
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

  private async open(connected: Connected, closers: Closers): Promise<Parts> {
    const { bullmq, connections, client } = connected
    const { options } = this
    const prefix = prefixOf(options)
    const lockMs = options.lockMs ?? defaults.lockMs
    // One of its own: where the server knows only the older protocol, a connection that listens can do nothing else.
    const listener = connections.make()
    listener.on('message', (_channel: string, id: string) => this.cancel(id))
    const listen = () => listener.subscribe(cancelChannel(prefix, options.queue))
    await listen()
    // Where the connection is lost before it listens, there will be another.
    listener.on('ready', () => listen().catch((thrown) => isRefusal(thrown) && connections.failed(thrown)))
    const giveBack = async (job: Job, token: string): Promise<never> => {
      // Redis refuses it where the lock is another worker's by now, or the job is gone: then there is nothing to give back.
      await job.moveToWait(token).catch(() => {})
      throw new bullmq.WaitingError()
    }
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
      async (job: Job, token = ''): Promise<Answer> => {
        const ended = await this.process(job, token, locks)
        if (ended._tag === 'GivenBack') return giveBack(job, token)
        const answer = this.answer(job.name, ended.exit)
        return ended.isCancelled === true ? { ...answer, isCancelled: true } : answer
      },
      {
        connection: client,
        drainDelay: connections.settings.blockMs / 1000,
        prefix,
        concurrency: options.concurrency ?? defaults.concurrency,
        lockDuration: lockMs,
        skipLockRenewal: true,
        stalledInterval: Math.max(1, Math.ceil(lockMs / 2)),
        maxStalledCount: options.maxCrashes ?? defaults.maxCrashes,
        runRetryDelay: 1000
      }
    )
    closers.push(() => worker.close(true))
    const fetching = new Fetching(worker)
    worker.on('stalled', () => this.stalled++)
    worker.on('error', (thrown) => {
      if (isRefusal(thrown)) {
        connections.failed(thrown)
        fetching.pause()
      }
      // Else Redis is away, or a lock was lost to another worker: BullMQ goes on by itself.
      if (!(thrown instanceof SyntaxError) && !(thrown instanceof TypeError)) return
      // It does not say which. It comes again whenever its lock has run out, since BullMQ cannot even give it up.
      this.tellRefused({
        jobId: '',
        name: '',
        reason: `what Redis has of it cannot be read: ${thrown.message}`
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

  private enter(id: string, fiber: Fiber<never, AnyExit>): Run {
    const run = { fiber, isCancelled: false, isLost: false }
    const runs = this.running.get(id)
    if (runs === undefined) this.running.set(id, new Set([run]))
    else runs.add(run)
    return run
  }

  private end(id: string, run: Run): void {
    const runs = this.running.get(id)
    runs?.delete(run)
    if (runs?.size === 0) this.running.delete(id)
  }

  /** Runs one job. Never rejects. */
  private async process(job: Job, token: string, locks: Locks): Promise<Ended> {
    const id = job.id ?? ''
    const payload = readPayload(job.data)
    if (payload === undefined) return this.refuse(job, 'its payload is none that this version can read')
    if (payload.isCancelled === true) {
      return { _tag: 'Answered', exit: Exits.interrupt(), isCancelled: true }
    }
    const found = findJob(this.jobs, job.name)
    if (found instanceof ExecutorError || codecsOf(found) === undefined) {
      return this.refuse(job, 'no job with codecs of that name is served here')
    }
    if (job.attemptsStarted > 1) this.retried++
    const spawned = this.group.spawnNowait(Task.exit(this.task(found, payload)), { name: job.name })
    if (spawned._tag === 'Left') return { _tag: 'GivenBack' }
    const run = this.enter(id, spawned.right)
    const lock = locks.hold(id, token, () => {
      run.isLost = true
      run.fiber.interruptNowait()
    })
    const exit = await endOf(run.fiber)
    locks.release(lock)
    this.end(id, run)
    const { isCancelled, isLost } = run
    if (exit._tag === 'Right') return { _tag: 'Answered', exit: exit.right }
    return (isCancelled && !isLost) || !Reasons.isInterruptedOnly(exit.left)
      ? { _tag: 'Answered', exit, isCancelled }
      : { _tag: 'GivenBack' }
  }

  private task(f: JobFunction, { input, form }: Payload): Task.Task<unknown, unknown> {
    const { retry } = this.options
    if (retry === undefined) return runJobTask(f, [input], form)
    let tries = 0
    return runJobTask(f, [input], form, (job) =>
      Task.retry(retry)(
        Task.suspend(() => {
          if (tries++ > 0) this.retried++
          return job
        })
      )
    )
  }

  private refuse(job: Job, reason: string): Ended {
    const name = String(job.name)
    this.tellRefused({ jobId: job.id ?? '', name, reason })
    return {
      _tag: 'Answered',
      exit: Exits.fail(new ExecutorError('Refused', `the worker refused the job ${name}: ${reason}`))
    }
  }

  /** In a fiber of its own: what a handler throws is told to the reporter, and changes no answer. */
  private tellRefused(refusal: Refusal): void {
    runFork(Task.sync(() => (this.options.onRefused ?? writeRefusal)(refusal)))
  }

  /** The answer, as it can be written. */
  private answer(name: string, exit: AnyExit): Answer {
    const most = this.options.maxBytes ?? defaults.maxBytes
    const job = `the job ${nameOf(name)}`
    const words = exit._tag === 'Right' ? cannotCross(`the result of ${job}`, exit.right, 'json') : undefined
    if (words !== undefined) return failed(new ExecutorError('NotCloneable', words))
    const whole = answerOf(packExit(exit, 'json'))
    const bytes = bytesOf(whole)
    if (bytes <= most) return whole
    const short = exit._tag === 'Left' ? answerOf(abridged(packExit(exit, 'json'))) : whole
    if (bytesOf(short) <= most) return short
    return failed(new ExecutorError('TooLarge', `${job} ended with ${bytes} bytes, more than ${most}`))
  }
}

const bytesOf = (answer: Answer): number => Buffer.byteLength(JSON.stringify(answer))

/** The jobs are over, and Redis is told how they ended; where it does not listen, they run again elsewhere. */
const leaving = ({ worker, connections, counts, fetching }: Parts): Task.Task<never, void> =>
  Task.ensuring(Task.sync(() => connections.close()))(
    Task.orElse(() =>
      Task.suspend(() => {
        connections.giveUp()
        return closing(() => [worker.disconnect()])
      })
    )(
      Task.timeout(lastWordsMs)(
        Task.promise(() => {
          counts.stop()
          fetching.stop()
          return worker.close()
        })
      )
    )
  )

const failed = (error: ExecutorError): Answer => answerOf(packExit(left(Reasons.fail(error))))

/** The end of a fiber, for a callback of a promise. */
async function endOf(fiber: Fiber<never, AnyExit>): Promise<Exit<never, AnyExit>> {
  const waited = await runTask(fiber.wait())
  // To wait for an end cannot fail.
  return waited._tag === 'Right' ? waited.right : Exits.die(waited.left)
}

/**
 * Serves `jobs` to the callers of the queue: the functions among them that have codecs; whatever else is called is refused and told
 * to `onRefused`, never run. Fails where Redis does not answer, or where the packages are not installed.
 *
 * A job is interrupted where its caller gives it up, if it is a Task; a promise is waited for. Closing the server lets the jobs that
 * run end (`interrupt: false`), or interrupts those that are Tasks and gives them back to the queue, for another worker to run from
 * their beginning. Locks are renewed until the last has ended.
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
  const wrong = checkServing(jobs, options)
  return wrong === undefined ? JobServer.make(jobs, options) : Task.die(wrong)
}

function checkServing(jobs: object, options: ServeOptions): Error | undefined {
  const where = 'serveJobs'
  if (typeof jobs !== 'object' || jobs === null) {
    return new TypeError(`${where}: expected an object of jobs, got ${show(jobs)}`)
  }
  if (!Object.values(jobs).some((value) => codecsOf(value) !== undefined)) {
    return new TypeError(`${where}: none of the jobs has codecs, so that none can be served (see job)`)
  }
  const wrong = checkQueueOptions(where, options)
  if (wrong !== undefined) return wrong
  const { concurrency, lockMs, maxCrashes, maxBytes, onRefused } = options
  return (
    (concurrency === undefined ? undefined : checkCount(where, 'a concurrency', 1, concurrency)) ??
    (lockMs === undefined ? undefined : checkCount(where, 'lockMs', 1, lockMs)) ??
    (maxCrashes === undefined ? undefined : checkCount(where, 'maxCrashes', 0, maxCrashes)) ??
    (maxBytes === undefined ? undefined : checkCount(where, 'maxBytes', 1, maxBytes)) ??
    (onRefused === undefined ? undefined : checkFunction(where, 'onRefused to be a function', onRefused))
  )
}
