/**
 * The jobs that a caller waits for, and how it hears of their end.
 *
 * BullMQ's events tell of it at once. They are a stream that is cut off at some ten thousand, and a caller may have been away: so who
 * has waited for some time looks the job up, and goes on waiting.
 */
import type { Job, Queue } from 'bullmq'
import type { Outcome } from '../executor/portable.js'
import { Deferred } from '../index.js'
import * as Task from '../Task.js'
import { problem, readAnswer } from './wire.js'

/** Of a job: how it ended, or that it has not, or that nobody knows it. */
type State = Outcome | 'going on' | 'unknown'

interface Waited {
  readonly ended: Deferred<never, Outcome>
  /** How many calls of this executor wait for it. */
  calls: number
}

const crashed = (reason: string): Outcome =>
  problem('Crashed', `every worker that took the job ended in the middle of it: ${reason}`)

const lost: Outcome = problem(
  'Lost',
  'the queue does not know the job any more, and has not told how it ended'
)

export class Pending {
  private readonly waited = new Map<string, Waited>()

  constructor(
    private readonly queue: Queue,
    private readonly lookEveryMs: number
  ) {}

  /** From now on its end is not missed. */
  begin(id: string): void {
    const known = this.waited.get(id)
    if (known === undefined) this.waited.set(id, { ended: new Deferred(), calls: 1 })
    else known.calls++
  }

  /** Whether nobody waits for it any more. */
  end(id: string): boolean {
    const known = this.waited.get(id)
    if (known === undefined || --known.calls > 0) return false
    this.waited.delete(id)
    return true
  }

  /** Whether others of this executor wait for it, too. */
  isShared(id: string): boolean {
    return (this.waited.get(id)?.calls ?? 0) > 1
  }

  completed(id: string, answer: unknown): void {
    this.waited.get(id)?.ended.succeed(readAnswer(answer))
  }

  failed(id: string, reason: string): void {
    this.waited.get(id)?.ended.succeed(crashed(reason))
  }

  /** Its end. */
  wait(id: string): Task.Task<never, Outcome> {
    const ended = this.waited.get(id)?.ended
    if (ended === undefined) return Task.die(new Error(`nobody has begun to wait for ${id}`))
    const lookUp = Task.flatMap(
      (state: State): Task.Task<never, Outcome> =>
        state === 'going on' ? loop : Task.succeed(state === 'unknown' ? lost : state)
    )(this.state(id))
    const loop: Task.Task<never, Outcome> = Task.orElse(() => lookUp)(
      Task.timeout(this.lookEveryMs)(ended.wait())
    )
    return loop
  }

  /** How it ended, if it has. */
  look(id: string): Task.Task<never, Outcome | undefined> {
    return Task.map((state: State) => (typeof state === 'string' ? undefined : state))(this.state(id))
  }

  private state(id: string): Task.Task<never, State> {
    return Task.promise(async (): Promise<State> => {
      const state = await this.queue.getJobState(id)
      if (state !== 'completed' && state !== 'failed') return state === 'unknown' ? 'unknown' : 'going on'
      const job: Job | undefined = await this.queue.getJob(id)
      if (job === undefined) return 'unknown'
      return state === 'failed' ? crashed(job.failedReason) : readAnswer(job.returnvalue)
    })
  }
}
