/** The caller's side of a cluster: the `call` of the other executors, answered by whoever serves the queue. */
import { randomUUID } from 'node:crypto'
import type { Queue, QueueEvents } from 'bullmq'
import type { Redis } from 'ioredis'
import type { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { checkCount, checkTime } from '../data/show.js'
import type { IsPlain, JobCodecs, WithCodecs } from '../executor/job.js'
import { JobExecutor, type Request } from '../executor/job-executor.js'
import { closedError, joinJob } from '../executor/join-job.js'
import { type Outcome, unpackOutcome } from '../executor/portable.js'
import { Group, GroupClosedError } from '../index.js'
import * as Task from '../Task.js'
import { Pending } from './pending.js'
import {
  type Connected,
  checkQueueOptions,
  closing,
  connect,
  disconnect,
  type QueueOptions
} from './redis.js'
import { cancelChannel, defaultPrefix, idOf, type Payload, problem } from './wire.js'

/** Those of the jobs that have codecs: no others can leave the process. */
export type ServedJobs<M> = {
  readonly [K in keyof M as M[K] extends WithCodecs<JobCodecs> ? K : never]: M[K]
}

export interface ClusterOptions extends QueueOptions {
  /** The largest payload in bytes, as JSON; 1,000,000 if left out. A larger one is refused here. */
  readonly maxBytes?: number
  /** How many milliseconds Redis keeps the end of a job that was called with a `jobId`; an hour if left out. */
  readonly keepMs?: number
  /** How many milliseconds a call waits for news before it looks its job up; 5,000 if left out. */
  readonly lookEveryMs?: number
}

type AllPlain<M> = false extends { [K in keyof M]: IsPlain<M[K]> }[keyof M] ? false : true

/**
 * The jobs as the caller has loaded them, so that values are encoded and decoded on its side. May be left out only where every codec
 * leaves the values as they are; the worker then sees to it that they fit.
 */
export type JobsOption<M> =
  AllPlain<ServedJobs<M>> extends true ? { readonly jobs?: Partial<M> } : { readonly jobs: Partial<M> }

type AnyExit = Exit<unknown, unknown>

const defaults = { maxBytes: 1_000_000, keepMs: 3_600_000, lookEveryMs: 5000 }

/** How long the end of a job is kept that only its caller asks for, in ms: the time that it may take to look it up. */
const keepAnonymousMs = 300_000

/** How long Redis may take to answer a caller that gives a job up, in ms: Ctrl-C is to end a program also where Redis has gone. */
const mostSilenceMs = 10_000

/** How long to wait before the worker is told once more to stop a job, in ms. */
const tellAgainMs = 1000

interface Parts {
  readonly control: Redis
  readonly giveUp: () => void
  readonly queue: Queue
  readonly events: QueueEvents
  readonly pending: Pending
}

/**
 * Runs jobs on other processes and machines, by BullMQ and Redis: whoever calls `serveJobs` for the same queue. Only jobs with codecs
 * can be called.
 *
 * A job runs at least once: again on another worker where its own died. Calls of one `jobId` are one job, whose end is kept for
 * `keepMs`, also where the first caller has died. Interrupting a call removes a job that waits; one that runs is interrupted wherever
 * it is, and waited for. Closing waits for the calls, or interrupts them.
 *
 * ```ts no-run
 * import { job } from 'aio-ts/executor'
 * import { ClusterExecutor } from 'aio-ts/bullmq'
 * import { Task } from 'aio-ts'
 * import * as t from 'io-ts'
 *
 * const jobs = { add: job({ input: t.tuple([t.number, t.number]), output: t.number }, ([a, b]) => a + b) }
 * const program = Task.gen(function* () {
 *   const executor = yield* ClusterExecutor.make<typeof jobs>({ connection: 'redis://127.0.0.1:6379', queue: 'sums' })
 *   return yield* executor.call('add', [1, 2])
 * })
 * ```
 */
export class ClusterExecutor<in out M> extends JobExecutor<ServedJobs<M>> {
  private constructor(
    protected readonly jobs: Partial<ServedJobs<M>> | undefined,
    private readonly group: Group<never>,
    private readonly parts: Parts,
    private readonly options: ClusterOptions
  ) {
    super()
  }

  /** Fails where Redis does not answer, or where the packages are not installed. */
  static make<M>(options: ClusterOptions & JobsOption<M>): Task.Task<ExecutorError, ClusterExecutor<M>> {
    const wrong = checkOptions(options)
    if (wrong !== undefined) return Task.die(wrong)
    const { lookEveryMs = defaults.lookEveryMs, prefix = defaultPrefix, queue: name } = options
    const jobs = jobsOf<M>(options)
    return Task.gen(function* () {
      const group = yield* Group.make({ name: `cluster ${name}` })
      const opening = Task.flatMap((connected: Connected) =>
        Task.promise(() => open(connected, name, prefix, lookEveryMs))
      )(connect(options))
      const acquired = group.acquire(opening, shut)
      const parts = yield* Task.mapError(ownError)(acquired)
      return new ClusterExecutor<M>(jobs, group, parts, options)
    })
  }

  get asyncGroup(): Group<never> {
    return this.group
  }

  protected execute(request: Request): Task.Task<unknown, unknown> {
    return joinJob(this.group, this.running(request), request.name)
  }

  private running(request: Request): Task.Task<never, AnyExit> {
    const { pending } = this.parts
    const { jobId } = request.options
    return Task.uninterruptibleMask((restore) =>
      Task.suspend(() => {
        const id = jobId === undefined ? randomUUID() : idOf(jobId)
        pending.begin(id)
        const wait = pending.wait(id)
        const ended = Task.flatMap((refused: Outcome | undefined) =>
          refused === undefined
            ? Task.catchCause((cause: Cause<never>) => this.cancel(request, id, cause))(restore(wait))
            : Task.succeed(refused)
        )(this.add(request, id))
        const receive = (outcome: Outcome): AnyExit => {
          const exit = unpackOutcome(outcome)
          return request.receive === undefined ? exit : request.receive(exit)
        }
        return Task.ensuring(Task.sync(() => pending.end(id)))(Task.map(receive)(ended))
      })
    )
  }

  /** Gives the end of the job where there is one already: that it could not be sent, or that it had ended before. */
  private add(request: Request, id: string): Task.Task<never, Outcome | undefined> {
    const { queue } = this.parts
    const { jobId } = request.options
    const payload: Payload = { version: 1, form: request.form, input: request.args[0] }
    const keepMs = jobId === undefined ? keepAnonymousMs : (this.options.keepMs ?? defaults.keepMs)
    const keep = { age: Math.ceil(keepMs / 1000) }
    const sent = Task.tryCatch(
      () =>
        queue.add(request.name, payload, {
          jobId: id,
          removeOnComplete: keep,
          removeOnFail: keep,
          sizeLimit: this.options.maxBytes ?? defaults.maxBytes
        }),
      (thrown) => thrown
    )
    return Task.matchTask(
      (thrown) => Task.succeed(notSent(request.name, thrown)),
      () => (jobId === undefined ? Task.succeed(undefined) : this.join(request, id))
    )(sent)
  }

  /** The job of that id may be an earlier call's, and over. */
  private join(request: Request, id: string): Task.Task<never, Outcome | undefined> {
    const { queue, pending } = this.parts
    return Task.flatMap((name: string | undefined) =>
      name === undefined || name === request.name ? pending.look(id) : Task.succeed(otherJob(request, name))
    )(Task.promise(async () => (await queue.getJob(id))?.name))
  }

  /**
   * Nobody wants it any more. First that is written down, for a worker that takes it later, also after another has died with it; then
   * it is removed where it waits, and its worker is told where it runs, again and again until its end is there.
   */
  private cancel(request: Request, id: string, cause: Cause<never>): Task.Task<never, Outcome> {
    const { queue, control, pending } = this.parts
    // Somebody else here still waits for it.
    if (pending.isShared(id)) return Task.failCause(cause)
    const channel = cancelChannel(this.options.prefix ?? defaultPrefix, this.options.queue)
    const payload: Payload = { version: 1, form: request.form, input: request.args[0], isCancelled: true }
    const tell = Task.promise(async () => {
      const job = await queue.getJob(id)
      // Removed, or so long ago that it was forgotten.
      if (job === undefined) return true
      const state = await job.getState()
      if (state === 'completed' || state === 'failed') return false
      await job.updateData(payload).catch(() => {})
      if ((await queue.remove(id)) === 1) return true
      await control.publish(channel, id)
      return false
    })
    const silence = problem(
      'Unreachable',
      `Redis could not be told that nobody waits for the job ${request.name} any more`
    )
    const loop: Task.Task<never, Outcome> = Task.matchTask(
      () => Task.succeed(silence),
      (isGone: boolean): Task.Task<never, Outcome> =>
        isGone ? Task.failCause(cause) : Task.orElse(() => loop)(Task.timeout(tellAgainMs)(pending.wait(id)))
    )(Task.timeout(mostSilenceMs)(tell))
    const whenOver = (outcome: Outcome): Task.Task<never, Outcome> => {
      const exit = unpackOutcome(outcome)
      return exit._tag === 'Left' && Reasons.isInterruptedOnly(exit.left)
        ? Task.failCause(cause)
        : Task.succeed(outcome)
    }
    // A later call of the same id is to begin anew.
    const forget = Task.sync(() => void queue.remove(id).catch(() => {}))
    return Task.flatMap((outcome: Outcome) => Task.flatMap(() => whenOver(outcome))(forget))(loop)
  }
}

/** Of a group that nobody else has: it is not closed. */
export const ownError = (error: ExecutorError | GroupClosedError): ExecutorError =>
  error instanceof GroupClosedError ? closedError() : error

/** Holds because the jobs that are served are among the jobs. */
const jobsOf = <M>(options: { readonly jobs?: Partial<M> }): Partial<ServedJobs<M>> | undefined =>
  options.jobs as Partial<ServedJobs<M>> | undefined

function checkOptions(options: ClusterOptions): Error | undefined {
  const where = 'ClusterExecutor.make'
  const wrong = checkQueueOptions(where, options)
  if (wrong !== undefined) return wrong
  const { maxBytes, keepMs, lookEveryMs } = options
  return (
    (maxBytes === undefined ? undefined : checkCount(where, 'maxBytes', 1, maxBytes)) ??
    (keepMs === undefined ? undefined : checkTime(`${where}, keepMs`, keepMs)) ??
    (lookEveryMs === undefined ? undefined : checkTime(`${where}, lookEveryMs`, lookEveryMs))
  )
}

async function open(connected: Connected, name: string, prefix: string, lookEveryMs: number): Promise<Parts> {
  const { bullmq, control, giveUp, options } = connected
  // Where the stream of events stands now: else those before the first reading would be missed.
  const last = await control.xrevrange(`${prefix}:${name}:events`, '+', '-', 'COUNT', 1)
  const queue = new bullmq.Queue(name, { connection: { ...options }, prefix })
  const events = new bullmq.QueueEvents(name, {
    connection: { ...options },
    prefix,
    lastEventId: last[0]?.[0] ?? '0-0'
  })
  // Redis is away: what has to be done about it is done below, and the calls wait.
  queue.on('error', () => {})
  events.on('error', () => {})
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  const pending = new Pending(queue, lookEveryMs)
  events.on('completed', ({ jobId, returnvalue }) => pending.completed(jobId, returnvalue))
  events.on('failed', ({ jobId, failedReason }) => pending.failed(jobId, failedReason))
  return { control, giveUp, queue, events, pending }
}

/** The calls are over, and nothing is left to be said. */
const shut = ({ control, giveUp, queue, events }: Parts): Task.Task<never, void> =>
  Task.suspend(() => {
    disconnect(control, giveUp)
    return closing(() => [events.close(), queue.disconnect()])
  })

function notSent(name: string, thrown: unknown): Outcome {
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  if (/exceeds the limit/.test(words))
    return problem('TooLarge', `the payload of the job ${name} is too large: ${words}`)
  return thrown instanceof TypeError
    ? problem('NotCloneable', `the payload of the job ${name} cannot be written as JSON: ${words}`)
    : problem('Unreachable', `the job ${name} could not be sent: ${words}`)
}

const otherJob = ({ name, options }: Request, found: string): Outcome =>
  problem('Refused', `the id ${options.jobId} is that of a job ${found}, and not ${name}`)
