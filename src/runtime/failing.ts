/**
 * What the run loop does when things go wrong, kept out of its sight: which handler answers for which cause, what an interruption
 * turns into, and words for who gave no Task where one had to stand.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { show } from '../data/show.js'
import { Node, Op } from '../task/task.js'
import { type FiberState, Flag } from './fiber-state.js'
import type { Frames } from './frames.js'
import { isHandedOn } from './steps.js'
import type { Stopped } from './wait.js'

export const failCauseNode = (cause: Cause<unknown>): Node =>
  new Node(Op.FailCause, cause, undefined, undefined)

export const dieNode = (defect: unknown): Node => failCauseNode(Reasons.die(defect))

/** Gives nothing, and is no operation that counts: where something has come to its end, or only waits for its turn. */
export const nothing: Node = /* @__PURE__ */ new Node(Op.Succeed, undefined, undefined, undefined)

/** The interruption that is due takes effect. */
export const deliver: Node = /* @__PURE__ */ new Node(Op.Deliver, undefined, false, undefined)

/** The cause of a failing node. */
export const causeOf = (failure: Node): Cause<unknown> =>
  failure.taskOp === Op.Fail ? Reasons.fail(failure.a) : (failure.a as Cause<unknown>)

/** `value`, which a user's function gave where it had to give a Task. */
export function taskFrom(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw new TypeError(`${where}: expected a Task, got ${show(value)}`)
}

/** What `value`, behind which an operation stands, is about. */
export function selfOf(value: unknown, where: string): Node {
  if (value instanceof Node) return value
  throw new TypeError(`${where}: expected to stand behind a Task, got ${show(value)}`)
}

const names: { readonly [K in Op]?: string } = {
  [Op.Named]: 'named',
  [Op.Suspend]: 'suspend',
  [Op.FlatMap]: 'flatMap',
  [Op.Map]: 'map',
  [Op.OrElse]: 'orElse or its kin',
  [Op.CatchCause]: 'catchCause or its kin'
}

/** `value` is no Task. It came from the operation `from`, or where that is -1 it is what the frame on top stands behind. */
export function wrongTask(value: unknown, from: number, frames: Frames, depth: number): TypeError {
  const name = (op: unknown): string => `Task.${names[op as Op] ?? 'suspend'}`
  return from < 0
    ? new TypeError(`${name(frames[depth - 1])}: expected to stand behind a Task, got ${show(value)}`)
    : new TypeError(`${name(from)}: expected a Task, got ${show(value)}`)
}

/**
 * Whether a handler of typed failures answers for `failure`: only where every reason is one. Of several the first is handled, and
 * the reporter hears of the others, since no type tells of them any more.
 */
export function isHandled(fiber: FiberState, failure: Node): boolean {
  if (failure.taskOp === Op.Fail) return true
  const cause = causeOf(failure)
  if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered || !Reasons.isFailureOnly(cause))
    return false
  const unseen = Reasons.combineAll(Reasons.apart(cause).slice(1))
  if (unseen !== undefined) fiber.runtime.report(unseen, fiber)
  return true
}

/** Gives back the flags of before a clean-up. */
export const giveBack = (fiber: FiberState, flags: number): void => {
  fiber.flags = (fiber.flags & ~Flag.Saved) | (flags & Flag.Saved)
}

/** What its frame keeps of a clean-up that comes before an interruption. */
interface Delivery {
  readonly flags: number
  /** Whether the value of the clean-up is a `Stopped`. */
  readonly carries: boolean
}

/** The clean-up of an interrupted wait begins, out of reach of interruption. */
export function beginDelivery(fiber: FiberState, node: Node): Delivery {
  const delivery: Delivery = { flags: fiber.flags, carries: node.b === true }
  fiber.abort()
  fiber.flags |= Flag.Masked | Flag.CleaningUp
  fiber.renewSignal()
  return delivery
}

/** Results that interruptions carry, with the fiber that was interrupted and that would itself have ended with them. */
const wholes: WeakMap<Exit<unknown, unknown>, FiberState> = /* @__PURE__ */ new WeakMap()

/** Results with which more would have been done in the fiber that gave them. */
const parts: WeakSet<Exit<unknown, unknown>> = /* @__PURE__ */ new WeakSet()

/** The fiber's own interruption will carry `result`, which it had still been given when `depth` places of `frames` were to come. */
export function noteCarried(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): void {
  const kind = result._tag === 'Right' ? 'values' : 'failures'
  if (!parts.has(result) && isHandedOn(kind, frames, depth)) wholes.set(result, fiber)
  else parts.add(result)
}

/** The fiber's own interruption, with what it had still been given when `depth` places of `frames` were to come. */
export function carrying(
  fiber: FiberState,
  result: Exit<unknown, unknown>,
  frames: Frames,
  depth: number
): Cause<never> {
  noteCarried(fiber, result, frames, depth)
  return fiber.interruption(some(result))
}

/** Whether `fiber`, which ended with an interruption that carries `result`, would itself have ended with that. */
export const isWhole = (fiber: FiberState, result: Exit<unknown, unknown>): boolean =>
  wholes.get(result) === fiber && !parts.has(result)

/**
 * What `fiber`, which ended as `exit` says, gave: that, or where it is nothing but an interruption what this carries. What it carries
 * for another fiber, whose interruption it has only seen, is no result of this one, and goes on as a part.
 */
export function givenBy(fiber: FiberState, exit: Exit<unknown, unknown>): Option<Exit<unknown, unknown>> {
  const given = Reasons.carriedResult(exit)
  if (given._tag === 'None' || given.value === exit || isWhole(fiber, given.value)) return given
  const part = { ...given.value }
  parts.add(part)
  return some(part)
}

/** The clean-up has ended: now the interruption goes on, with what it carries and with what went wrong meanwhile. */
export function endDelivery(
  fiber: FiberState,
  kept: unknown,
  failure: Node | undefined,
  value: unknown,
  frames: Frames,
  depth: number
): Node {
  const { flags, carries } = kept as Delivery
  giveBack(fiber, flags)
  fiber.flags |= Flag.Delivered
  const stopped = failure === undefined && carries ? (value as Stopped) : undefined
  const carried = stopped?.carried ?? none
  const interruption =
    carried._tag === 'None' ? fiber.interruption() : carrying(fiber, carried.value, frames, depth)
  const trouble = failure === undefined ? stopped?.troubles : causeOf(failure)
  return failCauseNode(trouble === undefined ? interruption : Reasons.combine(interruption, trouble))
}
