/** A value that belongs to a fiber and the fibers it starts, such as the id of a request. */

import { succeed, sync } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import type { Task } from '../core/node.js'
import { describeValue, expected } from '../data/check-input.js'
import { showAsText, summary } from '../data/to-string.js'
import { extraOf, FiberState } from '../runtime/fiber-state.js'
import { withFiber } from '../task/current-fiber.js'
import { withLocal } from '../task/locals.js'

/**
 * A value that child fibers inherit: they see the value that was set at the place where they were started.
 */
export class FiberLocal<in out A> {
  /** Succeeds with the value that is set for the running fiber, or the initial value. */
  readonly get: Task<never, A>

  static make<A>(initial: A): Task<never, FiberLocal<A>> {
    return sync(() => new FiberLocal(initial))
  }

  constructor(private readonly initial: A) {
    this.get = withFiber((fiber) => succeed(valueIn(fiber, this, initial)))
    showAsText(FiberLocal.prototype)
  }

  /**
   * Returns the value that is set for `fiber` now, or the initial value. It is meant for
   * hooks, which do not run in a fiber. Throws a TypeError if `fiber` is not a Fiber.
   */
  of(fiber: Fiber<unknown, unknown>): A {
    return valueIn(stateOf('FiberLocal.of', fiber), this, this.initial)
  }

  /**
   * Sets the value in `fiber` and in the fibers that it starts. It is meant for a `fiberStarted` hook, from
   * which the value holds from the first turn on. If it is called later, the value holds until the innermost
   * `locally` in which the fiber runs, if any, ends. Throws a TypeError if `fiber` is not a Fiber.
   */
  setIn(fiber: Fiber<unknown, unknown>, value: A): void {
    const state = stateOf('FiberLocal.setIn', fiber)
    extraOf(state).locals = new Map(state.extra?.locals).set(this, { value })
  }

  toJSON(): unknown {
    return { _tag: 'FiberLocal' }
  }

  toString(): string {
    return summary('FiberLocal', undefined, `initially ${describeValue(this.initial)}`)
  }

  /** Sets the value within `self`, and restores the previous value afterwards, however `self` ends. */
  locally(value: A): <E, B>(self: Task<E, B>) => Task<E, B> {
    return (self) => withLocal(self, this, value)
  }
}

/** Returns the state of a fiber. Throws if it is not a Fiber. */
function stateOf(where: string, fiber: Fiber<unknown, unknown>): FiberState {
  const state: unknown = fiber
  if (state instanceof FiberState) return state
  throw expected(where, 'a Fiber', fiber)
}

/** Returns the value that `local` has in the fiber, or `initial` if none is set. */
function valueIn<A>({ extra }: FiberState, local: FiberLocal<A>, initial: A): A {
  const set = extra?.locals?.get(local)
  // SAFETY: only `locally` and `setIn` set it, with an `A`.
  return set === undefined ? initial : (set.value as A)
}
