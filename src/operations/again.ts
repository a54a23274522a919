/** One task run again: for ever, or by a schedule. */
import { selfOf } from '../runtime/failing.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { push } from '../runtime/frames.js'
import type { Enter, Leave } from '../runtime/steps.js'
import { fail, succeed } from '../task/construct.js'
import { begin, type Schedule } from '../task/schedule.js'
import { make, type Node, Op, type Task } from '../task/task.js'
import { withFiber } from './fiber.js'
import { sleep } from './sleep.js'

const enterForever: Enter = (_fiber, node, frames, depth) => {
  push(frames, depth, node, leaveForever)
  return selfOf(node.b, 'Task.forever')
}

/** Itself again, and not what it repeats: that may be no operation that counts. */
const leaveForever: Leave = (_fiber, _frames, _depth, node, failure) => failure ?? (node as Node)

/** Runs it again and again, until it fails or is interrupted. Constant memory. */
export const forever = <E, A>(self: Task<E, A>): Task<E, never> => make(Op.Enter, enterForever, self)

/** Asks the schedule about `input`: the pause before the next run, or undefined. */
function startAsking<I>(schedule: Schedule<I>, fiber: FiberState): (input: I) => number | undefined {
  const decide = begin(schedule)
  const began = fiber.runtime.now()
  const random = () => fiber.runtime.random()
  return (input) => decide(input, { elapsed: fiber.runtime.now() - began, random })
}

/** A pause of 0 is none at all. */
const after = <E, A>(pause: number, task: Task<E, A>): Task<E, A> =>
  pause === 0 ? task : make(Op.FlatMap, sleep(pause), () => task)

/** Runs it again after a typed failure, as `schedule` says; when that gives up, fails with the last error. */
export const retry =
  <E>(schedule: Schedule<E>) =>
  <A, E1 extends E>(self: Task<E, A> & Task<E1, A>): Task<E1, A> =>
    withFiber((fiber) => {
      const ask = startAsking(schedule, fiber)
      const attempt: Task<E1, A> = make(Op.OrElse, self, (error: E1) => {
        const pause = ask(error)
        return pause === undefined ? fail(error) : after(pause, attempt)
      })
      return attempt
    })

/** Runs it again after each success, as `schedule` says, and gives the last value. The first failure ends it. */
export const repeat =
  <A>(schedule: Schedule<A>) =>
  <E, A1 extends A>(self: Task<E, A> & Task<E, A1>): Task<E, A1> =>
    withFiber((fiber) => {
      const ask = startAsking(schedule, fiber)
      const attempt: Task<E, A1> = make(Op.FlatMap, self, (value: A1) => {
        const pause = ask(value)
        return pause === undefined ? succeed(value) : after(pause, attempt)
      })
      return attempt
    })
