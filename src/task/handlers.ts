/**
 * The handlers of failures, which the operators of this folder share. What a handler does with the function of
 * its user is data in the node, so an operator whose user passes one function allocates nothing but the node.
 */
import { type FailedNode, Handling, Node, Op, type Task } from '../core/node.js'
import { diagnostics } from '../data/diagnostics.js'
import { causeOf, firstError, isTyped, reportOthers, taskFrom } from '../runtime/failure-nodes.js'
import { type FiberState, Flag } from '../runtime/fiber-state.js'

/** In place of a tag: the type of the handler keeps the errors that it handles. */
const keepsErrors = false

/** Returns the result of a handler as a node. The text for an error is made only where there is one. */
const taskOf = (value: unknown, where: string): Node =>
  value instanceof Node ? value : taskFrom(value, `Task.${where}`)

/**
 * Handles typed failures with `f`, if every reason is a typed failure. Of several reasons the first is handled,
 * and the others go to the reporter.
 *
 * A failure that passes stays whole. But the handler's type says that the errors it handles are gone (all, or
 * only those with `tag`), so typed failures that pass it remain in the cause only as history: no handler of a
 * group is called with them.
 */
function handleErrors(
  fiber: FiberState,
  failure: FailedNode,
  f: (error: unknown) => unknown,
  { tag, where }: Handling
): Node | undefined {
  if (failure.taskOp === Op.FailCause) {
    const cause = failure.a
    if (!isTyped(fiber, cause)) {
      if (tag !== keepsErrors) diagnostics.bound?.pastHandler(cause, tag)
      return undefined
    }
    reportOthers(fiber, cause)
  }
  return taskOf(f(firstError(failure)), where)
}

/** Handles every cause with `f`, except the fiber's own interruption outside of uninterruptible regions. */
function handleCauses(
  fiber: FiberState,
  failure: FailedNode,
  f: (cause: unknown) => unknown,
  { where }: Handling
): Node | undefined {
  if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered) return undefined
  fiber.flags &= ~Flag.Delivered
  return taskOf(f(causeOf(failure)), where)
}

/** A function of the user, or of this folder. Declared as a method, so that one for any type of values fits. */
interface Succeeding {
  onSuccess(value: unknown): Task<unknown, unknown>
}

/** Handles typed failures; their type is gone, or only the part with `tag`. */
export const ofErrors = (where: string, onSuccess?: Succeeding['onSuccess'], tag?: string): Handling =>
  new Handling(handleErrors, where, tag, onSuccess)

/** Handles typed failures; the type of the result keeps them. */
export const ofErrorsKept = (where: string): Handling =>
  new Handling(handleErrors, where, keepsErrors, undefined)

/** Handles causes. */
export const ofCauses = (where: string, onSuccess?: Succeeding['onSuccess']): Handling =>
  new Handling(handleCauses, where, undefined, onSuccess)
