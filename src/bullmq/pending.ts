/**
 * The jobs that a caller waits for, and how it learns how they ended.
 *
 * BullMQ publishes an event at once. The stream of events is cut off at some ten thousand, and a caller may
 * have been disconnected, so after some time the job is looked up, less and less often. BullMQ's own question
 * for the state of a job takes time linear in the length of the queue, so that waiting calls alone would keep
 * Redis busy (bullmq#3764); here all are asked for together, in constant time each.
 */
import type { Job, Queue } from 'bullmq'
import { quote } from '../data/quote.js'
import { Deferred } from '../index.js'
import { hostClock } from '../runtime/host/timers.js'
import type { Client } from './connections.js'
import { type Forgetting, isLarge } from './forget.js'
import { isOverdue, overdueExit, type Watched } from './overdue.js'
import { type ClusterExit, problem, readExit, readFailedReason } from './wire.js'

/** Of a job: how it ended, or that it has not, or that nobody knows it. */
export type JobState = ClusterExit | 'going on' | 'unknown'

/** Where a job is in Redis. */
type JobPlace = 'completed' | 'failed' | 'going on' | 'unknown'

/** The exit of one run of a job, as soon as it is known. */
export type PendingExit = Deferred<never, ClusterExit>

/** How many jobs are asked for by one command. */
const mostLookedUpAtOnce = 500

/** How many times `lookEveryMs` a job that has been looked up often is left alone at most. */
const mostPatience = 12

interface Waited extends Watched {
  /** Of the run that, according to the events, has not ended. */
  ended: PendingExit
  /** How many calls of this executor are there for it. */
  calls: number
  /** How many of them have not given it up. */
  wanting: number
  /**
   * When it is looked up next, in milliseconds of the host's clock: infinite as long as it is not in Redis.
   */
  lookAt: number
  /** How long to leave it alone after that. */
  patienceMs: number
  /** How often a worker has taken it. */
  begun: number
  /** Whether it is to be removed from Redis once the calls have its result, and with which event. */
  readonly isAnonymous: boolean
  finished: { readonly event: string | undefined } | undefined
}

const lost: ClusterExit = problem(
  'Lost',
  'the queue no longer has the job, and has sent no event about its end'
)

const cancelled: ClusterExit = { reasons: [{ _tag: 'Interrupt' }], trace: [], isCancelled: true }

/**
 * What Redis has of a job may have been written by anybody. If Redis itself reports an error, the next lookup
 * may succeed.
 */
const whenThrown = (thrown: unknown): JobState =>
  thrown instanceof SyntaxError || thrown instanceof TypeError
    ? problem('Refused', `what Redis has of the job is nothing that can be read: ${quote(thrown.message)}`)
    : 'going on'

/** One call, from before its job is sent. */
export class WaitingCall {
  private wants = true

  constructor(
    private readonly waited: Waited,
    private readonly forget: () => void
  ) {}

  /** Of the job's next end: from now on it is not missed. */
  next(): PendingExit {
    return this.waited.ended
  }

  /** This call has given the job up. Whether no other of this executor wants it. */
  giveUp(): boolean {
    if (this.wants) this.waited.wanting--
    this.wants = false
    return this.waited.wanting === 0
  }

  /**
   * Whether other calls of this executor wait for the job, and all of them have given it up: it is being
   * stopped.
   */
  isInterrupting(): boolean {
    const { calls, wanting } = this.waited
    return this.wants && calls > 1 && wanting === 1
  }

  leave(): void {
    this.giveUp()
    if (--this.waited.calls === 0) this.forget()
  }
}

/** What a caller waits for now, and what has become of its jobs since the start. */
export interface PendingLoad {
  readonly running: number
  readonly waiting: number
  readonly retried: number
  readonly stalled: number
}

export class PendingCalls {
  private readonly waited = new Map<string, Waited>()
  /** How many of them a worker has. */
  private running = 0
  private retried = 0
  private stalledJobs = 0
  /** Undefined exactly while nothing is waited for. */
  private stopTimer: (() => void) | undefined
  private isLooking = false

  constructor(
    private readonly queue: Queue,
    /** Of the same queue. */
    private readonly client: Client,
    private readonly forgetting: Forgetting,
    private readonly lookEveryMs: number
  ) {}

  get load(): PendingLoad {
    const { running, retried, stalledJobs } = this
    return { running, waiting: this.waited.size - running, retried, stalled: stalledJobs }
  }

  /** `isAnonymous` where the id is this call's own, so that nobody else asks for the result. */
  begin(id: string, isAnonymous: boolean, maxMs: number | undefined): WaitingCall {
    const waited = this.waited.get(id) ?? {
      ended: new Deferred(),
      calls: 0,
      wanting: 0,
      lookAt: Number.POSITIVE_INFINITY,
      patienceMs: this.lookEveryMs,
      maxMs,
      runningSince: undefined,
      misses: 0,
      begun: 0,
      isAnonymous,
      finished: undefined
    }
    waited.calls++
    waited.wanting++
    this.waited.set(id, waited)
    if (this.stopTimer === undefined) this.lookLater()
    return new WaitingCall(waited, () => this.leave(id, waited))
  }

  private leave(id: string, waited: Waited): void {
    this.waited.delete(id)
    this.setRunning(waited, false)
    if (waited.isAnonymous && waited.finished !== undefined) {
      this.forgetting.forget({ id, event: waited.finished.event })
    }
    if (this.waited.size > 0) return
    this.stopTimer?.()
    this.stopTimer = undefined
  }

  completed(id: string, stored: unknown, event?: string): void {
    const waited = this.waited.get(id)
    if (waited === undefined) return
    waited.finished = { event: event !== undefined && isLarge(stored) ? event : undefined }
    this.complete(waited, readExit(stored))
  }

  failed(id: string, reason: string): void {
    this.complete(this.waited.get(id), readFailedReason(reason))
  }

  /** A caller in another process has removed it. */
  cancelled(id: string): void {
    this.complete(this.waited.get(id), cancelled)
  }

  /** A worker has taken it. */
  active(id: string): void {
    const waited = this.waited.get(id)
    if (waited === undefined || waited.runningSince !== undefined) return
    this.setRunning(waited, true)
    if (waited.begun++ > 0) this.retried++
  }

  /** It was put into the queue, or back into it. */
  inQueue(id: string): void {
    const waited = this.waited.get(id)
    if (waited !== undefined) this.setRunning(waited, false)
  }

  /** The worker that had it is taken for dead. */
  stalled(id: string): void {
    if (this.waited.has(id)) this.stalledJobs++
  }

  private setRunning(waited: Waited, isRunning: boolean): void {
    if ((waited.runningSince !== undefined) === isRunning) return
    waited.runningSince = isRunning ? hostClock.now() : undefined
    waited.misses = 0
    this.running += isRunning ? 1 : -1
  }

  private complete(waited: Waited | undefined, exit: ClusterExit): void {
    if (waited === undefined) return
    this.setRunning(waited, false)
    waited.lookAt = Number.POSITIVE_INFINITY
    waited.ended.succeed(exit)
    // Callers that still want the job start it again.
    if (exit.isCancelled === true) waited.ended = new Deferred()
  }

  /**
   * The job whose end is waited for is in Redis: from now on it is looked up from time to time, while
   * somebody waits.
   */
  sent(id: string, ended: PendingExit): void {
    const waited = this.waited.get(id)
    if (waited?.ended !== ended || waited.lookAt !== Number.POSITIVE_INFINITY) return
    waited.patienceMs = this.lookEveryMs
    waited.lookAt = hostClock.now() + this.lookEveryMs
  }

  /** Events may have been missed: all are looked up now. */
  lookSoon(): void {
    const now = hostClock.now()
    for (const waited of this.waited.values()) {
      if (waited.lookAt === Number.POSITIVE_INFINITY) continue
      waited.lookAt = now
      waited.patienceMs = this.lookEveryMs / 2
    }
    void this.lookForDue()
  }

  /** One timer for all. */
  private lookLater(): void {
    this.stopTimer = hostClock.setTimer(this.lookEveryMs, () => {
      this.lookLater()
      void this.lookForDue()
    })
  }

  /** Never rejects. */
  private async lookForDue(): Promise<void> {
    if (this.isLooking) return
    const now = hostClock.now()
    const due = [...this.waited].filter(([, { lookAt }]) => lookAt <= now)
    const overdue = [...this.waited].filter(([, waited]) => isOverdue(waited, now))
    this.isLooking = true
    for (let at = 0; at < due.length; at += mostLookedUpAtOnce)
      await this.lookUp(due.slice(at, at + mostLookedUpAtOnce))
    for (let at = 0; at < overdue.length; at += mostLookedUpAtOnce)
      await Promise.all(overdue.slice(at, at + mostLookedUpAtOnce).map((entry) => this.endOverdue(...entry)))
    this.isLooking = false
  }

  /** Never rejects. */
  private async endOverdue(id: string, waited: Waited): Promise<void> {
    const { ended } = waited
    // If Redis reports an error, the next lookup may succeed.
    const keyOf = (name: string): string => this.queue.toKey(name)
    const exit = await overdueExit(this.client, keyOf, id, waited).catch(() => undefined)
    if (exit !== undefined && this.waited.get(id) === waited && waited.ended === ended)
      this.complete(waited, exit)
  }

  /** Never rejects. */
  private async lookUp(due: ReadonlyArray<readonly [string, Waited]>): Promise<void> {
    const ends = due.map(([, { ended }]) => ended)
    const places = await this.places(due.map(([id]) => id))
    const states = await Promise.all(due.map(([id], at) => this.state(id, places[at] ?? 'going on')))
    for (const [at, [id, waited]] of due.entries()) {
      // The calls may have ended meanwhile, or have begun the job anew.
      if (this.waited.get(id) !== waited || waited.ended !== ends[at]) continue
      waited.patienceMs = Math.min(waited.patienceMs * 2, this.lookEveryMs * mostPatience)
      waited.lookAt = hostClock.now() + waited.patienceMs
      const state = states[at] ?? 'going on'
      if (state === 'going on') {
        if (waited.maxMs !== undefined && waited.runningSince === undefined) void this.noteRunning(id, waited)
        continue
      }
      // One that was given up is kept for people.
      if (places[at] === 'completed') waited.finished = { event: undefined }
      this.complete(waited, state === 'unknown' ? lost : state)
    }
  }

  /** A worker may have taken it before this executor listened, or while it could not. Never rejects. */
  private async noteRunning(id: string, waited: Waited): Promise<void> {
    const { ended } = waited
    const locks = await this.client.exists(`${this.queue.toKey(id)}:lock`).catch(() => 0)
    if (locks > 0 && this.waited.get(id) === waited && waited.ended === ended) this.active(id)
  }

  /** What Redis has of it. Never rejects. */
  async look(id: string): Promise<JobState> {
    const [place = 'going on'] = await this.places([id])
    return this.state(id, place)
  }

  /** Each in constant time. If Redis reports an error, the next lookup may succeed. */
  private async places(ids: ReadonlyArray<string>): Promise<ReadonlyArray<JobPlace>> {
    const { client, queue } = this
    const keys = ids.map((id) => queue.toKey(id))
    try {
      const [completed, failed, count] = await Promise.all([
        client.zmscore(queue.toKey('completed'), ...ids),
        client.zmscore(queue.toKey('failed'), ...ids),
        client.exists(...keys)
      ])
      // Hardly ever is one gone, so only then each is asked for.
      const gone = count === keys.length ? undefined : await this.goneOf(keys)
      return ids.map((_, at) => {
        if (typeof completed[at] === 'string') return 'completed'
        if (typeof failed[at] === 'string') return 'failed'
        return gone?.[at] === true ? 'unknown' : 'going on'
      })
    } catch {
      return []
    }
  }

  /**
   * Which of these keys a primary does not have. A replica that is being filled does not have them either,
   * and answers.
   */
  private async goneOf(keys: ReadonlyArray<string>): Promise<ReadonlyArray<boolean>> {
    // By one connection, since the next one may lead elsewhere.
    const commands = this.client.pipeline()
    for (const key of keys) commands.exists(key)
    const answers = (await commands.info('replication').exec()) ?? []
    const role = answers[keys.length]?.[1]
    const isPrimary = typeof role === 'string' && role.includes('role:master')
    return keys.map((_, at) => isPrimary && answers[at]?.[1] === 0)
  }

  private async state(id: string, place: JobPlace): Promise<JobState> {
    if (place !== 'completed' && place !== 'failed') return place
    try {
      const job: Job | undefined = await this.queue.getJob(id)
      if (job === undefined) return 'unknown'
      return place === 'failed' ? readFailedReason(job.failedReason) : readExit(job.returnvalue)
    } catch (thrown) {
      return whenThrown(thrown)
    }
  }

  close(): void {
    this.stopTimer?.()
  }
}
