/** A value that goes with the fiber, as a request's id does. */

import { succeed, sync } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import type { Task } from '../core/node.js'
import { describeValue, expected } from '../data/check-input.js'
import { summary, withInspect } from '../data/to-string.js'
import { extraOf, FiberState } from '../runtime/fiber-state.js'
import { withFiber } from '../task/current-fiber.js'
import { withLocal } from '../task/locals.js'

/**
 * A value that a fiber hands down to the fibers it starts: they see what was set where they were started.
 */
export class FiberLocal<in out A> {
  /** The value that is set here, or the initial one. */
  readonly get: Task<never, A>

  static make<A>(initial: A): Task<never, FiberLocal<A>> {
    return sync(() => new FiberLocal(initial))
  }

  constructor(private readonly initial: A) {
    this.get = withFiber((fiber) => succeed(valueIn(fiber, this, initial)))
  }

  /**
   * The value that is set where `fiber` is now, or the initial one: for hooks, which run in no fiber. Throws
   * a TypeError at what is no Fiber.
   */
  of(fiber: Fiber<unknown, unknown>): A {
    return valueIn(stateOf('FiberLocal.of', fiber), this, this.initial)
  }

  /**
   * Sets the value in `fiber` from its first turn on, and in the fibers that it starts: for a `fiberStarted`
   * hook. Later on it holds until the `locally` that the fiber is within, if any, comes to its end. Throws a
   * TypeError at what is no Fiber.
   */
  setIn(fiber: Fiber<unknown, unknown>, value: A): void {
    const state = stateOf('FiberLocal.setIn', fiber)
    extraOf(state).locals = new Map(state.extra?.locals).set(this, { value })
  }

  toJSON(): unknown {
    return { _tag: 'FiberLocal' }
  }

  toString(): string {
    return fiberLocalText('FiberLocal', undefined, `initially ${describeValue(this.initial)}`)
  }

  /** Sets the value within `self`, and puts it back after, however `self` ends. */
  locally(value: A): <E, B>(self: Task<E, B>) => Task<E, B> {
    return (self) => withLocal(self, this, value)
  }
}

const fiberLocalText = /* @__PURE__ */ withInspect(FiberLocal, summary)

/** The record of a fiber. Throws a TypeError if `fiber` is not a Fiber. */
function stateOf(where: string, fiber: Fiber<unknown, unknown>): FiberState {
  const state: unknown = fiber
  if (state instanceof FiberState) return state
  throw expected(where, 'a Fiber', fiber)
}

/** What `local` is set to where `fiber` is, or else `initial`. */
function valueIn<A>({ extra }: FiberState, local: FiberLocal<A>, initial: A): A {
  const set = extra?.locals?.get(local)
  // SAFETY: `locally` and `setIn` alone set it, with an `A`.
  return set === undefined ? initial : (set.value as A)
}
