/** Functions whose bodies are generators, defined once and called often. */

import { die } from '../core/construct.js'
import { type ErrorOf, make, Op, type RunWithin, type Task } from '../core/node.js'
import { installIterator } from '../core/yieldable.js'
import { checkFunction, expected } from '../data/check-input.js'
import type { StartOp } from '../runtime/continuation.js'
import { push } from '../runtime/frames.js'
import { enterGenerator, type GeneratorBody, runWithin } from './gen.js'

/**
 * Defines a function that runs the Tasks which its body yields, like `gen`. Write functions that are called
 * often with it: the body is one generator function, which the engine compiles once, where a `Task.gen` inside
 * of a function makes another one at each call. The arguments are those of the call, and each run of the
 * returned Task uses a fresh generator.
 *
 * With a `name`, the name appears in traces, dumps and the inspector, as if each Task were `named`. Failures,
 * interruption and `finally` blocks are those of `gen`. Corresponds to `Effect.fn`.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * const area = Task.fn('area', function* (width: number, height: number) {
 *   if (width < 0) yield* Task.fail('negative')
 *   return width * height
 * })
 * console.log(await runTask(area(3, 4))) // => { _tag: 'Right', right: 12 }
 * console.log(await runTask(area(-1, 4))) // => { _tag: 'Left', left: 'negative' }
 * ```
 */
export function fn<Args extends ReadonlyArray<any>, Y extends Task<any, any>, A>(
  name: string,
  body: (...args: Args) => Generator<Y, A, any>
): (...args: Args) => Task<ErrorOf<Y>, A>
export function fn<Args extends ReadonlyArray<any>, Y extends Task<any, any>, A>(
  body: (...args: Args) => Generator<Y, A, any>
): (...args: Args) => Task<ErrorOf<Y>, A>
export function fn(
  ...given: readonly [body: GeneratorBody] | readonly [name: string, body: GeneratorBody]
): (...args: ReadonlyArray<any>) => Task<any, any> {
  const [name, body] = given.length === 1 ? [undefined, given[0]] : given
  const wrong =
    name === undefined || typeof name === 'string'
      ? checkFunction('Task.fn', 'a generator function', body)
      : expected('Task.fn', 'a name and a generator function', name)
  if (wrong !== undefined) return () => die(wrong)
  installIterator()
  const start: StartOp<ReadonlyArray<any>> = (_fiber, node, frames, depth) => {
    if (name !== undefined) push(frames, depth, name, Op.Named)
    return enterGenerator('Task.fn', body, node.b, frames, name === undefined ? depth : depth + 2)
  }
  const within: RunWithin = (node) => runWithin(node, 'Task.fn', name, body, node.b as ReadonlyArray<any>)
  return (...args) => make(Op.Generate, start, args, within)
}
