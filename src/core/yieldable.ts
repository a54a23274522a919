/**
 * Makes Tasks usable with `yield*`. A Task is its own iterator, and is itself the iterator result that means
 * "not done" (it has no `done`). So a step of a generator allocates nothing, and stores nothing into old
 * objects, which the garbage collector would have to track.
 *
 * A `yield*` whose Task has its value at once does not suspend the generator, which costs more than everything
 * else in such a step: the iterator itself runs the operation, and reports that it is done.
 */
import { installMethods } from '../data/late-bound.js'
import { die } from '../data/reasons.js'
import { answer, Node, nodeOf, Op, type RunningFiber } from './node.js'
import { slice } from './slice.js'

/**
 * The argument that the run loop passes to `next` of a generator that waits at a
 * `yield*`; the value is in `answer`.
 */
export const resumed: unique symbol = /* @__PURE__ */ Symbol('resumed')

/** The Task at whose `yield*` a generator waits, on engines that create an iterator result of their own. */
class Delegated {
  constructor(readonly task: Node) {}
}

/** The value that an unwinding fiber passes to `return` of a generator. */
export class Sentinel {
  constructor(
    /**
     * Called by the Task at whose `yield*` the generator waits, right before that returns. From
     * then on, code of the program runs.
     */
    public arrived: () => void
  ) {}
}

/** Continues with a fiber that has begun to wait. */
const parked: Node = /* @__PURE__ */ new Node(Op.Region, () => undefined, undefined, undefined)

/** Makes the generator suspend: the operation has begun, and `node` is the rest of it. */
export const begun = (node: Node): Node => {
  slice.begun = node
  return node
}

/**
 * Runs `node`, at whose `yield*` a generator of `fiber` is, if it may have its value at once. Returns `answer`
 * if it has one, and otherwise the node for which the generator suspends.
 */
function runAtOnce(node: Node, fiber: RunningFiber): unknown {
  if (node.taskOp === Op.Succeed) {
    slice.budget--
    answer.value = node.a
    return answer
  }
  if (node.taskOp === Op.Generate) return node.c(node)
  if (node.taskOp !== Op.Sync && node.taskOp !== Op.Park) return node
  slice.budget--
  // A function of the user may run other generators.
  slice.generatorOf = undefined
  try {
    if (node.taskOp === Op.Sync) answer.value = node.a()
    else {
      const found = node.a(fiber, node.b, node.c)
      if (found === undefined) return begun(parked)
      const next = nodeOf(found)
      if (next.taskOp !== Op.Succeed) {
        // It belongs to this operation, and is not counted.
        if (next.taskOp > Op.Deliver) slice.budget++
        return begun(next)
      }
      answer.value = next.a
    }
    return answer
  } catch (thrown) {
    return begun(new Node(Op.FailCause, die(thrown), undefined, undefined))
  } finally {
    slice.generatorOf = fiber
  }
}

/** Never instantiated: `installIterator` adds its methods to `Node`. */
class Yielded {
  /**
   * JavaScriptCore (Safari, Bun) does not pass an iterator result through unchanged, as the
   * specification requires, but creates a new one from its `value`. A bare `yield` of a Task
   * must be distinguishable from that.
   */
  get value(): Delegated {
    // SAFETY: these are methods of nodes.
    return new Delegated(this as unknown as Node)
  }

  [Symbol.iterator](): this {
    return this
  }

  next(value: unknown): unknown {
    if (value === resumed) return answer
    // `yield*` always passes an argument. A spread or a `for` loop passes none, and would never end.
    // biome-ignore lint/complexity/noArguments: rest parameters would allocate, and undefined is something, too
    if (arguments.length === 0)
      throw new TypeError('a Task is not iterable: take its value by `yield*` in Task.gen')
    const { generatorOf } = slice
    // SAFETY: these are methods of nodes.
    const node = this as unknown as Node
    const mustSuspend = generatorOf === undefined || slice.budget === 0 || slice.begun !== undefined
    return mustSuspend ? node : runAtOnce(node, generatorOf)
  }

  throw(thrown: unknown): never {
    throw thrown
  }

  return(value: unknown): IteratorResult<unknown, unknown> {
    if (value instanceof Sentinel) value.arrived()
    return { done: true, value }
  }
}

/**
 * Returns the Task at whose `yield*` a generator waits, given the last `result` of the generator. Returns
 * undefined if the generator waits at a bare `yield`, or has ended.
 */
export function delegated(result: unknown): Node | undefined {
  if (result instanceof Node) return result
  const { value } = result as IteratorResult<unknown, unknown>
  return value instanceof Delegated ? value.task : undefined
}

/** Installs the iterator protocol of Tasks, which `yield*` uses. */
export function installIterator(): void {
  if (!(Symbol.iterator in Node.prototype)) installMethods(Node, Yielded)
}
