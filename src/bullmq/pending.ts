/**
 * The jobs that a caller waits for, and how it hears of their end.
 *
 * BullMQ's events tell of it at once. They are a stream that is cut off at some ten thousand, and a caller may have been away: so who
 * has waited for some time looks the job up, and goes on waiting.
 */
import type { Job, Queue } from 'bullmq'
import { Deferred } from '../index.js'
import { hostClock } from '../runtime/timers.js'
import { problem, readAnswer, type Told } from './wire.js'

/** Of a job: how it ended, or that it has not, or that nobody knows it. */
type State = Told | 'going on' | 'unknown'

/** The end of one run of a job. */
export type Ended = Deferred<never, Told>

interface Waited {
  /** Of the run that has not ended, as far as we have heard. */
  ended: Ended
  /** How many calls of this executor are there for it. */
  calls: number
  /** How many of them have not given it up. */
  wanting: number
  /** Set once the job is in Redis: stops the timer of the next look, which for most jobs never comes. */
  stopLooking: (() => void) | undefined
}

const crashed = (reason: string): Told =>
  problem('Crashed', `every worker that took the job ended in the middle of it: ${reason}`)

const lost: Told = problem('Lost', 'the queue does not know the job any more, and has not told how it ended')

const cancelled: Told = { reasons: [{ _tag: 'Interrupt' }], trace: [], isCancelled: true }

/** What Redis has of a job may have been written by anybody. Where Redis itself says no, the next look may tell more. */
const whenThrown = (thrown: unknown): State =>
  thrown instanceof SyntaxError || thrown instanceof TypeError
    ? problem('Refused', `what Redis has of the job is nothing that can be read: ${thrown.message}`)
    : 'going on'

/** One call, from before its job is sent. */
export class Waiting {
  private wants = true

  constructor(
    private readonly waited: Waited,
    private readonly forget: () => void
  ) {}

  /** Of the job's next end: from now on it is not missed. */
  next(): Ended {
    return this.waited.ended
  }

  /** This call has given the job up. Whether no other of this executor wants it. */
  giveUp(): boolean {
    if (this.wants) this.waited.wanting--
    this.wants = false
    return this.waited.wanting === 0
  }

  leave(): void {
    this.giveUp()
    if (--this.waited.calls === 0) this.forget()
  }
}

function stopLooking(waited: Waited): void {
  waited.stopLooking?.()
  waited.stopLooking = undefined
}

export class Pending {
  private readonly waited = new Map<string, Waited>()

  constructor(
    private readonly queue: Queue,
    private readonly lookEveryMs: number
  ) {}

  begin(id: string): Waiting {
    const waited = this.waited.get(id) ?? {
      ended: new Deferred(),
      calls: 0,
      wanting: 0,
      stopLooking: undefined
    }
    waited.calls++
    waited.wanting++
    this.waited.set(id, waited)
    return new Waiting(waited, () => {
      stopLooking(waited)
      this.waited.delete(id)
    })
  }

  completed(id: string, answer: unknown): void {
    this.tell(id, readAnswer(answer))
  }

  failed(id: string, reason: string): void {
    this.tell(id, crashed(reason))
  }

  /** A caller in another process has removed it. */
  cancelled(id: string): void {
    this.tell(id, cancelled)
  }

  private tell(id: string, told: Told): void {
    const waited = this.waited.get(id)
    if (waited === undefined) return
    waited.ended.succeed(told)
    // Those who want it all the same begin it anew.
    if (told.isCancelled !== true) return
    waited.ended = new Deferred()
    stopLooking(waited)
  }

  /** The job whose end is waited for is in Redis: from now on it is looked up from time to time, while somebody waits. */
  sent(id: string, ended: Ended): void {
    const waited = this.waited.get(id)
    if (waited?.ended === ended && waited.stopLooking === undefined) this.lookLater(id, waited)
  }

  private lookLater(id: string, waited: Waited): void {
    waited.stopLooking = hostClock.setTimer(this.lookEveryMs, () => void this.lookUp(id, waited))
  }

  private async lookUp(id: string, waited: Waited): Promise<void> {
    const { stopLooking: own } = waited
    const state = await this.state(id)
    // Those who waited may have left meanwhile, or have begun it anew.
    if (waited.stopLooking !== own) return
    this.lookLater(id, waited)
    if (state !== 'going on') this.tell(id, state === 'unknown' ? lost : state)
  }

  /** How it ended, if it has. Never rejects. */
  async look(id: string): Promise<Told | undefined> {
    const state = await this.state(id)
    return typeof state === 'string' ? undefined : state
  }

  private async state(id: string): Promise<State> {
    try {
      const state = await this.queue.getJobState(id)
      if (state !== 'completed' && state !== 'failed') return state === 'unknown' ? 'unknown' : 'going on'
      const job: Job | undefined = await this.queue.getJob(id)
      if (job === undefined) return 'unknown'
      return state === 'failed' ? crashed(job.failedReason) : readAnswer(job.returnvalue)
    } catch (thrown) {
      return whenThrown(thrown)
    }
  }
}
