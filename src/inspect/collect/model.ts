/**
 * The inspector's knowledge of the program. It records a few numbers for each fiber that starts or ends. More
 * expensive work is done on request. It has no hooks for suspensions and resumptions, which are most of what
 * a program does.
 */
import type { Exit } from '../../data/exit.js'
import { type Cause, isWorthTelling } from '../../data/reasons.js'
import { addInternalHooks } from '../../runtime/add-hooks.js'
import type { Hooks, LiveFiber, LiveGroup, LiveQueue } from '../../runtime/hooks.js'
import type { FiberOutcome, InspectorState, Life, View } from '../protocol.js'
import { rowsOf, Sight } from '../tree/rows.js'
import { Snapshot } from '../tree/snapshot.js'
import { CoarseClock } from './coarse-clock.js'
import { FailureLog } from './failures.js'
import { FiberSpans } from './fiber-spans.js'
import { QueueRegistry } from './queues.js'
import { RateCounter } from './rate-counter.js'
import { sampleOf } from './sample.js'
import { Starts } from './starts.js'
import { truncateName } from './truncate.js'
import { makeWaitCycles } from './wait-cycles.js'

const shownSeconds = 60

/**
 * How long several requests (of several pages, or of one that scrolls) share a snapshot of the tree: at least
 * `leastSharedMs`, and `sharedTimes` as long as the snapshot took, so that snapshots take at most a hundredth
 * of the time, however many fibers and pages there are.
 */
const leastSharedMs = 100
const sharedTimes = 100
const mostSharedMs = 5000

/**
 * How long a page should wait before it polls again: `betweenTimes` as long as an answer takes, within
 * bounds.
 */
const leastBetweenMs = 500
const betweenTimes = 250
const mostBetweenMs = 2000

const within = (ms: number, least: number, most: number): number => Math.min(most, Math.max(least, ms))

/** Classifies a cause by its first reason that is not an interruption. */
export function fiberOutcomeOf(cause: Cause<unknown>): Exclude<FiberOutcome, 'succeeded'> {
  for (const { _tag } of cause.reasons) {
    if (_tag === 'Fail') return 'failed'
    if (_tag === 'Die') return 'died'
  }
  return isWorthTelling(cause) ? 'died' : 'interrupted'
}

export class Model {
  private readonly time: CoarseClock = new CoarseClock()
  private readonly began: number = this.time.read()
  private readonly fiberStarts: Starts = new Starts(this.began)
  private readonly groupStarts: Starts = new Starts(this.began)
  private readonly started: RateCounter = new RateCounter()
  private readonly items: RateCounter = new RateCounter()
  private readonly ended: Readonly<Record<FiberOutcome, RateCounter>> = {
    succeeded: new RateCounter(),
    failed: new RateCounter(),
    died: new RateCounter(),
    interrupted: new RateCounter()
  }
  private readonly left: RateCounter = new RateCounter()
  private readonly fiberSpans: FiberSpans = new FiberSpans(this.left)
  /** Whether the clock was read since the last start was recorded. */
  private isStartToNote = true
  private readonly failures: FailureLog = new FailureLog()
  private readonly queues: QueueRegistry = new QueueRegistry()
  private readonly waitCycles: ReturnType<typeof makeWaitCycles> = makeWaitCycles()
  /**
   * The shared snapshot, renewed from `nextSight` on. Held weakly, so that it does not retain fibers of the
   * program. Only set if another request is expected before `nextSight`.
   */
  private sight: WeakRef<Sight> | undefined = undefined
  private nextSight = 0
  private lastAsked = 0
  /** Whether the hooks are still replaying existing fibers, groups and queues. */
  private isCatchingUp = true
  private readonly remove: () => void

  constructor(private readonly title: string) {
    const hooks: Hooks = {
      fiberStarted: (fiber) => this.fiberStarted(fiber),
      fiberEnded: (fiber, exit) => this.fiberEnded(fiber, exit),
      groupOpened: (group) => this.groupOpened(group),
      queueMade: (queue) => void this.queues.add(queue),
      queuePut: (queue) => this.queuePut(queue)
    }
    this.remove = addInternalHooks(hooks)
    this.isCatchingUp = false
  }

  /** Removes the hooks and the timer. */
  stop(): void {
    this.remove()
    this.time.stop()
  }

  private fiberStarted({ id }: LiveFiber): void {
    if (this.isCatchingUp) return
    if (this.time.isDue()) this.readClock()
    this.started.happened()
    if (!this.isStartToNote) return
    this.fiberStarts.note(id, this.time.seen)
    this.isStartToNote = false
  }

  private groupOpened({ id }: LiveGroup): void {
    if (this.isCatchingUp) return
    if (this.time.isDue()) this.readClock()
    this.groupStarts.note(id, this.time.seen)
  }

  private fiberEnded(fiber: LiveFiber, exit: Exit<unknown, unknown>): void {
    if (this.time.isDue()) this.readClock()
    if (exit._tag === 'Right') {
      this.ended.succeeded.happened()
      if (this.fiberSpans.hasRoom()) this.keepSpan(fiber, 'succeeded')
    } else this.fiberEndedBadly(fiber, exit.left)
  }

  private fiberEndedBadly(fiber: LiveFiber, cause: Cause<unknown>): void {
    const outcome = fiberOutcomeOf(cause)
    this.ended[outcome].happened()
    if (this.fiberSpans.hasRoom()) this.keepSpan(fiber, outcome)
    if (outcome !== 'interrupted') this.failures.add(this.time.seen, fiber.id, fiber.name, outcome, cause)
  }

  private keepSpan({ id, name }: LiveFiber, outcome: FiberOutcome): void {
    this.readClock()
    const from = this.fiberStarts.at(id)
    this.fiberSpans.keep(id, name, from, Math.max(from, this.time.seen), outcome)
  }

  private queuePut(queue: LiveQueue): void {
    if (this.time.isDue()) this.readClock()
    this.items.happened()
    this.queues.addItem(queue, this.time.second)
  }

  /** Reads the clock. Everything that happened before is counted in the second that was last read. */
  private readClock(): number {
    const { second } = this.time
    this.started.count(second)
    this.items.count(second)
    this.left.count(second)
    for (const counts of Object.values(this.ended)) counts.count(second)
    const now = this.time.read()
    this.fiberSpans.refill(now)
    this.isStartToNote = true
    return now
  }

  /** Returns the answer to a page. */
  state(view: View): InspectorState {
    const now = this.readClock()
    const { second } = this.time
    const sight = this.sightAt(now)
    const { snapshot } = sight
    const first = second - shownSeconds
    const queues = this.queues.rows(second)
    const living = this.living(snapshot)
    const tree = rowsOf(sight, view, {
      now,
      ofFiber: (id) => this.fiberStarts.at(id),
      ofGroup: (id) => this.groupStarts.at(id)
    })
    const waitCycles = this.waitCycles()
    const took = this.time.read() - now
    return {
      version: 1,
      at: now,
      nextMs: Math.round(within(took * betweenTimes, leastBetweenMs, mostBetweenMs)),
      program: {
        title: truncateName(this.title) ?? '',
        pid: process.pid,
        node: process.version,
        startedAt: this.time.ofProcess
      },
      totals: {
        fibers: snapshot.states,
        groups: snapshot.groupCount,
        queues: queues.total,
        ended: mapOutcomes(this.ended, ({ total }) => total)
      },
      rates: {
        from: first * 1000,
        started: this.started.read(first, shownSeconds),
        ended: mapOutcomes(this.ended, (counts) => counts.read(first, shownSeconds)),
        items: this.items.read(first, shownSeconds)
      },
      tree,
      queues,
      failures: this.failures.after(view.failuresAfter),
      lives: {
        ended: this.fiberSpans.after(view.livesAfter, now),
        living,
        left: this.fiberSpans.countLeft(now),
        livingLeft: snapshot.fiberCount - living.length
      },
      circles: waitCycles
    }
  }

  private sightAt(now: number): Sight {
    const sinceLast = now - this.lastAsked
    this.lastAsked = now
    const known = now < this.nextSight ? this.sight?.deref() : undefined
    if (known !== undefined) return known
    const made = new Sight(new Snapshot())
    const took = this.time.read() - now
    const sharedMs = within(took * sharedTimes, leastSharedMs, mostSharedMs)
    this.nextSight = now + sharedMs
    // A snapshot that no other request will use would only make the garbage collector promote dead objects.
    this.sight = sinceLast < sharedMs ? new WeakRef(made) : undefined
    return made
  }

  private living(snapshot: Snapshot): ReadonlyArray<Life> {
    return sampleOf(snapshot).map(({ id, name }) => ({
      number: 0,
      fiber: id,
      name: truncateName(name),
      from: this.fiberStarts.at(id),
      to: undefined,
      outcome: undefined
    }))
  }
}

const mapOutcomes = <A>(
  ended: Readonly<Record<FiberOutcome, RateCounter>>,
  f: (counts: RateCounter) => A
): Readonly<Record<FiberOutcome, A>> => ({
  succeeded: f(ended.succeeded),
  failed: f(ended.failed),
  died: f(ended.died),
  interrupted: f(ended.interrupted)
})
