/**
 * Runs one task after another. The functions are data-last, for
 * the `pipe` of fp-ts, and widen the error types by themselves.
 */
import { refuseFunction } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { fits, given, refuseArguments } from './checked.js'

/**
 * Continues with the task that `f` returns for the value. Any depth runs in constant stack.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Task } from 'aio-ts'
 *
 * const half = (n: number) => (n % 2 === 0 ? Task.succeed(n / 2) : Task.fail('odd' as const))
 * console.log(await runTask(pipe(half(6), Task.flatMap(half)))) // => { _tag: 'Left', left: 'odd' }
 * ```
 */
export const flatMap =
  <A, E2, B>(f: (a: A) => Task<E2, B>) =>
  <E>(self: Task<E, A>): Task<E | E2, B> =>
    typeof f === 'function' ? make(Op.FlatMap, self, f) : refuseFunction('flatMap', f)

const inner = <E, A>(value: Task<E, A>): Task<E, A> => given('flatten', value)

/** Runs the task that `self` succeeds with. */
export const flatten = <E, E2, A>(self: Task<E, Task<E2, A>>): Task<E | E2, A> =>
  isTask(self) ? make(Op.FlatMap, self, inner) : refuseArguments('flatten', self)

/**
 * Runs the task that `f` returns for the value, then succeeds
 * with the original value. Fails if that task fails.
 */
export const tap =
  <A, E2, B>(f: (a: A) => Task<E2, B>) =>
  <E>(self: Task<E, A>): Task<E | E2, A> =>
    fits(self, f)
      ? make(Op.FlatMap, self, (a: A) => make(Op.Map, given('tap', f(a)), () => a))
      : refuseArguments('tap', self, f)
