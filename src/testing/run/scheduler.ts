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
  readonly fibersById: Map<FiberId, RunFiber> = new Map()
  /** How many fibers have not ended. */
  alive = 0
  private made = 0

  /** `onReady` is called with each fiber that becomes ready, and whether it is new. */
  constructor(private readonly onReady: (runFiber: RunFiber, isNew: boolean) => void) {}

  schedule(fiber: Fiber<unknown, unknown>, run: () => void): void {
    this.admit(fiber, run, this.ready)
  }

  scheduleLater(fiber: Fiber<unknown, unknown>, run: () => void): void {
    this.admit(fiber, run, this.later)
  }

  /** Moves the fibers that let all others run first to the ready ones. */
  promote(): void {
    while (this.later.size > 0) {
      const runFiber = this.later.at(0)
      this.later.remove(runFiber)
      runFiber.isLater = false
      this.ready.add(runFiber)
    }
  }

  /** Runs one turn of a ready fiber. */
  run(runFiber: RunFiber): void {
    const { run } = runFiber
    this.ready.remove(runFiber)
    runFiber.run = undefined
    run?.()
  }

  /** Marks a fiber as ended. */
  forget(runFiber: RunFiber): void {
    runFiber.isDone = true
    this.alive--
    if (runFiber.number > remembered) this.fibersById.delete(runFiber.fiber.id)
  }

  private admit(fiber: Fiber<unknown, unknown>, run: () => void, pool: IndexedPool<RunFiber>): void {
    let runFiber = this.fibersById.get(fiber.id)
    const isNew = runFiber === undefined
    if (runFiber === undefined) {
      runFiber = {
        fiber,
        number: ++this.made,
        place: -1,
        run,
        isLater: false,
        isDone: false,
        isPassedBy: false
      }
      this.alive++
      this.fibersById.set(fiber.id, runFiber)
    } else runFiber.run = run
    runFiber.isLater = pool === this.later
    pool.add(runFiber)
    this.onReady(runFiber, isNew)
  }
}
