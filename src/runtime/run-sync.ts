/** The edge for what is done at once: a Task run within the call. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Task } from '../core/node.js'
import { left } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import { checkTask, Root, rejectionOf, startFiber, typedFailureOf } from './edge.js'
import type { FiberState, RuntimeServices } from './fiber-state.js'
import { RingBuffer } from './ring-buffer.js'
import { withinTurn } from './run-loop.js'
import { hostServices } from './services.js'
import { runSlice } from './time-slice.js'

/**
 * How many operations count as done at once, beside what the task itself computes; they take about a tenth of
 * a second. Any other fiber might wake a task that waits, so without a bound a fiber that spins would block
 * the process.
 */
const mostOperations = 1_000_000

/** A turn counts as so many operations at least, for that is what it costs. */
const leastPerTurn = 16

class AtOnce extends Root {
  exit: Exit<unknown, unknown> | undefined = undefined
  isGivenUp = false

  protected over(exit: Exit<unknown, unknown>, fiber: FiberState): void {
    this.exit = exit
    // The caller has been told that it was not done at once; how it ends after that nobody else can see.
    if (this.isGivenUp && exit._tag === 'Left' && Reasons.isWorthTelling(exit.left))
      fiber.runtime.report(exit.left, fiber)
  }
}

export function runSyncOn<E, A>(own: RuntimeServices, task: Task<E, A>): Either<E, A> {
  const wrong = checkTask('runSync', task)
  if (wrong !== undefined) throw wrong
  const turns = new RingBuffer<FiberState>()
  let isOver = false
  const ready = (fiber: FiberState): void => (isOver ? own.ready(fiber) : turns.push(fiber))
  const services: RuntimeServices = {
    ...own,
    ready,
    readyLater: (fiber) => (isOver ? own.readyLater(fiber) : turns.push(fiber))
  }
  const root = new AtOnce()
  const fiber = startFiber(services, task, undefined, root)
  const usedUp = Math.max(leastPerTurn, own.yieldEvery)
  const runUntilDone = (): void => {
    for (let rest = mostOperations; root.exit === undefined && turns.size > 0 && rest > 0; ) {
      const next = turns.shift()
      const hasUsedUp = runSlice(next)
      // The task's own computation has no bound, as a function's has none.
      if (!hasUsedUp) rest -= leastPerTurn
      else if (next !== fiber) rest -= usedUp
    }
  }
  /** What is left behind goes on where everybody else does. */
  const leaveRest = (): void => {
    isOver = true
    while (turns.size > 0) own.ready(turns.shift())
  }
  withinTurn(runUntilDone)
  if (root.exit === undefined) {
    const { waiting } = fiber
    const on = waiting === undefined ? '' : `: it waits for ${waiting.on}`
    const others =
      turns.size === 0 ? '' : ` after ${mostOperations} operations, and other fibers are still running`
    root.isGivenUp = true
    fiber.requestInterruption(0)
    withinTurn(runUntilDone)
    leaveRest()
    throw new Error(`runSync: the task is not done at once${on}${others}; run it by runTask`)
  }
  leaveRest()
  const { exit } = root
  if (exit._tag === 'Right') return exit as Either<E, A>
  const failure = typedFailureOf(exit.left, fiber)
  if (failure === undefined) throw rejectionOf(exit.left)
  return left(failure.error as E)
}

/**
 * Runs it within the call. Throws a defect as itself, an interruption as InterruptedError, and an Error where
 * the task is not done at once: where it waits and no fiber is ready, or where other fibers have run a
 * million operations and it still is not done (a turn counts as 16 at least, also one of its own that ends
 * with `Task.yieldNow`; what the task itself computes does not count). It is then interrupted; a fiber that
 * does not end because of that goes on as after `runFork`.
 */
export const runSync = <E, A>(task: Task<E, A>): Either<E, A> => runSyncOn(hostServices, task)
