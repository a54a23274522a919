/** Random numbers from the runtime. */
import { succeed } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { withFiber } from './current-fiber.js'

/**
 * Succeeds with a number from 0 (included) to 1, a new one each time the Task is run. It is from the `random`
 * of the runtime, which is `Math.random` unless `makeRuntime` was given another function; under `runTest` it
 * is derived from the seed. It is not suitable for secrets. An exception in `random` is a defect.
 *
 * ```ts
 * import { Task } from 'aio-ts'
 * import { runTest } from 'aio-ts/testing'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const die = pipe(Task.random, Task.map((x) => 1 + Math.floor(6 * x)))
 * const throwTwice = Task.all([die, die])
 * const runs = [await runTest(throwTwice, { seed: 1 }), await runTest(throwTwice, { seed: 1 })]
 * console.log(runs.map(({ exit }) => exit._tag === 'Right' && exit.right)) // => [ [ 3, 2 ], [ 3, 2 ] ]
 * ```
 */
export const random: Task<never, number> = /* @__PURE__ */ withFiber(({ runtime }) =>
  succeed(runtime.random())
)
