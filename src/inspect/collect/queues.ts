/**
 * The queues of the program that are still reachable. They are held weakly, since no event reports that a
 * queue is no longer used.
 */
import type { LiveQueue } from '../../runtime/hooks.js'
import type { QueueRow } from '../protocol.js'
import { RateCounter } from './rate-counter.js'
import { truncateName } from './truncate.js'

/** Maximum number of queues that are shown. If there are more, the busiest are. */
const mostQueueRows = 200

const rateSeconds = 10

class KeptQueue {
  /** Created with the first item. */
  items: RateCounter | undefined = undefined

  constructor(
    readonly id: number,
    readonly queue: WeakRef<LiveQueue>
  ) {}
}

const rowOf = ({ id, items }: KeptQueue, queue: LiveQueue, second: number): QueueRow => {
  const counts = items?.read(second - rateSeconds, rateSeconds) ?? []
  return {
    id,
    name: truncateName(queue.name),
    size: queue.size,
    maxsize: Math.max(0, queue.maxsize),
    isClosed: queue.isClosed,
    waitingGets: queue.waitingGets,
    waitingPuts: queue.waitingPuts,
    rate: counts.reduce((sum, count) => sum + count, 0) / rateSeconds
  }
}

/** Orders open queues before closed ones, then by activity. */
const busier = (left: QueueRow, right: QueueRow): number =>
  Number(left.isClosed) - Number(right.isClosed) ||
  weight(right) - weight(left) ||
  Number(left.name === undefined) - Number(right.name === undefined) ||
  left.id - right.id

const weight = ({ size, waitingGets, waitingPuts, rate }: QueueRow): number =>
  size + waitingGets + waitingPuts + rate

export class QueueRegistry {
  private readonly known: WeakMap<LiveQueue, KeptQueue> = new WeakMap()
  private kept: Array<KeptQueue> = []
  private made = 0
  /** The size at which `add` removes collected queues. */
  private sweepAt = 64

  /** Registers a queue that is new, or that is first reported although it was created earlier. */
  add(queue: LiveQueue): KeptQueue {
    const found = this.known.get(queue)
    if (found !== undefined) return found
    const kept = new KeptQueue(++this.made, new WeakRef(queue))
    this.known.set(queue, kept)
    this.kept.push(kept)
    if (this.kept.length >= this.sweepAt) this.sweep()
    return kept
  }

  /** Counts an item that was put in `second`. */
  addItem(queue: LiveQueue, second: number): void {
    const kept = this.known.get(queue) ?? this.add(queue)
    kept.items ??= new RateCounter()
    kept.items.add(second)
  }

  private sweep(): void {
    this.kept = this.kept.filter(({ queue }) => queue.deref() !== undefined)
    this.sweepAt = Math.max(64, this.kept.length * 2)
  }

  rows(second: number): { readonly total: number; readonly rows: ReadonlyArray<QueueRow> } {
    this.sweep()
    const rows = this.kept.flatMap((kept) => {
      const queue = kept.queue.deref()
      return queue === undefined ? [] : [rowOf(kept, queue, second)]
    })
    const shown = rows.length > mostQueueRows ? rows.sort(busier).slice(0, mostQueueRows) : rows
    return { total: rows.length, rows: shown.sort((left, right) => left.id - right.id) }
  }
}
