/** Chance, as the runtime has it. */
import { succeed } from '../core/construct.js'
import type { Task } from '../core/node.js'
import { withFiber } from './current-fiber.js'

/**
 * A number from 0 up to 1, a new one each time it is run: by the `random` of the runtime, which is
 * `Math.random` where `makeRuntime` was given none, and under `runTest` draws from the seed. Not for secrets.
 * What `random` throws is a defect.
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
