/** A Scheduler that only collects ready fibers, until the driver of the run chooses one. */

import type { Fiber } from '../../core/fiber.js'
import type { FiberId } from '../../data/reasons.js'
import type { Scheduler } from '../../runtime/scheduler.js'
import { IndexedPool } from './indexed-pool.js'
import type { RunFiber } from './run-fiber.js'

/** How many ended fibers keep their record. Later ones are left to the garbage collector. */
const remembered = 10_000

export class ControlledScheduler implements Scheduler {
  /** The fibers that may run next. */
  readonly ready: IndexedPool<RunFiber> = new IndexedPool()
  /** The fibers that let all others run first. */
  readonly later: IndexedPool<RunFiber> = new IndexedPool()
  /** Every fiber of the run that has not ended, and many that have. */
  readonly cast: Map<FiberId, RunFiber> = new Map()
  /** How many fibers have not ended. */
  alive = 0
  private made = 0

  /** `onReady` is called with each fiber that becomes ready, and whether it is new. */
  constructor(private readonly onReady: (actor: RunFiber, isNew: boolean) => void) {}

  schedule(fiber: Fiber<unknown, unknown>, run: () => void): void {
    this.admit(fiber, run, this.ready)
  }

  scheduleLater(fiber: Fiber<unknown, unknown>, run: () => void): void {
    this.admit(fiber, run, this.later)
  }

  /** Moves the fibers that let all others run first to the ready ones. */
  promote(): void {
    while (this.later.size > 0) {
      const actor = this.later.at(0)
      this.later.remove(actor)
      actor.isLater = false
      this.ready.add(actor)
    }
  }

  /** Runs one turn of a ready fiber. */
  run(actor: RunFiber): void {
    const { run } = actor
    this.ready.remove(actor)
    actor.run = undefined
    run?.()
  }

  /** Marks a fiber as ended. */
  forget(actor: RunFiber): void {
    actor.isDone = true
    this.alive--
    if (actor.number > remembered) this.cast.delete(actor.fiber.id)
  }

  private admit(fiber: Fiber<unknown, unknown>, run: () => void, pool: IndexedPool<RunFiber>): void {
    let actor = this.cast.get(fiber.id)
    const isNew = actor === undefined
    if (actor === undefined) {
      actor = { fiber, number: ++this.made, place: -1, run, isLater: false, isDone: false, isPassedBy: false }
      this.alive++
      this.cast.set(fiber.id, actor)
    } else actor.run = run
    actor.isLater = pool === this.later
    pool.add(actor)
    this.onReady(actor, isNew)
  }
}
