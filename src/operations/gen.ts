/**
 * Tasks in the imperative style: `yield*` a Task and get its value.
 *
 * A failure or an interruption unwinds the generator: its `finally` blocks run, also with a `yield*` in them, and nothing else
 * after it does. It is thrown into the generator, and not returned: after `return()`, a `next()` that goes on inside a delegated
 * generator's `finally` forgets the return and runs the outer code (seen in Effection, and in plain Node). `catch` blocks see it
 * pass as an opaque value but cannot stop it; to recover is the business of `orElse` and its kin.
 */
import { disown } from '../data/promises.js'
import { show } from '../data/show.js'
import { giveBack } from '../runtime/delivery.js'
import { causeOf, failCauseNode, nothing, taskFrom } from '../runtime/failing.js'
import { type FiberState, Flag } from '../runtime/fiber-state.js'
import { counted, type Frames, push, turn } from '../runtime/frames.js'
import { type Enter, handingOn, type Leave } from '../runtime/steps.js'
import { answer, type ErrorOf, make, Node, Op, type Task } from '../task/task.js'
import { delegated, resumed, takingYielded } from '../task/yielded.js'
import { leaveRegion } from './regions.js'
import { beginUnwinding, goOnUnwinding, type Instance, Unwinding } from './unwinding.js'

/**
 * The `next` of every generator. Looked up in the generator itself it would be found anew each time: each function that makes
 * generators gives them a shape of their own.
 */
function nextOf(maker: () => Generator): Instance['next'] {
  return (Object.getPrototypeOf(maker.prototype) as Instance).next
}

const next: Instance['next'] = /* @__PURE__ */ nextOf(function* () {})

/** What a compiler to an older language made of a generator, as one of the host's. */
function* asNative(instance: Instance): Instance {
  return yield* { [Symbol.iterator]: () => instance }
}

const enterGen: Enter = /* @__PURE__ */ takingYielded((_fiber, node, frames, depth) => {
  // Like a generator whose `yield` has just given undefined, which the first `next` ignores.
  push(frames, depth, checkGenerator((node.b as () => unknown)()), leaveBareYield)
  return nothing
})

/** It waits at a `yield*` of a Task. */
const leaveYield: Leave = /* @__PURE__ */ handingOn((fiber, frames, depth, generator, failure, value) => {
  if (failure !== undefined) return unwind(fiber, frames, depth, generator as Instance, failure)
  answer.value = value
  return took(frames, depth, generator as Instance, next.call(generator as Instance, resumed))
}, 'failures')

/** It waits at a `yield` of a Task, or has not begun. */
const leaveBareYield: Leave = (fiber, frames, depth, generator, failure, value) =>
  failure === undefined
    ? took(frames, depth, generator as Instance, next.call(generator as Instance, value))
    : unwind(fiber, frames, depth, generator as Instance, failure)

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
    while (step instanceof Node && step.taskOp === Op.Succeed && turn.budget > 0) {
      turn.budget--
      answer.value = step.a
      step = next.call(generator, resumed)
    }
    if (step instanceof Node) {
      frames[depth + 1] = leaveYield
      turn.depth = depth + 2
      return counted(step)
    }
    const task = delegated(step)
    if (task === undefined) break
    step = task
  }
  const { done, value } = step as IteratorResult<unknown, unknown>
  if (done === true) return new Node(Op.Succeed, value, undefined, undefined)
  frames[depth + 1] = leaveBareYield
  turn.depth = depth + 2
  return counted(taskFrom(value, 'Task.gen from `yield*`'))
}

function unwind(
  fiber: FiberState,
  frames: Frames,
  depth: number,
  generator: Instance,
  failure: Node
): Node | undefined {
  const unwinding = new Unwinding(generator, fiber.flags, causeOf(failure))
  return unwound(fiber, frames, depth, unwinding, beginUnwinding(fiber, unwinding))
}

/** It runs a task of a `finally` block. */
const leaveUnwinding: Leave = (fiber, frames, depth, kept, failure, value) =>
  unwound(fiber, frames, depth, kept as Unwinding, goOnUnwinding(kept as Unwinding, failure, value))

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
  return task
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
    `Task.gen: expected a generator function (function* () { ... }), got one that returns ${show(value)}`
  )
}

/**
 * Runs the tasks that `body` yields, one after the other, each time with a fresh generator. Fails with the errors of all of them.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const sum = Task.gen(function* () {
 *   const a = yield* Task.succeed(1)
 *   const b = yield* Task.succeed(2)
 *   return a + b
 * })
 * console.log(await runTask(sum)) // => { _tag: 'Right', right: 3 }
 * ```
 */
export const gen = <Y extends Task<any, any>, A>(body: () => Generator<Y, A, any>): Task<ErrorOf<Y>, A> =>
  make(Op.Enter, enterGen, body)
