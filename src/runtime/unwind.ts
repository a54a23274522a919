/**
 * What the run loop does when things go wrong, kept out of its sight: which handler answers for which cause, what leaving a region
 * means, how a generator is unwound.
 */
import { left, right, some } from '../data/either.js'
import type { Cause, Fail, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { show } from '../data/show.js'
import { goesOn, Node, Op, resumed, takeYielded } from '../task/task.js'
import { type FiberState, Flag } from './fiber-state.js'
import { type Frames, isLast } from './frames.js'

export const failCauseNode = (cause: Cause<unknown>): Node =>
  new Node(Op.FailCause, cause, undefined, undefined)

export const dieNode = (defect: unknown): Node => failCauseNode(Reasons.die(defect))

/** The cause of a failing node. */
export const causeOf = (failure: Node): Cause<unknown> =>
  failure.op === Op.Fail ? Reasons.fail(failure.a) : (failure.a as Cause<unknown>)

/** `value`, which a user's function gave where it had to give a Task. */
export function taskFrom(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw new TypeError(`${where}: expected a Task, got ${show(value)}`)
}

/** Names for who has to be told that what he composes is no Task. */
const names: { readonly [K in Op]?: string } = {
  [Op.FlatMap]: 'Task.flatMap',
  [Op.Map]: 'Task.map',
  [Op.OrElse]: 'a handler of failures',
  [Op.MapFailure]: 'Task.mapError',
  [Op.CatchCause]: 'Task.catchCause',
  [Op.OnExit]: 'a finalizer',
  [Op.Named]: 'Task.named',
  [Op.Forever]: 'Task.forever',
  [Op.Mask]: 'Task.uninterruptible',
  [Op.Shield]: 'Task.uncancellable',
  [Op.Locally]: 'FiberLocal.locally',
  [Op.Bracket]: 'Task.bracket',
  [Op.Deliver]: 'a clean-up'
}

/** What `node` is about. */
export function selfOf(node: Node): Node {
  if (node.a instanceof Node) return node.a
  throw new TypeError(
    `${names[node.op] ?? 'an operation'}: expected to stand behind a Task, got ${show(node.a)}`
  )
}

/** Gives back the flags of before a clean-up, as its frame saved them. */
export const giveBack = (fiber: FiberState, flags: number): void => {
  fiber.flags = (fiber.flags & ~Flag.Saved) | (flags & Flag.Saved)
}

/**
 * A region has just been left, with `failure` or with success: a pending interruption is delivered as the first thing after it.
 * Where nothing comes after it in the fiber, the interruption came too late. Gives how it goes on.
 */
export function leaveRegion(
  fiber: FiberState,
  failure: Node | undefined,
  frames: Frames,
  depth: number
): Node | undefined {
  if (!fiber.isInterruptionDue) return failure
  if (isLast(frames, depth)) return failure
  markDelivered(fiber)
  if (failure === undefined) return failCauseNode(fiber.interruption())
  const cause = causeOf(failure)
  // It may be the very interruption, seen within the region and passed on.
  if (cause.reasons.some((reason) => isOwn(fiber, reason))) return failure
  const rest = cause.reasons.filter((reason) => !isFail(reason))
  if (rest.length === cause.reasons.length) return failCauseNode(Reasons.combine(cause, fiber.interruption()))
  // Handlers of typed failures are passed from here on, and their types say that none comes through: the interruption carries it.
  const interruption = fiber.interruption(some(left(cause)))
  const [first, ...others] = [...rest, ...interruption.reasons]
  return failCauseNode(
    first === undefined ? interruption : { reasons: [first, ...others], trace: cause.trace }
  )
}

const isOwn = (fiber: FiberState, reason: Reason<unknown>): boolean =>
  reason._tag === 'Interrupt' && (reason.by._tag === 'Some' ? reason.by.value : 0) === fiber.interruptedBy

/** The fiber fails with its own interruption from here on. */
export function markDelivered(fiber: FiberState): void {
  fiber.flags |= Flag.Delivered
  fiber.controller?.abort()
}

/** An uncancellable region has ended: the interruption that came meanwhile wins over what it gave, or is forgotten. */
export function unshield(
  fiber: FiberState,
  isRaising: boolean,
  before: number,
  failure: Node | undefined,
  value: unknown
): Node | undefined {
  fiber.flags = (fiber.flags & ~Flag.Region) | (before & Flag.Region)
  if (!isRaising) {
    // One that was pending in a region around it belongs to that region.
    const isOwed = (before & Flag.Requested) !== 0 && (before & (Flag.Region | Flag.CleaningUp)) !== 0
    if (!isOwed) fiber.flags &= ~Flag.Requested
    return failure
  }
  if (!fiber.isInterruptionDue) return failure
  markDelivered(fiber)
  const result = failure === undefined ? right(value) : left(causeOf(failure))
  return failCauseNode(fiber.interruption(some(result)))
}

const isFail = (reason: Reason<unknown>): reason is Fail<unknown> => reason._tag === 'Fail'

/**
 * Whether a handler of typed failures answers for `failure`: only where every reason is one. Of several the first is handled, and
 * the reporter hears of the others, since no type tells of them any more.
 */
export function isHandled(fiber: FiberState, failure: Node): boolean {
  if (failure.op === Op.Fail) return true
  const cause = causeOf(failure)
  if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered || !Reasons.isFailureOnly(cause))
    return false
  const [, first, ...others] = cause.reasons
  if (first !== undefined) fiber.runtime.report({ reasons: [first, ...others], trace: cause.trace }, fiber)
  return true
}

/** The error that a handler answers for, where one does. */
export const firstError = (failure: Node): unknown =>
  failure.op === Op.Fail ? failure.a : causeOf(failure).reasons.find(isFail)?.error

/** What `f` throws takes the place of that one failure; its neighbours stay. */
function mapped(error: unknown, f: (error: unknown) => Node): ReadonlyArray<Reason<unknown>> {
  try {
    return causeOf(f(error)).reasons
  } catch (thrown) {
    return Reasons.die(thrown).reasons
  }
}

/** Each typed failure replaced by the reasons of the failing node that `f` makes of it. */
export function mapFailures(failure: Node, f: (error: unknown) => Node): Node {
  if (failure.op === Op.Fail) return f(failure.a)
  const cause = causeOf(failure)
  const [first, ...others] = cause.reasons.flatMap((reason) =>
    isFail(reason) ? mapped(reason.error, f) : [reason]
  )
  return first === undefined ? failure : failCauseNode({ reasons: [first, ...others], trace: cause.trace })
}

type Instance = Generator<unknown, unknown, unknown>

/** What is thrown into a generator to unwind it. Opaque to `catch` blocks, which it passes, and who prints it learns why. */
export class Unwinding {
  /** Whether the generator waits at a bare `yield`. */
  bare = false

  constructor(
    readonly generator: Instance,
    /** What the generator failed with, and then what its clean-up added. */
    public cause: Cause<unknown>
  ) {}

  toString(): string {
    return 'a Task that failed or was interrupted passes through Task.gen; `catch` cannot stop it, Task.orElse and its kin can'
  }
}

/** The task of a `finally` block to run, masked; or undefined where the generator has ended. */
export function beginUnwinding(fiber: FiberState, unwinding: Unwinding): Node | undefined {
  fiber.beginCleaningUp()
  return unwindStep(unwinding, () => unwinding.generator.throw(unwinding))
}

/** The same, once a task of a `finally` block has ended. */
export function goOnUnwinding(
  unwinding: Unwinding,
  failure: Node | undefined,
  value: unknown
): Node | undefined {
  const { generator } = unwinding
  if (failure !== undefined) {
    unwinding.cause = Reasons.combine(unwinding.cause, causeOf(failure))
    return unwindStep(unwinding, () => generator.throw(unwinding))
  }
  return unwindStep(unwinding, () => {
    resumed.value = value
    return generator.next(unwinding.bare ? value : resumed)
  })
}

function unwindStep(unwinding: Unwinding, first: () => IteratorResult<unknown, unknown>): Node | undefined {
  let step = first
  for (;;) {
    try {
      const result = step()
      if (result.done === true) return undefined
      unwinding.bare = result !== goesOn
      const task: unknown = unwinding.bare ? result.value : takeYielded()
      if (task instanceof Node) return task
      const wrong = new TypeError(`Task.gen in a \`finally\`: expected a Task, got ${show(result.value)}`)
      unwinding.cause = Reasons.combine(unwinding.cause, Reasons.die(wrong))
      step = () => unwinding.generator.throw(unwinding)
    } catch (thrown) {
      if (thrown !== unwinding) unwinding.cause = Reasons.combine(unwinding.cause, Reasons.die(thrown))
      return undefined
    }
  }
}

/** What `Task.gen` was given must make generators. */
export function checkGenerator(value: unknown): Instance {
  if (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Instance>).next === 'function' &&
    typeof (value as Partial<Instance>).throw === 'function'
  ) {
    return value as Instance
  }
  throw new TypeError(
    `Task.gen: expected a generator function (function* () { ... }), got one that returns ${show(value)}`
  )
}
