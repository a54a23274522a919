/**
 * How jobs end, according to BullMQ's stream of events.
 *
 * BullMQ stops listening at the first event that it cannot read, and anybody may have written one. Then we
 * begin anew behind it, and calls whose event was missed by that look their jobs up.
 */
import type { QueueEvents, QueueEventsListener } from 'bullmq'
import { hostClock } from '../runtime/host/timers.js'
import type { PendingCalls } from './pending.js'
import type { Connected } from './redis.js'
import { isRedisRefusal } from './redis-errors.js'
import { cancelledEvent } from './wire.js'

const tryAgainMs = 1000

const pause = (ms: number): Promise<void> => new Promise((resolve) => hostClock.setTimer(ms, resolve))

interface CancelledListener extends QueueEventsListener {
  [cancelledEvent]: (event: { readonly jobId: string }) => void
}

export class JobEvents {
  private events: QueueEvents | undefined
  private isClosed = false

  constructor(
    private readonly connected: Connected,
    private readonly place: { readonly prefix: string; readonly name: string },
    private readonly pending: PendingCalls
  ) {}

  /** From when this has resolved no end is missed. */
  async listen(): Promise<void> {
    const { bullmq, client, connections } = this.connected
    const { prefix, name } = this.place
    const { pending } = this
    // The current end of the stream: events before the first reading would otherwise be missed.
    const last = await client.xrevrange(`${prefix}:${name}:events`, '+', '-', 'COUNT', 1)
    const events = new bullmq.QueueEvents(name, {
      connection: client,
      blockingTimeout: connections.settings.blockMs,
      prefix,
      autorun: false,
      lastEventId: last[0]?.[0] ?? '0-0'
    })
    this.events = events
    // Where its connection has gone, that is watched already.
    events.on('error', (thrown) => isRedisRefusal(thrown) && connections.failed(thrown))
    events.on('waiting', ({ jobId }) => pending.inQueue(jobId))
    events.on('delayed', ({ jobId }) => pending.inQueue(jobId))
    events.on('active', ({ jobId }) => pending.active(jobId))
    events.on('stalled', ({ jobId }) => pending.stalled(jobId))
    events.on('completed', ({ jobId, returnvalue }, id) => pending.completed(jobId, returnvalue, id))
    events.on('failed', ({ jobId, failedReason }) => pending.failed(jobId, failedReason))
    events.on<CancelledListener, typeof cancelledEvent>(cancelledEvent, ({ jobId }) =>
      pending.cancelled(jobId)
    )
    await events.waitUntilReady()
    events.run().catch(() => this.again(events))
    if (this.isClosed) await events.close()
  }

  /** However often it takes: without events the calls would have to look their jobs up. */
  private async again(events: QueueEvents): Promise<void> {
    await events.close().catch(() => {})
    while (!this.isClosed) {
      const isListening = await this.listen().then(
        () => true,
        () => false
      )
      // Events from the meantime are missing.
      if (isListening) return this.pending.lookSoon()
      await pause(tryAgainMs)
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.events?.close()
  }
}
