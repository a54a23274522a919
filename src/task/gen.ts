/**
 * Tasks in the imperative style: `yield*` a Task and get its value.
 *
 * A typed failure is thrown into the generator as the error that it is, so that `try` and `catch` do with it
 * what they do with every error. An interruption, and the defect of a Task, unwind the generator
 * (task/unwinding).
 */

import { refuseFunction } from '../core/construct.js'
import { answer, type ErrorOf, make, Node, Op, type Task } from '../core/node.js'
import { delegated, resumed, takingYielded } from '../core/yieldable.js'
import { describeValue, expected } from '../data/check-input.js'
import { disown } from '../data/promises.js'
import * as Reasons from '../data/reasons.js'
import { type Continuation, passingThrough, type StartOp } from '../runtime/continuation.js'
import {
  causeOf,
  dieNode,
  failCauseNode,
  firstError,
  isTyped,
  nothing,
  reportOthers
} from '../runtime/failure-nodes.js'
import { type FiberState, Flag } from '../runtime/fiber-state.js'
import { countStep, type Frames, push, slice } from '../runtime/frames.js'
import { beginCleaningUp, giveBack } from '../runtime/interruption.js'
import { Caught, failureOf } from './caught.js'
import { leaveRegion } from './interruptibility.js'
import { type Instance, prototype, Unwinding } from './unwinding.js'

/**
 * The `next` of every generator. Looked up in the generator itself it would be found anew each time: each
 * function that makes generators gives them a shape of their own.
 */
const nextOf = (inherited: Instance): Instance['next'] => inherited.next

const next: Instance['next'] = /* @__PURE__ */ nextOf(prototype)

/** What a compiler to an older language made of a generator, as one of the host's. */
function* asNative(instance: Instance): Instance {
  return yield* { [Symbol.iterator]: () => instance }
}

const enterGen: StartOp = /* @__PURE__ */ takingYielded((_fiber, node, frames, depth) => {
  // Like a generator whose `yield` has just given undefined, which the first `next` ignores.
  push(frames, depth, checkGenerator((node.b as () => unknown)()), leaveBareYield)
  return nothing
})

/** It waits at a `yield*` of a Task. */
const leaveYield: Continuation = /* @__PURE__ */ passingThrough(
  (fiber, frames, depth, generator, failure, value) => {
    if (failure !== undefined)
      return failedGen(fiber, frames, depth, generator as Instance, failure, undefined)
    answer.value = value
    return took(frames, depth, generator as Instance, next.call(generator as Instance, resumed))
  },
  'failures'
)

/** It waits at a `yield` of a Task, or has not begun. */
const leaveBareYield: Continuation = /* @__PURE__ */ passingThrough(
  (fiber, frames, depth, generator, failure, value) =>
    failure === undefined
      ? took(frames, depth, generator as Instance, next.call(generator as Instance, value))
      : failedGen(fiber, frames, depth, generator as Instance, failure, undefined),
  'failures'
)

/** It waits at a `yield*` or a `yield`, and has caught a typed failure before. */
const leaveAfterCatch: Continuation = /* @__PURE__ */ passingThrough(
  (fiber, frames, depth, kept, failure, value) => {
    const caught = kept as Caught
    const { generator } = caught
    if (failure !== undefined) return failedGen(fiber, frames, depth, generator, failure, caught)
    try {
      answer.value = value
      const task = took(frames, depth, generator, next.call(generator, caught.isBare ? value : resumed))
      keepGen(frames, depth, caught)
      return task
    } catch (thrown) {
      return failureOf(thrown, caught)
    }
  },
  'failures'
)

/** A step of the generator, whose frame stays in its place for as long as it goes on. */
function took(
  frames: Frames,
  depth: number,
  generator: Instance,
  first: IteratorResult<unknown, unknown>
): Node {
  let step: unknown = first
  for (;;) {
    // What is there already is handed on here and now.
    while (step instanceof Node && step.taskOp === Op.Succeed && slice.budget > 0) {
      slice.budget--
      answer.value = step.a
      step = next.call(generator, resumed)
    }
    if (step instanceof Node) {
      frames[depth + 1] = leaveYield
      slice.depth = depth + 2
      return countStep(step)
    }
    const task = delegated(step)
    if (task === undefined) break
    step = task
  }
  const { done, value } = step as IteratorResult<unknown, unknown>
  if (done === true) return new Node(Op.Succeed, value, undefined, undefined)
  frames[depth + 1] = leaveBareYield
  slice.depth = depth + 2
  return countStep(taskOrDefect(value))
}

/** What is no Task dies at the `yield` of its generator, which is unwound as by the defect of a Task. */
const taskOrDefect = (value: unknown): Node =>
  value instanceof Node ? value : dieNode(expected('Task.gen from `yield*`', 'a Task', value))

/** The Task at which the generator waits has failed. */
function failedGen(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  generator: Instance,
  failure: Node,
  before: Caught | undefined
): Node | undefined {
  const isPlain = failure.taskOp === Op.Fail
  if (!isPlain && !isTyped(fiber, causeOf(failure))) {
    const unwinding = new Unwinding(generator, fiber.flags, causeOf(failure), before)
    beginCleaningUp(fiber)
    return unwound(fiber, frames, depth, unwinding, unwinding.begin())
  }
  const error = firstError(failure)
  let task: Node
  try {
    task = took(frames, depth, generator, generator.throw(error))
  } catch (thrown) {
    // Nothing has caught it, or what did has thrown it on.
    if (Object.is(thrown, error)) return failure
    task = failureOf(thrown, before)
  }
  // It is handled: what is left of it is the first of its reasons.
  if (!isPlain) reportOthers(fiber, causeOf(failure))
  if (slice.depth > depth) {
    const caught = before ?? new Caught(generator)
    caught.add(error, isPlain ? failure : firstOf(failure))
    keepGen(frames, depth, caught)
  }
  return task
}

/** The failure without its other reasons. */
const firstOf = (failure: Node): Node => {
  const cause = causeOf(failure)
  return cause.reasons.length === 1 ? failure : failCauseNode(Reasons.apart(cause)[0] ?? cause)
}

/** Where the generator goes on, its continuation keeps `caught`. */
function keepGen(frames: Frames, depth: number, caught: Caught): void {
  if (slice.depth === depth) return
  caught.isBare = frames[depth + 1] === leaveBareYield
  frames[depth] = caught
  frames[depth + 1] = leaveAfterCatch
}

/** It runs a Task of a `finally` block. */
const leaveUnwinding: Continuation = (fiber, frames, depth, kept, failure, value) =>
  unwound(fiber, frames, depth, kept as Unwinding, (kept as Unwinding).goOn(failure, value))

/** Continues with `task` of a `finally` block; if there is none, the generator has ended. */
function unwound(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  unwinding: Unwinding,
  task: Node | undefined
): Node | undefined {
  if (task === undefined) {
    giveBack(fiber, unwinding.flags, Flag.Saved)
    return leaveRegion(fiber, failCauseNode(unwinding.cause), frames, depth)
  }
  push(frames, depth, unwinding, leaveUnwinding)
  return countStep(task)
}

/** What `Task.gen` was given must make generators. */
function checkGenerator(value: unknown): Instance {
  if (
    typeof value === 'object' &&
    value !== null &&
    !(Symbol.asyncIterator in value) &&
    typeof (value as Partial<Instance>).next === 'function' &&
    typeof (value as Partial<Instance>).throw === 'function'
  ) {
    return (value as Instance).next === next ? (value as Instance) : asNative(value as Instance)
  }
  disown(value)
  throw new TypeError(
    `Task.gen: expected a generator function (function* () { ... }), got one that returns ${describeValue(value)}`
  )
}

/**
 * Runs the Tasks that `body` yields, one after the other, each time with a fresh generator, and succeeds with
 * what `body` returns. Fails with the errors of all of them.
 *
 * A typed failure is thrown at its `yield*` as the error itself, and `catch` handles it as it would in any
 * function; the Task keeps the error in its type. An error that is not caught, or is thrown on as it is, ends
 * the Task with its original cause. Any other throw is a defect.
 *
 * An interruption, and the defect of a yielded Task, enter no `catch` block: `finally` blocks run,
 * uninterruptibly, with every `yield*` in them, and nothing after them does. A `finally` that is reached
 * otherwise (by success, `return` or a typed failure) is code like any other: an interruption skips the rest
 * of it. If it waits, write `yield* Task.uninterruptible(cleanup)` there, or use `ensuring` or `bracket`.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const read = (name: string) => (name === 'a' ? Task.succeed(1) : Task.fail(`no ${name}`))
 * const sum = Task.gen(function* () {
 *   const a = yield* read('a')
 *   try {
 *     return a + (yield* read('b'))
 *   } catch (error) {
 *     console.log(error) // => no b
 *     return a
 *   }
 * })
 * console.log(await runTask(sum)) // => { _tag: 'Right', right: 1 }
 * ```
 */
export const gen = <Y extends Task<any, any>, A>(body: () => Generator<Y, A, any>): Task<ErrorOf<Y>, A> =>
  typeof body === 'function' ? make(Op.Enter, enterGen, body) : refuseFunction('gen', body)
