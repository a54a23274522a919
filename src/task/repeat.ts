/** Runs a task again after a success. */
import { die, succeed } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { withFiber } from './current-fiber.js'
import { checkAgain, startAsking } from './run-schedule.js'
import type { Schedule } from './schedule.js'

/**
 * Runs `self` again after each success, as `schedule` says, and
 * succeeds with the last value. Fails with the first failure.
 */
export const repeat =
  <A>(schedule: Schedule<A>) =>
  <E, A1 extends A>(self: Task<E, A> & Task<E, A1>): Task<E, A1> => {
    const wrong = checkAgain('Task.repeat', schedule, self)
    if (wrong !== undefined) return die(wrong)
    return withFiber((fiber) => {
      const ask = startAsking(schedule, fiber)
      const attempt: Task<E, A1> = make(Op.FlatMap, self, (value: A1) =>
        ask(value, attempt, () => succeed(value))
      )
      return attempt
    })
  }
