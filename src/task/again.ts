/** One task run again: for ever, or by a schedule. */

import { die, fail, succeed } from '../core/construct.js'
import { isTask, keepsErrors, make, type Node, Op, type Task } from '../core/node.js'
import { expected } from '../data/show.js'
import { selfOf } from '../runtime/failing.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { push } from '../runtime/frames.js'
import type { Enter, Leave } from '../runtime/steps.js'
import { withFiber } from './fiber.js'
import { begin, checkSchedule, type Schedule } from './schedule.js'
import { sleep } from './sleep.js'

const enterForever: Enter = (_fiber, node, frames, depth) => {
  push(frames, depth, node, leaveForever)
  return selfOf(node.b, 'Task.forever')
}

/** Itself again, and not what it repeats: that may be no operation that counts. */
const leaveForever: Leave = (_fiber, _frames, _depth, node, failure) => failure ?? (node as Node)

/** Runs it again and again, until it fails or is interrupted. Constant memory. */
export const forever = <E, A>(self: Task<E, A>): Task<E, never> => make(Op.Enter, enterForever, self)

/**
 * Runs a task again, as `schedule` says. The function that it gives is asked after each run: `again` is the task that runs it once
 * more, `end` what is done where there is no further run. A limit of time (`Schedule.upTo`) is checked before the pause and, since the
 * host may be late, after it.
 */
function startAsking<I>(schedule: Schedule<I>, fiber: FiberState) {
  const decide = begin(schedule)
  const { runtime } = fiber
  const began = runtime.now()
  const elapsed = (): number => runtime.now() - began
  const random = (): number => runtime.random()
  return <E, A>(input: I, again: Task<E, A>, end: () => Task<E, A>): Task<E, A> => {
    const moment = { elapsed: elapsed(), random }
    const next = decide(input, moment)
    if (next === undefined || moment.elapsed + next.pause > next.latest) return end()
    if (next.pause === 0) return again
    return make(Op.FlatMap, sleep(next.pause), () => (elapsed() > next.latest ? end() : again))
  }
}

/** Undefined where these are a Schedule and a Task, else the error that says which is none. */
const checkAgain = (where: string, schedule: unknown, self: unknown): TypeError | undefined =>
  checkSchedule(where, schedule) ??
  (isTask(self) ? undefined : expected(where, 'to stand behind a Task', self))

/** Runs it again after a typed failure, as `schedule` says; when that gives up, fails with the last error. */
export const retry =
  <E>(schedule: Schedule<E>) =>
  <A, E1 extends E>(self: Task<E, A> & Task<E1, A>): Task<E1, A> => {
    const wrong = checkAgain('Task.retry', schedule, self)
    if (wrong !== undefined) return die(wrong)
    return withFiber((fiber) => {
      const ask = startAsking(schedule, fiber)
      const next = (error: E1): Task<E1, A> => ask(error, attempt, () => fail(error))
      const attempt: Task<E1, A> = make(Op.OrElse, self, next, keepsErrors)
      return attempt
    })
  }

/** Runs it again after each success, as `schedule` says, and gives the last value. The first failure ends it. */
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
