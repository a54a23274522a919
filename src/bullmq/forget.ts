/**
 * Removes finished jobs without a `jobId` from Redis, once their call is over: nobody else knows their id.
 *
 * They cannot be removed when they end, since a caller that has missed the event would not find the result.
 * One that has died leaves its jobs behind; they go with those that are kept, after `keepMs`.
 */
import type { Client } from './connections.js'

/**
 * An event with a larger result than that, in characters of JSON, goes with its job: the stream keeps ten
 * thousand.
 */
const largeEvent = 1000

/** How many are removed by one command at most. */
const mostForgottenAtOnce = 500

interface Finished {
  readonly id: string
  /** The event with its end, if that is large. */
  readonly event: string | undefined
}

/** Whether an event with that result weighs so much that it should not stay. */
export const isLarge = (result: unknown): boolean => (JSON.stringify(result)?.length ?? 0) > largeEvent

export class Forgetting {
  private waiting: Array<Finished> = []
  /** Settles when nothing is left to be removed; undefined while nothing is. */
  private running: Promise<void> | undefined

  constructor(
    private readonly client: Client,
    private readonly keyOf: (name: string) => string
  ) {}

  forget(finished: Finished): void {
    this.waiting.push(finished)
    this.running ??= this.run()
  }

  /** Resolves when all that was to be forgotten is. Never rejects. */
  async done(): Promise<void> {
    await this.running
  }

  /** One command at a time, for all that have come meanwhile. */
  private async run(): Promise<void> {
    // The jobs that end in the same turn go together.
    await undefined
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, mostForgottenAtOnce)
      // Where it fails, they go after `keepMs`.
      await this.remove(some).catch(() => {})
    }
    this.running = undefined
  }

  private async remove(some: ReadonlyArray<Finished>): Promise<void> {
    const { keyOf } = this
    const ids = some.map(({ id }) => id)
    const events = some.flatMap(({ event }) => event ?? [])
    const commands = this.client
      .pipeline()
      .zrem(keyOf('completed'), ...ids)
      .unlink(...ids.map(keyOf))
    if (events.length > 0) commands.xdel(keyOf('events'), ...events)
    await commands.exec()
  }
}
