/** The synchronous edge of the program: runs a Task within the call. */
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
 * How many operations may run within the call, apart from those of the task itself; they take about a
 * tenth of a second. Any other fiber might wake a task that waits, so without a bound a fiber that
 * spins would block the process.
 */
const mostOperations = 1_000_000

/** A turn counts as at least this many operations, because that is what it costs. */
const leastPerTurn = 16

class AtOnce extends Root {
  exit: Exit<unknown, unknown> | undefined = undefined
  isGivenUp = false

  protected over(exit: Exit<unknown, unknown>, fiber: FiberState): void {
    this.exit = exit
    // The caller has received an error, so how the fiber ends after that is visible nowhere else.
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
      // The task's own computation is not bounded, as that of a function is not.
      if (!hasUsedUp) rest -= leastPerTurn
      else if (next !== fiber) rest -= usedUp
    }
  }
  /** Moves the remaining fibers to the ready queue of the runtime. */
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
 * Runs `task` within the call and returns an Either of its typed failure or its value. Throws a defect as
 * itself, an interruption as InterruptedError, and an Error if the task cannot end within the call: if it
 * waits and no fiber is ready, or if other fibers have run a million operations and it still has not ended (a
 * turn counts as at least 16, including a turn of the task itself that ends with `Task.yieldNow`; what the
 * task itself computes does not count). The task is then interrupted; a fiber that does not end because of
 * that continues as after `runFork`.
 */
export const runSync = <E, A>(task: Task<E, A>): Either<E, A> => runSyncOn(hostServices, task)
