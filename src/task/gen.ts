/**
 * Tasks in imperative style: `yield*` runs a Task and evaluates to its value.
 *
 * A typed failure is thrown into the generator as the error itself, so that `try` and `catch` handle it
 * like any other error. An interruption, and the defect of a Task, unwind the generator (task/unwinding).
 */

import { refuseFunction } from '../core/construct.js'
import {
  answer,
  type ErrorOf,
  type FailedNode,
  type Frames,
  make,
  Node,
  Op,
  type RunWithin,
  type Task
} from '../core/node.js'
import { slice } from '../core/slice.js'
import { begun, delegated, installIterator, resumed } from '../core/yieldable.js'
import { describeValue, expected } from '../data/check-input.js'
import { disown } from '../data/promises.js'
import * as Reasons from '../data/reasons.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
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
import { countStep, push } from '../runtime/frames.js'
import { beginCleaningUp, giveBack } from '../runtime/interruption.js'
import { Caught, failureOf } from './caught.js'
import { leaveRegion } from './interruptibility.js'
import { generatorFunction, type Instance, prototype, Unwinding } from './unwinding.js'

/**
 * Returns the `next` that all generators inherit. A lookup in the generator itself would be
 * slow each time, because each generator function gives its generators a shape of their own.
 */
const nextOf = (inherited: Instance): Instance['next'] => inherited.next

const next: Instance['next'] = /* @__PURE__ */ nextOf(prototype)

/**
 * Wraps the object into which a compiler to an older language
 * version has turned a generator in a native generator.
 */
function* asNative(instance: Instance): Instance {
  return yield* { [Symbol.iterator]: () => instance }
}

/**
 * Runs `generator` until it suspends or ends. Meanwhile a `yield*` of its fiber may run operations at once.
 */
function resume(fiber: FiberState, generator: Instance, value: unknown): IteratorResult<unknown, unknown> {
  slice.generatorOf = fiber
  try {
    return next.call(generator, value)
  } finally {
    slice.generatorOf = undefined
  }
}

interface UserGenerator {
  body(...args: ReadonlyArray<unknown>): unknown
}

/** A generator function of the user, with any parameters: `enterGenerator` passes those of its call. */
export type GeneratorBody = UserGenerator['body']

/**
 * Calls `body`, and returns its generator. A generator function always returns a generator, of which nothing is
 * read: each generator function gives its generators a shape of their own, in which a lookup is slow.
 */
function generatorOf(where: string, body: GeneratorBody, args: ReadonlyArray<unknown>): Instance {
  const isGenerator = Object.getPrototypeOf(body) === generatorFunction
  const made = args === noArguments ? body() : body(...args)
  return isGenerator ? (made as Instance) : checkGenerator(where, made)
}

/** Starts the generator that `body` returns, with a frame of its own. */
export function enterGenerator(
  where: string,
  body: GeneratorBody,
  args: ReadonlyArray<unknown>,
  frames: Frames,
  depth: number
): Node {
  // Behaves like a generator whose `yield` has just evaluated to undefined, which the first `next` ignores.
  push(frames, depth, generatorOf(where, body, args), leaveBareYield)
  return nothing
}

/** How many generators may run within the `yield*` of each other: each takes some of the host's stack. */
const mostWithin = 32
let nestedGenerators = 0

/**
 * Runs the generator that `body` returns within the `yield*` of another generator, until it suspends or
 * ends: if it ends, it needs no frame, and the other one does not suspend.
 */
export function runWithin(
  node: Node,
  where: string,
  name: string | undefined,
  body: GeneratorBody,
  args: ReadonlyArray<unknown>
): unknown {
  if (nestedGenerators === mostWithin) return node
  slice.budget--
  nestedGenerators++
  try {
    const generator = generatorOf(where, body, args)
    const step = next.call(generator, undefined)
    if (step.done === true) {
      answer.value = step.value
      return answer
    }
    const { begun: rest } = slice
    return begun(new Node(Op.Region, enterSuspended, generator, { step, rest, name }))
  } catch (thrown) {
    const died = dieNode(thrown)
    return begun(name === undefined ? died : new Node(Op.Named, died, name, undefined))
  } finally {
    nestedGenerators--
  }
}

/** A generator that has run within another one and has suspended. */
interface Suspended {
  readonly step: IteratorResult<unknown, unknown>
  /** What the step has begun, if anything. */
  readonly rest: Node | undefined
  readonly name: string | undefined
}

/** Gives a generator that has run within another one its frame. */
const enterSuspended: StartOp<Instance, Suspended> = (
  fiber,
  { b: generator, c: suspended },
  frames,
  depth
) => {
  const { name, step, rest } = suspended
  if (name !== undefined) push(frames, depth, name, Op.Named)
  const own = name === undefined ? depth : depth + 2
  frames[own] = generator
  slice.begun = rest
  return took(fiber, frames, own, step)
}

const noArguments: ReadonlyArray<unknown> = []

const enterGen: StartOp<GeneratorBody> = (_fiber, node, frames, depth) =>
  enterGenerator('Task.gen', node.b, noArguments, frames, depth)

const genWithin: RunWithin = (node) =>
  runWithin(node, 'Task.gen', undefined, node.b as GeneratorBody, noArguments)

/** Runs when the generator waits at a `yield*` of a Task. */
const leaveYield = /* @__PURE__ */ continuation(
  Passes.Failures,
  (fiber, frames, depth, generator: Instance, failure, value) => {
    if (failure !== undefined) return failedGen(fiber, frames, depth, generator, failure, undefined)
    answer.value = value
    return took(fiber, frames, depth, resume(fiber, generator, resumed))
  }
)

/** Runs when the generator waits at a `yield` of a Task, or has not begun. */
const leaveBareYield = /* @__PURE__ */ continuation(
  Passes.Failures,
  (fiber, frames, depth, generator: Instance, failure, value) =>
    failure === undefined
      ? took(fiber, frames, depth, resume(fiber, generator, value))
      : failedGen(fiber, frames, depth, generator, failure, undefined)
)

/** Runs when the generator waits at a `yield*` or a `yield`, and has caught a typed failure before. */
const leaveAfterCatch = /* @__PURE__ */ continuation(
  Passes.Failures,
  (fiber, frames, depth, caught: Caught, failure, value) => {
    const { generator } = caught
    if (failure !== undefined) return failedGen(fiber, frames, depth, generator, failure, caught)
    try {
      answer.value = value
      const step = resume(fiber, generator, caught.isBare ? value : resumed)
      const task = took(fiber, frames, depth, step)
      keepGen(frames, depth, caught)
      return task
    } catch (thrown) {
      return failureOf(thrown, caught)
    }
  }
)

/** Continues after a step of the generator, whose frame stays in its slots until the generator ends. */
function took(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  step: IteratorResult<unknown, unknown>
): Node {
  const { begun } = slice
  slice.begun = undefined
  let task = step instanceof Node ? step : delegated(step)
  if (fiber.waiting !== undefined && task !== begun) task = drivenByHand(fiber)
  if (task !== undefined) {
    frames[depth + 1] = leaveYield
    slice.depth = depth + 2
    return task === begun ? task : countStep(task)
  }
  const { done, value } = step
  if (done === true) return new Node(Op.Succeed, value, undefined, undefined)
  frames[depth + 1] = leaveBareYield
  slice.depth = depth + 2
  return countStep(taskOrDefect(value))
}

/**
 * Takes back a wait that a `yield*` has begun in a generator that is not run by Task.gen, but by code within it.
 */
function drivenByHand(fiber: FiberState): Node {
  const { waiting } = fiber
  fiber.waiting = undefined
  waiting?.cancel()
  return dieNode(
    new Error('Task.gen: a generator within it was driven by `next`; delegate to it by `yield*`')
  )
}

/**
 * Returns `value` if it is a Task. Otherwise returns a defect at the
 * `yield` of the generator, which is unwound as by the defect of a Task.
 */
const taskOrDefect = (value: unknown): Node =>
  value instanceof Node ? value : dieNode(expected('Task.gen from `yield*`', 'a Task', value))

/** Continues when the Task at which the generator waits has failed. */
function failedGen(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  generator: Instance,
  failure: FailedNode,
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
    task = took(fiber, frames, depth, prototype.throw.call(generator, error))
  } catch (thrown) {
    // The generator has not caught the error, or has rethrown it.
    if (Object.is(thrown, error)) return failure
    task = failureOf(thrown, before)
  }
  // The failure is handled, and the handler has received only the first of its reasons.
  if (!isPlain) reportOthers(fiber, causeOf(failure))
  if (slice.depth > depth) {
    const caught = before ?? new Caught(generator)
    caught.add(error, isPlain ? failure : firstOf(failure))
    keepGen(frames, depth, caught)
  }
  return task
}

/** Returns the failure without its other reasons. */
const firstOf = (failure: FailedNode): FailedNode => {
  const cause = causeOf(failure)
  return cause.reasons.length === 1 ? failure : failCauseNode(Reasons.apart(cause)[0] ?? cause)
}

/** If the generator continues, makes its continuation keep `caught`. */
function keepGen(frames: Frames, depth: number, caught: Caught): void {
  if (slice.depth === depth) return
  caught.isBare = frames[depth + 1] === leaveBareYield
  frames[depth] = caught
  frames[depth + 1] = leaveAfterCatch
}

/** Runs when a Task of a `finally` block has ended. */
const leaveUnwinding = /* @__PURE__ */ continuation(
  Passes.Nothing,
  (fiber, frames, depth, unwinding: Unwinding, failure, value) =>
    unwound(fiber, frames, depth, unwinding, unwinding.goOn(failure, value))
)

/**
 * Continues with `task`, which a `finally` block has yielded; if it is undefined, the generator has ended.
 */
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

/** Checks that the function passed to `where` returned a generator. */
function checkGenerator(where: string, value: unknown): Instance {
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
    `${where}: expected a generator function (function* () { ... }), got one that returns ${describeValue(value)}`
  )
}

/**
 * Runs the Tasks that `body` yields, one after the other, and succeeds with the value that
 * `body` returns. Each run uses a fresh generator. Fails with the errors of all these Tasks.
 *
 * A typed failure is thrown at its `yield*` as the error itself, and `catch` handles it as in
 * any function; the error remains in the type of the Task. An error that is not caught, or is
 * rethrown unchanged, ends the Task with its original cause. Any other exception is a defect.
 *
 * An interruption, and the defect of a yielded Task, enter no `catch` block: `finally`
 * blocks run, uninterruptibly, with every `yield*` in them, and no code after them
 * runs. A `finally` block that is reached otherwise (by success, `return` or a typed
 * failure) is ordinary code: an interruption skips the rest of it. If it waits, write
 * `yield* Task.uninterruptible(cleanup)` there, or use `ensuring` or `bracket`.
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
export const gen = <Y extends Task<any, any>, A>(body: () => Generator<Y, A, any>): Task<ErrorOf<Y>, A> => {
  installIterator()
  return typeof body === 'function'
    ? make(Op.Generate, enterGen, body, genWithin)
    : refuseFunction('gen', body)
}
