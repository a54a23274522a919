/** Access to the fiber that runs a task. */
import { succeed } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import { make, Op, type Task } from '../core/node.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { asPublicFiber } from '../runtime/public-fiber.js'

/** Builds a task from the fiber that runs it. */
export const withFiber = <E, A>(f: (fiber: FiberState) => Task<E, A>): Task<E, A> => make(Op.Park, f)

/** Succeeds with the fiber that runs this task. */
export const currentFiber: Task<never, Fiber<unknown, unknown>> = /* @__PURE__ */ withFiber((fiber) =>
  succeed(asPublicFiber(fiber))
)
