/** A value that goes with the fiber, as a request's id does. */
import { withFiber } from '../operations/fiber.js'
import { withLocal } from '../operations/regions.js'
import { succeed, sync } from '../task/construct.js'
import type { Task } from '../task/task.js'

/**
 * A value that a fiber hands down to the fibers it starts: they see what was set where they were started.
 */
export class FiberLocal<in out A> {
  /** The value that is set here, or the initial one. */
  readonly get: Task<never, A>

  static make<A>(initial: A): Task<never, FiberLocal<A>> {
    return sync(() => new FiberLocal(initial))
  }

  constructor(initial: A) {
    this.get = withFiber((fiber) => {
      const set = fiber.locals?.get(this)
      // Holds because `locally` alone sets it, with an `A`.
      return succeed(set === undefined ? initial : (set.value as A))
    })
  }

  /** Sets the value within `self`, and puts it back after, however `self` ends. */
  locally(value: A): <E, B>(self: Task<E, B>) => Task<E, B> {
    return (self) => withLocal(self, this, value)
  }
}
