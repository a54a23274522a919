/**
 * The caller's side of a cluster: the `call` of the other executors, answered by the workers that serve the
 * queue.
 */
import { randomUUID } from 'node:crypto'
import type { JobsOptions } from 'bullmq'
import { pipe } from 'fp-ts/lib/function.js'
import { expected } from '../data/check-input.js'
import { ExecutorError } from '../data/errors.js'
import { quote, quoteName } from '../data/quote.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import type { AnyExit } from '../executor/any-exit.js'
import { JobExecutor, type Request } from '../executor/job-executor.js'
import { closedError, joinJob } from '../executor/join-job.js'
import { smallerLimit } from '../executor/limit.js'
import { cannotCross, deserializeExit, type SerializedExit } from '../executor/serialize-exit.js'
import { Group } from '../index.js'
import * as Task from '../Task.js'
import {
  type ClusterOptions,
  checkClusterOptions,
  checkRange,
  clusterDefaults,
  type JobsOption,
  type ServedJobs
} from './cluster-options.js'
import { closeCluster, type ExecutorParts, openCluster } from './cluster-parts.js'
import { prefixOf } from './connection.js'
import type { Client } from './connections.js'
import { type GivenUpJob, type GivenUpRange, listGivenUp, sendAgain } from './given-up.js'
import type { ClusterLoad } from './load.js'
import type { PendingExit, WaitingCall } from './pending.js'
import { openIn, openOn } from './redis.js'
import { isOutOfMemory, redisErrorText } from './redis-errors.js'
import { compareJob, type NamedCall, otherInput } from './same-job.js'
import {
  type ClusterExit,
  cancelChannel,
  cancelledEvent,
  type Payload,
  problem,
  redisJobIdOf
} from './wire.js'

/**
 * How long Redis may take to answer a caller that gives a job up, in ms: Ctrl-C is to end a program also
 * where Redis has gone.
 */
const mostSilenceMs = 10_000

/** How long to wait before the worker is asked once more to stop a job, in ms. */
const tellAgainMs = 1000

interface ClusterCall {
  readonly request: Request
  readonly id: string
  readonly waiting: WaitingCall
  /** Whether it waits for a job with another input to be stopped, in place of which it is to run. */
  isReplacing: boolean
}

/** A call that was interrupted. */
interface Stopping {
  readonly cause: Cause<never>
  readonly sending: Promise<ClusterExit | undefined>
  /** Of the run that it waited for. */
  readonly ended: PendingExit
}

type RestoreJob = <E, A>(task: Task.Task<E, A>) => Task.Task<E, A>

/**
 * Runs jobs in other processes and on other machines, by BullMQ and Redis: on the workers that call
 * `serveJobs` for the same queue. Only jobs with codecs can be called.
 *
 * A job runs at least once: again on another worker where its own died. Calls of one `jobId` are one job,
 * whose end is kept for `keepMs`, also where the first caller has died. Interrupting a call removes a job
 * that waits; one that runs is interrupted wherever it is, and waited for. Closing waits for the calls, or
 * interrupts them.
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
    private readonly parts: ExecutorParts,
    private readonly options: ClusterOptions
  ) {
    super()
  }

  /** Fails where Redis does not answer, or where the packages are not installed. */
  static make<M>(options: ClusterOptions & JobsOption<M>): Task.Task<ExecutorError, ClusterExecutor<M>> {
    const wrong = checkClusterOptions(options)
    if (wrong !== undefined) return Task.die(wrong)
    const jobs = jobsOf<M>(options)
    const opening = openOn(options, (connected, closers) => openCluster(connected, options, closers))
    return pipe(
      Group.make({ name: `cluster ${options.queue}` }),
      Task.flatMap((group) =>
        openIn(group, opening, closeCluster, (parts) =>
          Task.sync(() => new ClusterExecutor<M>(jobs, group, parts, options))
        )
      )
    )
  }

  get asyncGroup(): Group<never> {
    return this.group
  }

  /** How much it has to do now: for metrics. */
  override get load(): ClusterLoad {
    const { pending, counts, connections } = this.parts
    return {
      calls: this.group.size,
      ...pending.load,
      depth: counts.counts?.depth,
      connected: connections.isConnected
    }
  }

  /**
   * The jobs that were given up, newest first: those with which workers have died too often, that exceeded
   * their hard limit, that failed after all their retries, that died of a defect, or that no worker knew.
   * Redis keeps them for `keepGivenUpMs`, `maxGivenUp` at most. Costs time linear in how many are asked for.
   * Waits while Redis is away.
   *
   * ```ts no-run
   * import { Cause, Task } from 'aio-ts'
   * import { ClusterExecutor } from 'aio-ts/bullmq'
   *
   * const sendAllAgain = (executor: ClusterExecutor<{}>) =>
   *   Task.gen(function* () {
   *     for (const job of yield* executor.givenUp({ count: 20 })) {
   *       console.log(job.name, job.input, Cause.pretty(job.cause))
   *       yield* executor.sendAgain(job.id)
   *     }
   *   })
   * ```
   */
  givenUp(range: GivenUpRange = {}): Task.Task<ExecutorError, ReadonlyArray<GivenUpJob>> {
    const wrong = checkRange(range)
    if (wrong !== undefined) return Task.die(wrong)
    const { client, queue } = this.parts
    return this.asking(() => listGivenUp(client, (name) => queue.toKey(name), range))
  }

  /**
   * Puts a job that was given up back into the queue, as if it had never been started. Ends when it is there,
   * and does not wait for its end: a call with its `jobId` does. Fails with an ExecutorError 'Lost' where
   * there is no such job among those that were given up.
   */
  sendAgain(id: string): Task.Task<ExecutorError, void> {
    if (typeof id !== 'string') return Task.die(expected('sendAgain', 'the id of a job', id))
    const { client, queue } = this.parts
    return this.asking(() => sendAgain(client, queue, id))
  }

  private asking<A>(ask: () => Promise<A>): Task.Task<ExecutorError, A> {
    return Task.suspend(() =>
      this.isOpen
        ? Task.tryCatch(ask, (thrown) =>
            thrown instanceof ExecutorError
              ? thrown
              : new ExecutorError('Unreachable', `Redis could not be asked: ${redisErrorText(thrown)}`)
          )
        : Task.fail(closedError())
    )
  }

  protected execute(request: Request): Task.Task<unknown, unknown> {
    return joinJob(this.group, this.running(request), request.name)
  }

  private running(request: Request): Task.Task<never, AnyExit> {
    const { jobId } = request.options
    const receive = (ended: ClusterExit): AnyExit => {
      const exit = deserializeExit(ended)
      return request.receive === undefined ? exit : request.receive(exit)
    }
    return Task.uninterruptibleMask((restore) =>
      Task.suspend(() => {
        const what = `the input of the job ${quoteName(request.name)}`
        const words = cannotCross(what, request.args[0], 'json')
        if (words !== undefined) return Task.succeed(receive(problem('NotCloneable', words)))
        const id = jobId === undefined ? randomUUID() : redisJobIdOf(jobId)
        const waiting = this.parts.pending.begin(id, jobId === undefined, this.maxMsOf(request))
        return pipe(
          this.attempt({ request, id, waiting, isReplacing: false }, restore),
          Task.map(receive),
          Task.ensuring(Task.sync(() => waiting.leave()))
        )
      })
    )
  }

  /** Sends the job and waits for its end; where another process has had it stopped, all of it again. */
  private attempt(call: ClusterCall, restore: RestoreJob): Task.Task<never, ClusterExit> {
    const { pending } = this.parts
    return Task.suspend(() => {
      const ended = call.waiting.next()
      const sending = this.send(call)
      const whole = pipe(
        Task.promise(() => sending),
        Task.flatMap((exit) => {
          if (exit !== undefined) return Task.succeed(exit)
          pending.sent(call.id, ended)
          return ended.wait()
        })
      )
      const named = namedFrom(call.request)
      return pipe(
        restore(whole),
        // Nothing but the caller's interruption ends this early: also where Redis is away, and it has not been
        // sent.
        Task.catchCause((cause) => this.cancel(call, { cause, sending, ended })),
        Task.flatMap((exit) => {
          if (named === undefined) return Task.succeed(exit)
          if (exit.isCancelled === true) return this.attempt(call, restore)
          // A job with another input could not be stopped in time.
          return Task.succeed(call.isReplacing ? otherInput(named) : exit)
        })
      )
    })
  }

  /**
   * Gives the end of the job where there is one already: that it could not be sent, or that it had ended
   * before. Never rejects.
   */
  private async send(call: ClusterCall): Promise<ClusterExit | undefined> {
    const { request, id } = call
    const { client, queue, pending } = this.parts
    const named = namedFrom(request)
    try {
      for (;;) {
        await queue.add(request.name, this.payloadOf(request), this.optionsOf(call))
        if (named === undefined) return undefined
        // The job of that id may be an earlier call's, and over.
        const found = await compareJob(
          client,
          queue.toKey(id),
          named,
          this.options.keepMs ?? clusterDefaults.keepMs
        )
        if (typeof found === 'object') return found
        call.isReplacing = found === 'stopping' || (found === 'other input' && call.waiting.isInterrupting())
        if (found === 'other input' && !call.isReplacing) return otherInput(named)
        if (found !== 'forgotten') {
          const state = await pending.look(id)
          if (typeof state === 'string') return undefined
          if (state.isCancelled !== true) return state
        }
        // It was stopped then, or given up too long ago, and is to begin anew.
        await queue.remove(id)
      }
    } catch (thrown) {
      return notSent(request.name, thrown, this.options.maxBytes ?? clusterDefaults.maxBytes)
    }
  }

  private maxMsOf({ options }: Request): number | undefined {
    return smallerLimit(options.maxMs, this.options.maxMs)
  }

  private payloadOf(request: Request): Payload {
    const { form, args } = request
    const maxMs = this.maxMsOf(request)
    return { version: 1, form, input: args[0], ...(maxMs === undefined ? {} : { maxMs }) }
  }

  private optionsOf({ id }: ClusterCall): JobsOptions {
    const { options } = this
    const seconds = (ms: number): number => Math.ceil(ms / 1000)
    return {
      jobId: id,
      // BullMQ removes what is older than that of the job which ends, with or without a name.
      removeOnComplete: { age: seconds(options.keepMs ?? clusterDefaults.keepMs) },
      removeOnFail: {
        age: seconds(options.keepGivenUpMs ?? clusterDefaults.keepGivenUpMs),
        count: options.maxGivenUp ?? clusterDefaults.maxGivenUp
      },
      sizeLimit: options.maxBytes ?? clusterDefaults.maxBytes
    }
  }

  /**
   * Nobody wants it any more. First that is written down, for a worker that takes it later, also after
   * another has died with it; then it is removed where it waits, and its worker is asked to stop it where it
   * runs, again and again until its end is there.
   */
  private cancel({ request, id, waiting }: ClusterCall, stopping: Stopping): Task.Task<never, ClusterExit> {
    const { cause, ended } = stopping
    // Somebody else here still waits for it.
    if (!waiting.giveUp()) return Task.failCause(cause)
    const silence = problem(
      'Unreachable',
      `Redis did not receive that no call waits for the job ${quoteName(request.name)} any more`
    )
    const sendStop = pipe(
      Task.tryCatch(
        () => this.sendStop(request, id, stopping.sending),
        (thrown) => thrown
      ),
      Task.timeout(mostSilenceMs)
    )
    const waitOn = pipe(
      ended.wait(),
      Task.timeout(tellAgainMs),
      Task.orElse((): Task.Task<never, ClusterExit> => loop)
    )
    const loop: Task.Task<never, ClusterExit> = pipe(
      sendStop,
      Task.matchTask(
        () => Task.succeed<ClusterExit>(silence),
        (state) => {
          if (state === 'gone') return Task.failCause(cause)
          return state === 'going on' ? waitOn : Task.succeed(state)
        }
      )
    )
    return pipe(
      loop,
      Task.flatMap((ended) => {
        const exit = deserializeExit(ended)
        return exit._tag === 'Left' && Reasons.isInterruptedOnly(exit.left)
          ? Task.failCause(cause)
          : Task.succeed({ ...ended, isCancelled: false })
      })
    )
  }

  /**
   * Notifies the worker that runs the job that its caller has given it up. Returns how the job ended, if it
   * has.
   */
  private async sendStop(
    request: Request,
    id: string,
    sending: Promise<ClusterExit | undefined>
  ): Promise<ClusterExit | 'gone' | 'going on'> {
    const { client, pending, queue } = this.parts
    const { queue: name } = this.options
    const prefix = prefixOf(this.options)
    // Else it could be added after it was not found.
    const exit = await sending
    if (exit !== undefined) return exit
    // Also where Redis does not know it any more, or nobody has it: a worker that has lost its lock may still
    // run it.
    const tellWorkers = () => client.publish(cancelChannel(prefix, name), id)
    const state = await pending.look(id)
    if (state === 'unknown') {
      await tellWorkers()
      return 'gone'
    }
    if (state !== 'going on') return state
    const payload: Payload = { ...this.payloadOf(request), isCancelled: true }
    const job = await queue.getJob(id)
    // It may be gone in the meantime.
    await job?.updateData(payload).catch(() => {})
    const isRemoved = (await queue.remove(id)) === 1
    // Before other callers of the id begin it anew on the event below: their run is not meant.
    await tellWorkers()
    if (!isRemoved) return 'going on'
    if (request.options.jobId !== undefined) await tellOthers(client, `${prefix}:${name}:events`, id)
    return 'gone'
  }
}

const namedFrom = ({ name, args, options: { jobId } }: Request): NamedCall | undefined =>
  jobId === undefined ? undefined : { name, jobId, input: args[0] }

/** As many events as BullMQ itself keeps. */
const mostEvents = 10_000

const tellOthers = (client: Client, stream: string, id: string): Promise<unknown> =>
  client.xadd(stream, 'MAXLEN', '~', mostEvents, '*', 'event', cancelledEvent, 'jobId', id)

/** Safe because the jobs that are served are among the jobs. */
const jobsOf = <M>(options: { readonly jobs?: Partial<M> }): Partial<ServedJobs<M>> | undefined =>
  options.jobs as Partial<ServedJobs<M>> | undefined

function notSent(name: string, thrown: unknown, maxBytes: number): SerializedExit {
  const job = `the job ${quoteName(name)}`
  const words = redisErrorText(thrown)
  if (isOutOfMemory(thrown)) return problem('Full', `Redis has no memory left for ${job}: ${words}`)
  // BullMQ's own words have the whole name of the job in them.
  if (/exceeds the limit/.test(words))
    return problem('TooLarge', `the payload of ${job} is larger than maxBytes (${maxBytes})`)
  return thrown instanceof TypeError
    ? problem('NotCloneable', `the payload of ${job} cannot be written as JSON: ${quote(words)}`)
    : problem('Unreachable', `${job} could not be sent: ${quote(words)}`)
}
