/** Reads the time of the runtime's clock, for dates. */

import { succeed } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { hostDate } from '../runtime/host/clock.js'
import { withFiber } from './current-fiber.js'

/**
 * Succeeds with the milliseconds since 1970, from the `date()` of the runtime's clock
 * or, if it has none, its `now()`. It is meant for dates, and not for durations, because
 * the date of a computer may be set back. Under `runTest` it is virtual and starts at 0.
 *
 * ```ts
 * import { Task } from 'aio-ts'
 * import { runTest } from 'aio-ts/testing'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const later = pipe(
 *   Task.sleep(60_000),
 *   Task.flatMap(() => Task.now),
 *   Task.map((ms) => new Date(ms).toISOString())
 * )
 * const { exit } = await runTest(later)
 * console.log(exit) // => { _tag: 'Right', right: '1970-01-01T00:01:00.000Z' }
 * ```
 */
export const now: Task<never, number> = /* @__PURE__ */ withFiber(({ runtime: { clock } }) =>
  succeed(clock === undefined ? hostDate() : clock.date === undefined ? clock.now() : clock.date())
)
