/** The AbortSignal of a fiber. */
import { succeed } from '../core/construct.js'
import type { Task } from '../core/node.js'
import type { AbortSignal } from '../data/host.js'
import { abortSignal } from '../runtime/interruption.js'
import { withFiber } from './current-fiber.js'

/**
 * Succeeds with a signal that aborts when the running fiber is interrupted,
 * for functions that take an `AbortSignal` and are used over several steps.
 */
export const signal: Task<never, AbortSignal> = /* @__PURE__ */ withFiber((fiber) =>
  succeed(abortSignal(fiber))
)
