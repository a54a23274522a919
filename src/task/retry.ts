/** Runs a task again after a typed failure. */
import { die, fail } from '../core/construct.js'
import { make, Op, type Task } from '../core/node.js'
import { withFiber } from './current-fiber.js'
import { ofErrorsKept } from './handlers.js'
import { checkAgain, startAsking } from './run-schedule.js'
import type { Schedule } from './schedule.js'

const retrying = /* @__PURE__ */ ofErrorsKept('retry')

/**
 * Runs `self` again after each typed failure, as `schedule`
 * says. When the schedule ends, fails with the last error.
 */
export const retry =
  <E>(schedule: Schedule<E>) =>
  <A, E1 extends E>(self: Task<E, A> & Task<E1, A>): Task<E1, A> => {
    const wrong = checkAgain('Task.retry', schedule, self)
    if (wrong !== undefined) return die(wrong)
    return withFiber((fiber) => {
      const ask = startAsking(schedule, fiber)
      const next = (error: E1): Task<E1, A> => ask(error, attempt, () => fail(error))
      const attempt: Task<E1, A> = make(Op.Handle, self, next, retrying)
      return attempt
    })
  }
