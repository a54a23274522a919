/** Runs a task again as a Schedule says: what `retry` and `repeat` have in common. */
import { isTask, make, Op, type Task } from '../core/node.js'
import { expected } from '../data/check-input.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { begin, checkSchedule, type Schedule } from './schedule.js'
import { sleep } from './sleep.js'

/** Decides after a run: it is run again, or that was the last one. */
type RunAgain<I> = <E, A>(input: I, again: Task<E, A>, end: () => Task<E, A>) => Task<E, A>

/**
 * Runs a task again, as `schedule` says. The function that it gives is asked after each run: `again` is the
 * task that runs it once more, `end` what is done where there is no further run. A limit of time
 * (`Schedule.upTo`) is checked before the pause and, since the host may be late, after it.
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

/** The error for an invalid `schedule` or `self`; undefined if they are a Schedule and a Task. */
export const checkAgain = (where: string, schedule: unknown, self: unknown): TypeError | undefined =>
  checkSchedule(where, schedule) ??
  (isTask(self) ? undefined : expected(where, 'to stand behind a Task', self))
