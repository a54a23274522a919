/**
 * Metrics of the runtime: fibers, groups and queues.
 *
 * Hooks count in plain numbers, and the instruments read these when metrics are collected. A queue item costs
 * one map lookup, and nothing is recorded in between. Only fiber durations have to be recorded one by one, so
 * they are opt-in.
 */
import {
  type Attributes,
  type BatchObservableResult,
  type Histogram,
  type Meter,
  metrics,
  type Observable
} from '@opentelemetry/api'
import type { Exit } from '../data/exit.js'
import type { Hooks, LiveFiber, LiveGroup, LiveQueue } from '../index.js'
import { addInternalHooks } from '../runtime/add-hooks.js'
import { demandMeter } from './check.js'
import { type OutcomeAttribute, outcomeAttributeOf } from './outcome.js'
import { scopeName } from './span.js'
import { WeakList } from './weak-list.js'

export interface FiberMetricsOptions {
  /** Creates the instruments. The default is the meter `aio-ts` of the global provider. */
  readonly meter?: Meter
  /**
   * Whether to record the duration of each fiber, which costs about a tenth of a microsecond more per fiber.
   * The default is false.
   */
  readonly durations?: boolean
}

/** All queues of one name. Queues without a name share one flow. */
class Flow {
  items = 0

  constructor(readonly attributes: Attributes) {}
}

/** The number of items and of waiting fibers in the queues of one flow. */
interface Standing {
  size: number
  gets: number
  puts: number
}

class Fibers {
  /** How many fibers have not ended. */
  alive = 0
  started = 0
  readonly ended: Record<OutcomeAttribute, number> = { success: 0, failure: 0, defect: 0, interruption: 0 }
  /** When the fibers began, in ms. Does not contain fibers that existed before the hooks were added. */
  private readonly begins = new WeakMap<LiveFiber, number>()
  /** Whether the hooks are still replaying existing fibers. */
  private isThere = true

  constructor(private readonly durations: Histogram | undefined) {}

  /** Ends the replay: fibers reported from now on are new. */
  begin(): void {
    this.isThere = false
  }

  onStarted(fiber: LiveFiber): void {
    this.alive++
    if (this.isThere) return
    this.started++
    if (this.durations !== undefined) this.begins.set(fiber, performance.now())
  }

  onEnded(fiber: LiveFiber, exit: Exit<unknown, unknown>): void {
    const outcome = outcomeAttributeOf(exit)
    this.alive--
    this.ended[outcome]++
    const begun = this.begins.get(fiber)
    if (begun === undefined) return
    const seconds = (performance.now() - begun) / 1000
    this.durations?.record(seconds, { 'aio.outcome': outcome })
  }
}

class Groups {
  private readonly seen = new WeakSet<LiveGroup>()
  private readonly all = new WeakList<LiveGroup>(({ stage }) => stage === 'closed')

  onGroup(group: LiveGroup): void {
    if (this.seen.has(group)) return
    this.seen.add(group)
    this.all.add(group)
  }

  count(): Readonly<Record<LiveGroup['stage'], number>> {
    const counts = { open: 0, closing: 0, closed: 0 }
    for (const { stage } of this.all.list()) counts[stage]++
    return counts
  }
}

class ObservedQueues {
  /** The flow of each queue that a hook reported. */
  private readonly flowOf = new WeakMap<LiveQueue, Flow>()
  private readonly flows = new Map<string | undefined, Flow>()
  private readonly all = new WeakList<LiveQueue>(({ isClosed, size }) => isClosed && size === 0)

  /** Registers `queue` if it is new. A queue that existed before is first reported with its first item. */
  onQueue(queue: LiveQueue): Flow {
    const known = this.flowOf.get(queue)
    if (known !== undefined) return known
    const { name } = queue
    let flow = this.flows.get(name)
    if (flow === undefined) {
      flow = new Flow(name === undefined ? {} : { 'aio.queue.name': name })
      this.flows.set(name, flow)
    }
    this.flowOf.set(queue, flow)
    this.all.add(queue)
    return flow
  }

  /** Totals over the live queues of each flow, zero if all of its queues are gone. */
  standing(): ReadonlyMap<Flow, Standing> {
    const found = new Map<Flow, Standing>()
    for (const flow of this.flows.values()) found.set(flow, { size: 0, gets: 0, puts: 0 })
    for (const queue of this.all.list()) {
      const standing = found.get(this.onQueue(queue))
      if (standing === undefined) continue
      standing.size += queue.size
      standing.gets += queue.waitingGets
      standing.puts += queue.waitingPuts
    }
    return found
  }
}

/**
 * Measures all runtimes from now on, until the returned function is called, which removes hooks and
 * instruments' callbacks.
 *
 * | name | kind, unit | attributes | what |
 * |---|---|---|---|
 * | `aio.fiber.count` | up-down counter, `{fiber}` | | fibers that have not ended |
 * | `aio.fiber.started` | counter, `{fiber}` | | fibers that were started |
 * | `aio.fiber.ended` | counter, `{fiber}` | `aio.outcome` | fibers that have ended: `success`, `failure`, `defect`, `interruption` |
 * | `aio.fiber.duration` | histogram, `s` | `aio.outcome` | time from start to end; only with `durations` |
 * | `aio.group.count` | up-down counter, `{group}` | `aio.group.stage` | groups that are `open` or `closing` |
 * | `aio.queue.size` | up-down counter, `{item}` | `aio.queue.name` | items in queues |
 * | `aio.queue.waiting` | up-down counter, `{fiber}` | `aio.queue.name`, `aio.queue.operation` | fibers that wait in a `get` or a `put` |
 * | `aio.queue.items` | counter, `{item}` | `aio.queue.name` | items that were put into queues |
 *
 * A queue has a name if its options gave it one. Queues of the same name are summed, and so are all queues
 * without a name, so name kinds of queues and not each single queue. Queues and groups are held weakly. A
 * fiber costs about half a microsecond more, an item one map lookup. Collecting takes time linear in the
 * groups, the queues and the fibers that wait in them.
 *
 * ```ts
 * import { fiberMetrics } from 'aio-ts/otel'
 * import { runTask, Task } from 'aio-ts'
 *
 * const stop = fiberMetrics()
 * await runTask(Task.all([Task.sleep(1), Task.sleep(2)]))
 * stop()
 * ```
 */
export function fiberMetrics(options: FiberMetricsOptions = {}): () => void {
  demandMeter('fiberMetrics', options)
  const { meter = metrics.getMeter(scopeName), durations } = options
  const fibers = new Fibers(durations === true ? makeHistogram(meter) : undefined)
  const groups = new Groups()
  const queues = new ObservedQueues()
  const undoHooks = addInternalHooks(hooksOf(fibers, groups, queues))
  fibers.begin()
  const undoInstruments = observe(meter, fibers, groups, queues)
  return () => {
    undoHooks()
    undoInstruments()
  }
}

const makeHistogram = (meter: Meter): Histogram =>
  meter.createHistogram('aio.fiber.duration', { unit: 's', description: 'How long fibers lived' })

const hooksOf = (fibers: Fibers, groups: Groups, queues: ObservedQueues): Hooks => ({
  fiberStarted: (fiber) => fibers.onStarted(fiber),
  fiberEnded: (fiber, exit) => fibers.onEnded(fiber, exit),
  groupOpened: (group) => groups.onGroup(group),
  groupClosing: (group) => groups.onGroup(group),
  queueMade: (queue) => void queues.onQueue(queue),
  queuePut: (queue) => void queues.onQueue(queue).items++,
  queueTaken: (queue) => void queues.onQueue(queue)
})

function observe(meter: Meter, fibers: Fibers, groups: Groups, queues: ObservedQueues): () => void {
  const count = meter.createObservableUpDownCounter('aio.fiber.count', {
    unit: '{fiber}',
    description: 'Fibers that have not ended'
  })
  const started = meter.createObservableCounter('aio.fiber.started', {
    unit: '{fiber}',
    description: 'Fibers that were started'
  })
  const ended = meter.createObservableCounter('aio.fiber.ended', {
    unit: '{fiber}',
    description: 'Fibers that have ended, by how they did'
  })
  const open = meter.createObservableUpDownCounter('aio.group.count', {
    unit: '{group}',
    description: 'Groups that are not closed'
  })
  const size = meter.createObservableUpDownCounter('aio.queue.size', {
    unit: '{item}',
    description: 'Items in queues'
  })
  const waiting = meter.createObservableUpDownCounter('aio.queue.waiting', {
    unit: '{fiber}',
    description: 'Fibers that wait for an item, or for room'
  })
  const items = meter.createObservableCounter('aio.queue.items', {
    unit: '{item}',
    description: 'Items that have come into queues'
  })
  const look = (result: BatchObservableResult): void => {
    result.observe(count, fibers.alive)
    result.observe(started, fibers.started)
    for (const [outcome, number] of Object.entries(fibers.ended))
      result.observe(ended, number, { 'aio.outcome': outcome })
    const stages = groups.count()
    for (const stage of ['open', 'closing'] as const)
      result.observe(open, stages[stage], { 'aio.group.stage': stage })
    for (const [flow, standing] of queues.standing()) {
      const { attributes } = flow
      result.observe(size, standing.size, attributes)
      result.observe(waiting, standing.gets, { ...attributes, 'aio.queue.operation': 'get' })
      result.observe(waiting, standing.puts, { ...attributes, 'aio.queue.operation': 'put' })
      result.observe(items, flow.items, attributes)
    }
  }
  const all: Array<Observable> = [count, started, ended, open, size, waiting, items]
  meter.addBatchObservableCallback(look, all)
  return () => meter.removeBatchObservableCallback(look, all)
}
