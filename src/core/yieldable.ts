/**
 * The iterator protocol of a Task, for `yield*`. A Task is its own iterator, and also the iterator result
 * that says "not done" (it has no `done`). So a step of a generator allocates nothing and stores nothing into
 * old objects, which would cost a write barrier of the garbage collector.
 */
import { addMethods } from '../data/mixin.js'
import { answer, Node } from './node.js'

/** What the run loop hands to `next` of a generator that waits at a `yield*`, with the value in `answer`. */
export const resumed: unique symbol = /* @__PURE__ */ Symbol('resumed')

/** A Task at whose `yield*` a generator waits, where the engine makes a result of its own. */
class Delegated {
  constructor(readonly task: Node) {}
}

/** What a generator is told to return by the fiber that unwinds it. */
export class Sentinel {
  constructor(
    /**
     * Called by the Task at whose `yield*` the generator waits, right before it returns: from then on code of
     * the program runs.
     */
    public arrived: () => void
  ) {}
}

class Yielded extends Node {
  /**
   * JavaScriptCore (Safari, Bun) hands on no result as it is, as the specification says, but makes one of its
   * `value`; and a bare `yield` of a Task must be told from that.
   */
  get value(): Delegated {
    return new Delegated(this)
  }

  [Symbol.iterator](): this {
    return this
  }

  next(value: unknown): unknown {
    if (value === resumed) return answer
    // `yield*` always hands on something; a spread or a `for` loop does not, and would go on for ever.
    // biome-ignore lint/complexity/noArguments: rest parameters would allocate, and undefined is something, too
    if (arguments.length === 0)
      throw new TypeError('a Task is not iterable: take its value by `yield*` in Task.gen')
    return this
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
 * The Task at whose `yield*` a generator waits that has given `result`; undefined where it waits at a bare
 * `yield`, or has ended.
 */
export function delegated(result: unknown): Node | undefined {
  if (result instanceof Node) return result
  const { value } = result as IteratorResult<unknown, unknown>
  return value instanceof Delegated ? value.task : undefined
}

/**
 * Adds the iterator protocol to `Node` and returns `enter` unchanged, so that a bundle contains the protocol
 * exactly if it contains generators.
 */
export function takingYielded<F>(enter: F): F {
  addMethods(Node, Yielded)
  return enter
}
