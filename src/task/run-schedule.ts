/** Runs a task again as a Schedule says: the common part of `retry` and `repeat`. */
import { isTask, make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { begin, checkSchedule, type Schedule } from './schedule.js'
import { sleep } from './sleep.js'

/** Decides after a run whether it is run again, and returns the task with which the fiber continues. */
type RunAgain<I> = <E, A>(input: I, again: Task<E, A>, end: () => Task<E, A>) => Task<E, A>

/**
 * Returns a function that is called after each run of a task and decides as `schedule` says: `again` is
 * the task that runs it once more, and `end` returns the task for the case that there is no further run.
 * A time limit (`Schedule.upTo`) is checked before the pause and, because the host may be late, after it.
 */
export function startAsking<I>(schedule: Schedule<I>, fiber: FiberState): RunAgain<I> {
  const decide = begin(schedule)
  const { runtime } = fiber
  const began = runtime.now()
  const elapsed = (): number => runtime.now() - began
  const random = (): number => runtime.random()
  return (input, again, end) => {
    const moment = { elapsed: elapsed(), random }
    const next = decide(input, moment)
    if (next === undefined || moment.elapsed + next.pause > next.latest) return end()
    if (next.pause === 0) return again
    return make(Op.FlatMap, sleep(next.pause), () => (elapsed() > next.latest ? end() : again))
  }
}

/** Returns undefined if these are a Schedule and a Task, or else the error for the one that is not. */
export const checkAgain = (where: string, schedule: unknown, self: unknown): TypeError | undefined =>
  checkSchedule(where, schedule) ??
  (isTask(self) ? undefined : expected(where, 'to stand behind a Task', self))
