/** The edge for what is done at once: a Task run within the call. */
import type { Either } from 'fp-ts/lib/Either.js'
import { left } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import type { Task } from '../task/task.js'
import { checkTask, failureOf, Root, rejectionOf, start } from './edge.js'
import type { FiberState, RuntimeServices } from './fiber-state.js'
import { Ring } from './ring.js'
import { withinTurn } from './run-loop.js'
import { hostServices } from './services.js'
import { giveTurn } from './turn.js'

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
  const turns = new Ring<FiberState>()
  let isOver = false
  const ready = (fiber: FiberState): void => (isOver ? own.ready(fiber) : turns.push(fiber))
  const services: RuntimeServices = {
    ...own,
    ready,
    readyLater: (fiber) => (isOver ? own.readyLater(fiber) : turns.push(fiber))
  }
  const root = new AtOnce()
  const fiber = start(services, task, undefined, root)
  const runUntilDone = (): void =>
    withinTurn(() => {
      while (root.exit === undefined && turns.size > 0) giveTurn(turns.shift())
    })
  /** What is left behind goes on where everybody else does. */
  const leaveRest = (): void => {
    isOver = true
    while (turns.size > 0) own.ready(turns.shift())
  }
  runUntilDone()
  if (root.exit === undefined) {
    const { waiting } = fiber
    const on = waiting === undefined ? '' : `: it waits for ${waiting.on}`
    root.isGivenUp = true
    fiber.requestInterruption(0)
    runUntilDone()
    leaveRest()
    throw new Error(`runSync: the task is not done at once${on}; run it by runTask`)
  }
  leaveRest()
  const { exit } = root
  if (exit._tag === 'Right') return exit as Either<E, A>
  const failure = failureOf(exit.left, fiber)
  if (failure === undefined) throw rejectionOf(exit.left)
  return left(failure.error as E)
}

/** Runs it within the call. Throws if it is not done at once (it is interrupted then), at a defect and at an interruption. */
export const runSync = <E, A>(task: Task<E, A>): Either<E, A> => runSyncOn(hostServices, task)
